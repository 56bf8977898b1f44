using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Rights;
using Ledger.Store.Schema;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store.Reading;

/// <summary>A right that held at the moment asked about.</summary>
/// <param name="Habilitation">Which right.</param>
/// <param name="Agent">Whose.</param>
/// <param name="Siret">At which partner.</param>
/// <param name="Service">To which service.</param>
/// <param name="Profil">In which profile.</param>
/// <param name="Purposes">For what.</param>
/// <param name="From">Since when it holds; null for always.</param>
/// <param name="Until">Up to when; null for ever.</param>
/// <param name="Because">The positions of the events that justify it.</param>
public sealed record AccessRight(
    string Habilitation, string Agent, string Siret, string Service, string Profil, IReadOnlyList<string> Purposes,
    DateTimeOffset? From, DateTimeOffset? Until, IReadOnlyList<long> Because);

/// <summary>A consultation with what was thought of it then, and what is thought of it with what is known at the moment asked about.</summary>
/// <param name="Fact">The event, with its place in the log.</param>
/// <param name="AsKnownAt">The verdict with later knowledge.</param>
public sealed record ConsultationFound(Fact Fact, Verdict AsKnownAt)
{
    /// <summary>The consultation; its own verdict is as known then.</summary>
    public ConsultationRecorded Event => (ConsultationRecorded)Fact.Event;
}

