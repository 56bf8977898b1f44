using System.Buffers.Text;
using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;
using Ledger.Domain.Pseudonyms;
using Ledger.Domain.Rights;
using Ledger.Store.Pseudonyms;

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
        scope = await SealedAsync(scope, cancel);
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
        var unchanged = new UnchangedRights(known.Then, keys);
        for (Cursor? after = Cursor.Parse(paging.After); after is { } place; )
        {
            var rows = await RowsAsync(scope, known.At, place, cancel);
            foreach (var some in (await unchanged.NotCoveredAsync(rows, cancel)).Chunk(JudgedAtOnce))
            {
                var facts = await FactsAsync(some.Select(r => r.Position), cancel);
                kept.AddRange(
                    (await JudgeAsync([.. some.Select(r => facts[r.Position])], known.Then, cancel)).Where(c =>
                        IsWanted(c, filter) && also?.Invoke(c) != false
                    )
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
            .First("u.position, u.occurred_at, u.habilitation, u.authorised, u.allocataire", RowsAtOnce);
        return await select.RowsAsync(
            r => new UsedRight(r.GetInt64(0), r.Instant(1), r.Text(2), r.GetBoolean(3), r.GetFieldValue<byte[]>(4)),
            cancel
        );
    }

    private static bool IsWanted(ConsultationFound c, VerdictFilter filter) =>
        filter switch
        {
            VerdictFilter.Then => !c.Event.Verdict.Authorised,
            VerdictFilter.Now => c.IsIrregular,
            VerdictFilter.Differing => c.Differs,
            _ => !c.Event.Verdict.Authorised || c.IsIrregular,
        };

    // A consultation, as far as the index tells it.
    private sealed record UsedRight(
        long Position,
        DateTimeOffset OccurredAt,
        string? Habilitation,
        bool Authorised,
        byte[] File
    )
    {
        public Pseudonym Allocataire => Pseudonym.In(OccurredAt, Base64Url.EncodeToString(File));
    }

    // Tells of a use that was authorised whether it surely still is: its right is effective at that moment, and covers
    // whatever it ever covered, and the file never came from elsewhere. The rest has to be judged.
    private sealed class UnchangedRights(Knowledge known, IMonthKeys keys)
    {
        private readonly Dictionary<string, (IReadOnlyList<RightSegment>? Segments, bool Moves)> _whole = [];

        public async Task<List<UsedRight>> NotCoveredAsync(List<UsedRight> uses, CancellationToken cancel)
        {
            var covered = uses.FindAll(u => u.Authorised && Covers(u));
            var months = await keys.OfAsync(covered.Where(Moves).Select(u => LegalTime.EpochOf(u.OccurredAt)), cancel);
            var sure = covered.Where(u => !Moves(u) || StayedPut(months.Behind(u.Allocataire))).ToHashSet();
            return uses.FindAll(u => !sure.Contains(u));
        }

        private bool StayedPut(string? dossier) =>
            dossier is not null && known.Dossiers.MutationsAround(dossier).Count == 0;

        private bool Moves(UsedRight use) => _whole[use.Habilitation!].Moves;

        private bool Covers(UsedRight use)
        {
            if (use.Habilitation is not { } id)
            {
                return false;
            }

            if (!_whole.TryGetValue(id, out var whole))
            {
                _whole[id] = whole = WholeOf(HabilitationId.Parse(id));
            }

            return whole.Segments is not null && RightTimeline.At(whole.Segments, use.OccurredAt).IsEffective;
        }

        // The right over time, where it can only be all of what was granted, or nothing; and whether anybody is known to
        // have come to its Caf or left it.
        private (IReadOnlyList<RightSegment>? Segments, bool Moves) WholeOf(HabilitationId id)
        {
            if (
                !known.TryFind(id, out var habilitation) || habilitation.Facts.Any(f => f.Event is HabilitationModified)
            )
            {
                return default;
            }

            var segments = known.RightsOf(habilitation);
            return
                !known.HasProgrammes(habilitation)
                && segments.All(s =>
                    !s.IsEffective || (s.Cover.IsWhole && s.Purposes.Count == habilitation.Granted.Purposes.Count)
                )
                ? (segments, known.Dossiers.HasMutations(known.Require(habilitation.Granted.Convention).Convention.Caf))
                : default;
        }
    }
}
