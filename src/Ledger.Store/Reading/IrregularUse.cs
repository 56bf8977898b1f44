using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;
using Ledger.Domain.Rights;

namespace Ledger.Store.Reading;

/// <summary>
/// The consultations that were or are irregular. As known then is written with them; as known now may differ only where
/// the right is no longer what it was, and only those are read and judged again.
/// </summary>
public sealed partial class AccessHistory
{
    private const int RowsAtOnce = 4000;
    private const int JudgedAtOnce = 200;

    /// <summary>
    /// The consultations of a scope that were or are irregular, in the order in which they took place.
    /// </summary>
    /// <param name="scope">Which.</param>
    /// <param name="filter">Which verdicts.</param>
    /// <param name="also">What else must be true of them; null for nothing.</param>
    /// <param name="known">With what is known.</param>
    /// <param name="paging">Which page.</param>
    /// <param name="cancel">Stops.</param>
    public async Task<Page<ConsultationFound>> IrregularAsync(
        UsageScope scope,
        VerdictFilter filter,
        Func<ConsultationFound, bool>? also,
        Snapshot known,
        Paging paging,
        CancellationToken cancel
    )
    {
        if (filter == VerdictFilter.Then && also is null)
        {
            await using var then = new UsageSelect(database, scope, known.At)
                .Where(UsageSelect.IsConsultation)
                .Where("not u.authorised")
                .After(Cursor.Parse(paging.After))
                .First(UsageFound.Columns, paging.Size + 1);
            return await JudgedPageAsync(await then.RowsAsync(UsageFound.Read, cancel), paging, known.Then, cancel);
        }

        var kept = new List<ConsultationFound>();
        var unchanged = new UnchangedRights(known.Then);
        for (Cursor? after = Cursor.Parse(paging.After); after is { } place; )
        {
            var rows = await RowsAsync(scope, known.At, place, cancel);
            foreach (var some in rows.Where(r => !r.Authorised || !unchanged.Cover(r)).Chunk(JudgedAtOnce))
            {
                var facts = await FactsAsync(some.Select(r => r.Position), cancel);
                kept.AddRange(
                    Judge(some.Select(r => facts[r.Position]), known.Then)
                        .Where(c => IsWanted(c, filter) && also?.Invoke(c) != false)
                );
                if (kept.Count > paging.Size)
                {
                    var last = kept[paging.Size - 1];
                    return new Page<ConsultationFound>(
                        kept[..paging.Size],
                        new Cursor(last.Event.OccurredAt, last.Fact.Position).ToString()
                    );
                }
            }

            after = rows.Count < RowsAtOnce ? null : new Cursor(rows[^1].OccurredAt, rows[^1].Position);
        }

        return new Page<ConsultationFound>(kept, null);
    }

    private async Task<List<UsedRight>> RowsAsync(UsageScope scope, long known, Cursor after, CancellationToken cancel)
    {
        await using var select = new UsageSelect(database, scope, known)
            .Where(UsageSelect.IsConsultation)
            .After(after)
            .First("u.position, u.occurred_at, u.habilitation, u.authorised", RowsAtOnce);
        return await select.RowsAsync(
            r => new UsedRight(r.GetInt64(0), r.Instant(1), r.Text(2), r.GetBoolean(3)),
            cancel
        );
    }

    private static bool IsWanted(ConsultationFound c, VerdictFilter filter) =>
        filter switch
        {
            VerdictFilter.Then => !c.Event.Verdict.Authorised,
            VerdictFilter.Now => c.AsKnownAt.IsIrregular,
            VerdictFilter.Differing => c.Differs,
            _ => !c.Event.Verdict.Authorised || c.AsKnownAt.IsIrregular,
        };

    // A consultation, as far as the index tells it.
    private sealed record UsedRight(long Position, DateTimeOffset OccurredAt, string? Habilitation, bool Authorised);

    // Tells of a use that was authorised whether it surely still is: its right is effective at that moment, and covers
    // whatever it ever covered. The rest has to be judged.
    private sealed class UnchangedRights(Knowledge known)
    {
        private readonly Dictionary<string, IReadOnlyList<RightSegment>?> _whole = [];

        public bool Cover(UsedRight use)
        {
            if (use.Habilitation is not { } id)
            {
                return false;
            }

            if (!_whole.TryGetValue(id, out var segments))
            {
                _whole[id] = segments = WholeOf(HabilitationId.Parse(id));
            }

            return segments is not null && RightTimeline.At(segments, use.OccurredAt).IsEffective;
        }

        // The right over time, where it can only be all of what was granted, or nothing.
        private IReadOnlyList<RightSegment>? WholeOf(HabilitationId id)
        {
            if (
                !known.TryFind(id, out var habilitation) || habilitation.Facts.Any(f => f.Event is HabilitationModified)
            )
            {
                return null;
            }

            var segments = known.RightsOf(habilitation);
            var automata = known.HasProgrammes(habilitation);
            return
                !automata
                && !known.Dossiers.HasMutations(known.Require(habilitation.Granted.Convention).Convention.Caf)
                && segments.All(s =>
                    !s.IsEffective || (s.Cover.IsWhole && s.Purposes.Count == habilitation.Granted.Purposes.Count)
                )
                ? segments
                : null;
        }
    }
}
