using System.Globalization;
using Ledger.Domain.ReadModels;
using Ledger.Integrity;
using Ledger.Store.Appending;
using Ledger.Store.Reading;
using Ledger.Store.Schema;
using Npgsql;

namespace Ledger.Store.Knowing;

/// <summary>Reads the events that bear on rights, in the order in which they were learnt.</summary>
/// <param name="connection">Where to read.</param>
/// <param name="transaction">In which transaction; null for none.</param>
internal sealed class FactReader(NpgsqlConnection connection, NpgsqlTransaction? transaction)
{
    private const int Chunk = 1000;

    /// <summary>Whether the log has the last fact of what is known, and so everything before it.</summary>
    public async Task<bool> SaysAsync(KnownTo known, CancellationToken cancel)
    {
        if (known.Position < 0)
        {
            return true;
        }

        await using var select = new NpgsqlCommand(
            "select leaf_hash from ledger.ledger_leaf where position = $1",
            connection,
            transaction
        );
        select.Parameters.Add(new() { Value = known.Position });
        return await select.ExecuteScalarAsync(cancel) is byte[] leaf && new Hash256(leaf) == known.Leaf;
    }

    /// <summary>Learns what was recorded after what is known, up to the end of the log.</summary>
    /// <param name="known">What is known, and what the log says.</param>
    /// <param name="last">The end.</param>
    /// <param name="most">The most facts to read; null for any number.</param>
    /// <param name="cancel">Stops.</param>
    /// <returns>What is known then; null where there were more facts.</returns>
    /// <exception cref="LedgerStateException">The facts that are found end before the log says.</exception>
    public async Task<KnownTo?> CatchUpAsync(KnownTo known, LastLeafRow last, int? most, CancellationToken cancel)
    {
        var (learnt, read, limit, found) = (known.Known, 0, 0, 0);
        while (learnt.Position < last.GovernancePosition && found == limit)
        {
            limit = Math.Min(Chunk, (most ?? int.MaxValue - 1) + 1 - read);
            var facts = await FactsAsync(learnt.Position, last.GovernancePosition, limit, cancel);
            (found, read) = (facts.Count, read + facts.Count);
            if (read > most)
            {
                return null;
            }

            learnt = facts.Aggregate(learnt, (before, stored) => before.Learn(stored.Fact).Known);
        }

        return learnt.Position == last.GovernancePosition
            ? new KnownTo(learnt, last.GovernanceLeaf)
            : throw new LedgerStateException(
                $"The last fact that bears on rights is at position {last.GovernancePosition}, and the read models "
                    + $"lead no further than {learnt.Position}: make them again with 'ledger rebuild'."
            );
    }

    private async Task<List<StoredEvent>> FactsAsync(long after, long upTo, int limit, CancellationToken cancel)
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