/// <summary>A page of an answer, and the key that the next one begins after.</summary>
/// <param name="Items">In a stable order.</param>
/// <param name="Next">Null on the last page.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Who could, who did, and how it came to be. Every question takes the position up to which the ledger may know.</summary>
public sealed class AccessHistory(LedgerDatabase database)
{
    /// <summary>The last position that is recorded: -1 for none.</summary>
    public async Task<long> LastPositionAsync(CancellationToken cancel)
    {
        await using var select = database.Source.CreateCommand("select size - 1 from ledger.ledger_head");
        return (long)(await select.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>The last position recorded at or before an instant: -1 for none.</summary>
    public async Task<long> PositionAtAsync(DateTimeOffset instant, CancellationToken cancel)
    {
        await using var select = database.Source.CreateCommand("select ledger.position_at($1)");
        select.Parameters.Add(new() { Value = instant.UtcDateTime });
        return (long)(await select.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>The rights that covered the files of a Caf at an instant, by partner, agent and habilitation.</summary>
    public async Task<Page<AccessRight>> WhoCouldAsync(
        CafCode caf, DateTimeOffset at, long known, ServiceCode? service, int pageSize, string? after, CancellationToken cancel)
    {
        await using var select = database.Source.CreateCommand(
            """
            select habilitation, agent, siret, service, profil, purposes, valid, because from ledger.access_right
            where caf = $1 and valid @> $2 and known @> $3 and ($4::text is null or service = $4)
              and ($5::text is null or (siret || '/' || agent || '/' || habilitation) collate "C" > $5)
            order by (siret || '/' || agent || '/' || habilitation) collate "C" limit $6
            """);
        select.Parameters.AddRange(new NpgsqlParameter[]
        {
            new() { Value = caf.Value }, new() { Value = at.UtcDateTime }, new() { Value = known },
            Text(service?.Value), Text(after), new() { Value = pageSize + 1 },
        });
        var rights = new List<AccessRight>();
        await using var reader = await select.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var valid = reader.GetFieldValue<NpgsqlRange<DateTime>>(6);
            rights.Add(new AccessRight(
                reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4),
                reader.GetFieldValue<string[]>(5),
                valid.LowerBoundInfinite ? null : new DateTimeOffset(valid.LowerBound, TimeSpan.Zero),
                valid.UpperBoundInfinite ? null : new DateTimeOffset(valid.UpperBound, TimeSpan.Zero),
                reader.GetFieldValue<long[]>(7)));
        }

        return Cut(rights, pageSize, r => $"{r.Siret}/{r.Agent}/{r.Habilitation}");
    }

    /// <summary>The consultations of a file between two instants, in the order in which they took place, each with both verdicts.</summary>
    public async Task<Page<ConsultationFound>> WhoDidAsync(
        IReadOnlyList<Pseudonym> allocataire, DateTimeOffset from, DateTimeOffset until, long known, int pageSize, string? after, CancellationToken cancel)
    {
        var (afterInstant, afterPosition) = Cursor(after);
        await using var select = database.Source.CreateCommand(
            """
            select position from ledger.consultation
            where allocataire = any($1) and occurred_at >= $2 and occurred_at < $3 and position <= $4 and (occurred_at, position) > ($5, $6)
            order by occurred_at, position limit $7
            """);
        select.Parameters.AddRange(new NpgsqlParameter[]
        {
            new() { Value = allocataire.Select(p => Convert.FromBase64String(p.Value)).ToArray() },
            new() { Value = from.UtcDateTime }, new() { Value = until.UtcDateTime }, new() { Value = known },
            new() { Value = afterInstant.UtcDateTime }, new() { Value = afterPosition }, new() { Value = pageSize + 1 },
        });
        var positions = await PositionsAsync(select, cancel);
        var facts = (await database.EventsAtAsync(positions, cancel)).ToDictionary(e => e.Fact.Position, e => e.Fact);
        return Cut(await JudgeAsync(positions.ConvertAll(p => facts[p]), known, cancel), pageSize, c => $"{c.Event.OccurredAt.UtcTicks}/{c.Fact.Position}");
    }

    /// <summary>Consultations, judged with what is known at a position.</summary>
    public async Task<List<ConsultationFound>> JudgeAsync(IReadOnlyList<Fact> consultations, long known, CancellationToken cancel)
    {
        var uses = consultations.Select(f => Use.Of((ConsultationRecorded)f.Event)).ToList();
        var knowledge = await KnowledgeAsync([.. uses.Select(u => u.Siret.Value).Distinct()], [.. uses.Select(u => u.Claimed?.Value).OfType<string>().Distinct()], known, cancel);
        var rights = new Dictionary<Habilitation, IReadOnlyList<RightSegment>>();
        return [.. consultations.Zip(uses, (fact, use) => new ConsultationFound(fact, Judgement.Of(use, knowledge, (partenariat, habilitation) =>
            rights.TryGetValue(habilitation, out var kept) ? kept : rights[habilitation] = RightTimeline.Of(partenariat, habilitation))))];
    }

    /// <summary>The rights of an agent over time, each with the segments of the one pure function.</summary>
    public async Task<IReadOnlyList<(Habilitation Habilitation, IReadOnlyList<RightSegment> Segments)>> RightsAsync(
        Siret siret, AgentId agent, long known, CancellationToken cancel)
    {
        var knowledge = await KnowledgeAsync([siret.Value], [], known, cancel);
        return [.. knowledge.Of(siret, agent).Select(h => (h, RightTimeline.Of(knowledge.Require(h.Granted.Convention), h)))];
    }

    /// <summary>What happened to an agent, or at a partner, in the order in which it was learnt: rights and consultations interleaved.</summary>
    public async IAsyncEnumerable<StoredEvent> ReplayAsync(
        Siret siret, AgentId? agent, long fromPosition, long known, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        const int chunk = 500;
        while (true)
        {
            await using var select = database.Source.CreateCommand(
                """
                (select position from ledger.governance_fact
                 where siret = $1 and ($2::text is null or agent = $2) and position >= $3 and position <= $4 order by position limit $5)
                union all
                (select position from ledger.consultation
                 where siret = $1 and ($2::text is null or agent = $2) and position >= $3 and position <= $4 order by position limit $5)
                order by position limit $5
                """);
            select.Parameters.AddRange(new NpgsqlParameter[]
            {
                new() { Value = siret.Value }, Text(agent?.Value), new() { Value = fromPosition }, new() { Value = known }, new() { Value = chunk },
            });
            var events = await database.EventsAtAsync(await PositionsAsync(select, cancel), cancel);
            foreach (var stored in events)
            {
                yield return stored;
            }

            if (events.Count < chunk)
            {
                yield break;
            }

            fromPosition = events[^1].Fact.Position + 1;
        }
    }

    private static NpgsqlParameter Text(string? value) => new() { Value = value ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static Page<T> Cut<T>(List<T> found, int pageSize, Func<T, string> key) => found.Count <= pageSize
        ? new Page<T>(found, null)
        : new Page<T>(found[..pageSize], key(found[pageSize - 1]));

    private static (DateTimeOffset Instant, long Position) Cursor(string? after)
    {
        if (after is null)
        {
            return (LegalTime.Earliest.AddYears(-1), -1);
        }

        return after.Split('/') is [var ticks, var position] && long.TryParse(ticks, out var t) && long.TryParse(position, out var p)
            && t >= DateTimeOffset.MinValue.Ticks && t <= DateTimeOffset.MaxValue.Ticks
            ? (new DateTimeOffset(t, TimeSpan.Zero), p)
            : throw new InvalidFieldException("page_token", "The page token is not one that this ledger gave.");
    }

    private static async Task<List<long>> PositionsAsync(NpgsqlCommand select, CancellationToken cancel)
    {
        var positions = new List<long>();
        await using var reader = await select.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            positions.Add(reader.GetInt64(0));
        }

        return positions;
    }

    // A claimed habilitation may be another partner's: its partner's facts are read too, so that the judgement is the writer's.
    private async Task<Knowledge> KnowledgeAsync(List<string> sirets, string[] claimed, long known, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        if (claimed.Length > 0)
        {
            await using var select = new NpgsqlCommand("select distinct siret from ledger.governance_fact where habilitation = any($1)", connection);
            select.Parameters.Add(new() { Value = claimed });
            await using var reader = await select.ExecuteReaderAsync(cancel);
            while (await reader.ReadAsync(cancel))
            {
                sirets.Add(reader.GetString(0));
            }
        }

        return Knowledge.Of(await FactReader.ReadAsync(connection, null, sirets, -1, known, cancel));
    }
}
