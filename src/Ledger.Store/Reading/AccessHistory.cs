using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;
using Ledger.Domain.Rights;
using Ledger.Store.Appending;
using Ledger.Store.Knowing;
using Ledger.Store.Pseudonyms;
using Ledger.Store.Schema;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store.Reading;

/// <summary>
/// Who could, who did, and how it came to be. A question takes one snapshot and keeps it to its end, and holds one
/// connection at a time.
/// </summary>
public sealed partial class AccessHistory(LedgerDatabase database, Replica replica, IMonthKeys keys)
{
    /// <summary>The last position that is recorded: -1 for none.</summary>
    public async Task<long> LastPositionAsync(CancellationToken cancel) =>
        (await LastLeafRow.ReadAsync(database.Source, cancel)).Position;

    /// <summary>
    /// The last position, and how far the log's time runs ahead of the clock, as after a clock that ran ahead; zero
    /// where it does not.
    /// </summary>
    public async Task<(long Position, TimeSpan Ahead)> EndAsync(CancellationToken cancel)
    {
        var last = await LastLeafRow.ReadAsync(database.Source, cancel);
        return (last.Position, last.RecordedAt > last.Clock ? last.RecordedAt - last.Clock : TimeSpan.Zero);
    }

    /// <summary>The last position recorded at or before an instant: -1 for none.</summary>
    public async Task<long> PositionAtAsync(DateTimeOffset instant, CancellationToken cancel)
    {
        await using var select = database.Source.CreateCommand("select ledger.position_at($1)");
        select.Parameters.Add(new() { Value = instant.UtcDateTime });
        return (long)(await select.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>What is known, at a position or now.</summary>
    /// <exception cref="InvalidFieldException">Nothing is recorded at that position.</exception>
    public async Task<Snapshot> SnapshotAsync(long? position, CancellationToken cancel)
    {
        var last = await LastLeafRow.ReadAsync(database.Source, cancel);
        if (position < -1 || position > last.Position)
        {
            throw new InvalidFieldException("asking.known_at.position", "Nothing is recorded at that position.");
        }

        var latest = await replica.AtLeastAsync(last, cancel);
        var at = position ?? last.Position;
        return new Snapshot(latest, replica.AsKnownAt(latest, at), at);
    }

    /// <summary>What was known at an instant.</summary>
    /// <exception cref="InvalidFieldException">The instant is not yet past: what is known then may still
    /// change.</exception>
    public async Task<Snapshot> SnapshotAtAsync(DateTimeOffset instant, CancellationToken cancel)
    {
        var until = await SettledUntil.ReadAsync(database.Source, cancel);
        return instant < until
            ? await SnapshotAsync(await PositionAtAsync(instant, cancel), cancel)
            : throw new InvalidFieldException(
                "asking.known_at.instant",
                "What is known at an instant is told once that instant is past."
            );
    }

    /// <summary>Consultations, judged with what is known at a position.</summary>
    /// <exception cref="KeyUnavailableException">The key of a month is missing, or is another.</exception>
    public async Task<List<ConsultationFound>> JudgeAsync(
        IReadOnlyCollection<Fact> consultations,
        Knowledge known,
        CancellationToken cancel
    )
    {
        var months = await keys.OfAsync(
            consultations.Select(f => ((ConsultationRecorded)f.Event).Allocataire.Epoch),
            cancel
        );
        return [.. consultations.Select(fact => Judged(fact, months, known))];
    }

    /// <summary>The rights of an agent over time, each with the segments of the one pure function.</summary>
    public static IReadOnlyList<(Habilitation Habilitation, IReadOnlyList<RightSegment> Segments)> Rights(
        Siret siret,
        AgentId agent,
        Knowledge known
    ) => [.. known.Of(siret, agent).Select(h => (h, known.RightsOf(h)))];

    private static ConsultationFound Judged(Fact fact, OpenMonths months, Knowledge known)
    {
        var c = (ConsultationRecorded)fact.Event;
        var dossier = months.Behind(c.Allocataire);
        var now = Judgement.Of(Use.Of(c, dossier), known);
        var rectified = known.RectifiedBy(fact.Position);
        var learnt = now
            .Because.Where(position => position > c.Verdict.KnownTo)
            .Concat(rectified is { } by ? [by] : [])
            .Select(known.FactAt)
            .OfType<Fact>()
            .ToList();
        return new ConsultationFound(
            fact,
            now,
            learnt,
            dossier,
            months.At(c.OccurredAt),
            rectified is { } position ? known.FactAt(position) : null
        );
    }

    private async Task<Page<ConsultationFound>> JudgedPageAsync(
        List<UsageFound> found,
        Paging paging,
        Knowledge known,
        CancellationToken cancel
    )
    {
        var page = found.Take(paging.Size).ToList();
        var facts = await FactsAsync(page.Select(f => f.Position), cancel);
        return new Page<ConsultationFound>(
            await JudgeAsync([.. page.Select(f => facts[f.Position])], known, cancel),
            found.Count > paging.Size ? page[^1].Place.ToString() : null
        );
    }

    private async Task<Dictionary<long, Fact>> FactsAsync(IEnumerable<long> positions, CancellationToken cancel) =>
        (await database.EventsAtAsync([.. positions], cancel)).ToDictionary(e => e.Fact.Position, e => e.Fact);

    private static Task<List<long>> PositionsAsync(NpgsqlCommand select, CancellationToken cancel) =>
        select.RowsAsync(r => r.GetInt64(0), cancel);

    private static NpgsqlParameter Text(string? value) =>
        new() { Value = value ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}
