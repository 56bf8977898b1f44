using System.Runtime.CompilerServices;
using Ledger.Domain.Common;
using Ledger.Domain.ReadModels;
using Npgsql;

namespace Ledger.Store.Reading;

/// <summary>What a story is about: a file, an agent, a partner or a service.</summary>
/// <param name="Dossier">The file, by its pseudonym under the key of dossiers.</param>
/// <param name="Allocataire">The file, by its pseudonyms under the keys of the months.</param>
/// <param name="Siret">The partner.</param>
/// <param name="Agent">Its agent.</param>
/// <param name="Service">The service.</param>
public sealed record ReplayOf(
    IReadOnlyList<string>? Dossier = null,
    IReadOnlyList<Pseudonym>? Allocataire = null,
    Siret? Siret = null,
    AgentId? Agent = null,
    ServiceCode? Service = null
);

/// <summary>The story of a file, an agent, a partner or a service.</summary>
public sealed partial class AccessHistory
{
    private const int Chunk = 500;

    /// <summary>
    /// What was learnt about it from one position to another, in the order of the log: rights and use interleaved.
    /// </summary>
    public async IAsyncEnumerable<StoredEvent> ReplayAsync(
        ReplayOf of,
        long fromPosition,
        long toPosition,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        var tags = of switch
        {
            { Siret: { } siret, Agent: { } agent } => [Tags.Of(siret, agent)],
            { Siret: { } siret } => [Tags.Of(siret)],
            { Service: { } service } => [Tags.Of(service)],
            _ => (of.Dossier ?? []).Select(Tags.Dossier).ToArray(),
        };
        var months = MonthsOf(of.Allocataire ?? [], LegalTime.Earliest, DateTimeOffset.MaxValue);
        while (true)
        {
            await using var select = database.Source.CreateCommand(
                $"""
                (select position from ledger.event_tag
                 where tag = any($1) and position >= $2 and position <= $3 order by position limit {Chunk})
                union
                (select position from ledger.usage
                 where $4::text is not null and siret = $4 and ($5::text is null or agent = $5) and position >= $2 and position <= $3 order by position limit {Chunk})
                union
                (select position from ledger.usage
                 where $6::text is not null and service = $6 and position >= $2 and position <= $3 order by position limit {Chunk})
                union
                (select u.position from unnest($7::bytea[], $8::timestamptz[], $9::timestamptz[]) month (allocataire, begins, ends), lateral
                 (select position from ledger.usage where allocataire = month.allocataire and occurred_at >= month.begins and occurred_at < month.ends offset 0) u
                 where u.position >= $2 and u.position <= $3 order by u.position limit {Chunk})
                order by position limit {Chunk}
                """
            );
            select.Parameters.AddRange(
                new NpgsqlParameter[]
                {
                    new() { Value = tags },
                    new() { Value = fromPosition },
                    new() { Value = toPosition },
                    Text(of.Siret?.Value),
                    Text(of.Agent?.Value),
                    Text(of.Service?.Value),
                    new() { Value = months.ConvertAll(m => m.Pseudonym).ToArray() },
                    new() { Value = months.ConvertAll(m => m.From.UtcDateTime).ToArray() },
                    new() { Value = months.ConvertAll(m => m.Until.UtcDateTime).ToArray() },
                }
            );
            var events = await database.EventsAtAsync(await PositionsAsync(select, cancel), cancel);
            foreach (var stored in events)
            {
                yield return stored;
            }

            if (events.Count < Chunk)
            {
                yield break;
            }

            fromPosition = events[^1].Fact.Position + 1;
        }
    }
}
