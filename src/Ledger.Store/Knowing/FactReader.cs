using System.Globalization;
using Ledger.Domain.Knowing;
using Ledger.Domain.ReadModels;
using Ledger.Store.Reading;
using Npgsql;

namespace Ledger.Store.Knowing;

/// <summary>Reads the events that bear on rights, in the order in which they were learnt.</summary>
internal static class FactReader
{
    private const int Chunk = 5000;

    /// <summary>Learns what was recorded after what is known, up to a position.</summary>
    /// <param name="known">What is known.</param>
    /// <param name="connection">Where to read.</param>
    /// <param name="transaction">In which transaction; null for none.</param>
    /// <param name="upTo">The last position.</param>
    /// <param name="most">The most facts to read; null for any number.</param>
    /// <param name="cancel">Stops.</param>
    /// <returns>What is known then; null where there were more facts.</returns>
    public static async Task<Knowledge?> CatchUpAsync(
        Knowledge known,
        NpgsqlConnection connection,
        NpgsqlTransaction? transaction,
        long upTo,
        int? most,
        CancellationToken cancel
    )
    {
        for (var read = 0; known.Position < upTo; )
        {
            var limit = Math.Min(Chunk, (most ?? int.MaxValue - 1) + 1 - read);
            var facts = await FactsAsync(connection, transaction, known.Position, upTo, limit, cancel);
            read += facts.Count;
            if (read > most)
            {
                return null;
            }

            known = facts.Aggregate(known, (before, stored) => before.Learn(stored.Fact).Known);
            if (facts.Count < limit)
            {
                return known;
            }
        }

        return known;
    }

    private static async Task<List<StoredEvent>> FactsAsync(
        NpgsqlConnection connection,
        NpgsqlTransaction? transaction,
        long after,
        long upTo,
        int limit,
        CancellationToken cancel
    )
    {
        await using var select = new NpgsqlCommand(
            $"""
            select e.* from ledger.event_tag t join ledger.stored_event e on e.position = t.position
            where t.tag = $1 and t.position > $2 and t.position <= $3
            order by t.position limit {limit.ToString(CultureInfo.InvariantCulture)}
            """,
            connection,
            transaction
        );
        select.Parameters.Add(new() { Value = Tags.Knowledge });
        select.Parameters.Add(new() { Value = after });
        select.Parameters.Add(new() { Value = upTo });
        return await LogReader.ReadEventsAsync(select, cancel);
    }
}
