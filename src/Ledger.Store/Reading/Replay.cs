using System.Globalization;
using System.Runtime.CompilerServices;
using Ledger.Domain.Common;
using Ledger.Domain.Pseudonyms;
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
)
{
    /// <summary>The tags of what is about it, facts of use aside.</summary>
    internal string[] Tags =>
        this switch
        {
            { Siret: { } siret, Agent: { } agent } => [Domain.ReadModels.Tags.Of(siret, agent)],
            { Siret: { } siret } => [Domain.ReadModels.Tags.Of(siret)],
            { Service: { } service } => [Domain.ReadModels.Tags.Of(service)],
            _ =>
            [
                .. (Dossier ?? []).Select(Domain.ReadModels.Tags.Dossier),
                .. (Allocataire ?? []).Select(Domain.ReadModels.Tags.File),
            ],
        };
}

/// <summary>The story of a file, an agent, a partner or a service.</summary>
public sealed partial class AccessHistory
{
    // Positions are found many at a time, events read few at a time: the first cost a search, the second memory.
    private const int PositionsAtOnce = 20_000;
    private const int EventsAtOnce = 250;

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
        for (var (next, more) = (fromPosition, true); more; )
        {
            var positions = await AboutAsync(of, next, toPosition, cancel);
            more = positions.Count == PositionsAtOnce;
            await foreach (var stored in EventsAsync(positions, cancel))
            {
                yield return stored;
            }

            next = more ? positions[^1] + 1 : next;
        }
    }

    /// <summary>The facts of use about it that took place between two instants, in the order of the log.</summary>
    public async IAsyncEnumerable<StoredEvent> UsedBetweenAsync(
        ReplayOf of,
        DateTimeOffset from,
        DateTimeOffset until,
        long known,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        await using var select = database.Source.CreateCommand();
        var where = UseOf(of, select, from, until) ?? "true";
        select.CommandText = $"""
            select u.position from ledger.usage u
            where u.occurred_at >= {P(select, from.UtcDateTime)} and u.occurred_at < {P(select, until.UtcDateTime)}
              and u.position <= {P(select, known)} and {where}
            order by u.position
            """;
        await foreach (var stored in EventsAsync(await PositionsAsync(select, cancel), cancel))
        {
            yield return stored;
        }
    }

    private async IAsyncEnumerable<StoredEvent> EventsAsync(
        List<long> positions,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        foreach (var some in positions.Chunk(EventsAtOnce))
        {
            foreach (var stored in await database.EventsAtAsync(some, cancel))
            {
                yield return stored;
            }
        }
    }

    private async Task<List<long>> AboutAsync(ReplayOf of, long from, long to, CancellationToken cancel)
    {
        await using var select = database.Source.CreateCommand();
        var (first, last) = (P(select, from), P(select, to));
        var limit = PositionsAtOnce.ToString(CultureInfo.InvariantCulture);
        var tagged = $"""
            (select position from ledger.event_tag
             where tag = any({P(select, of.Tags)}) and position >= {first} and position <= {last}
             order by position limit {limit})
            """;
        var used = UseOf(of, select, LegalTime.Earliest, LegalTime.Latest) is { } where
            ? $"""
                union
                (select u.position from ledger.usage u
                 where {where} and u.position >= {first} and u.position <= {last} order by u.position limit {limit})
                """
            : string.Empty;
        select.CommandText = $"{tagged} {used} order by position limit {limit}";
        return await PositionsAsync(select, cancel);
    }

    // The condition that picks facts of use; null for what has none.
    private static string? UseOf(ReplayOf of, NpgsqlCommand select, DateTimeOffset from, DateTimeOffset until)
    {
        switch (of)
        {
            case { Siret: { } siret, Agent: { } agent }:
                return $"u.siret = {P(select, siret.Value)} and u.agent = {P(select, agent.Value)}";
            case { Siret: { } siret }:
                return $"u.siret = {P(select, siret.Value)}";
            case { Service: { } service }:
                return $"u.service = {P(select, service.Value)}";
            case { Allocataire: { } allocataire }:
                var keys = KeysOf(allocataire, from, until);
                var (epochs, files) = (
                    P(select, keys.ConvertAll(k => k.Epoch).ToArray()),
                    P(select, keys.ConvertAll(k => k.Allocataire).ToArray())
                );
                return $"(u.epoch, u.allocataire) in (select * from unnest({epochs}::int[], {files}::bytea[]))";
            default:
                return null;
        }
    }

    private static string P(NpgsqlCommand command, object value)
    {
        command.Parameters.Add(new() { Value = value });
        return $"${command.Parameters.Count}";
    }
}
