using Ledger.Domain.Common;
using Ledger.Domain.ReadModels;
using Npgsql;

namespace Ledger.Store.Reading;

/// <summary>Reads the events that bear on rights, in the order in which they were learnt.</summary>
internal static class FactReader
{
    /// <summary>Learns what was recorded after what is known, up to a position.</summary>
    public static async Task CatchUpAsync(
        this Knowledge known,
        NpgsqlConnection connection,
        NpgsqlTransaction? transaction,
        long upTo,
        CancellationToken cancel
    )
    {
        if (known.Position >= upTo)
        {
            return;
        }

        await using var select = new NpgsqlCommand(
            """
            select t.position, l.recorded_at, e.type, e.bdata
            from ledger.event_tag t
            join ledger.ledger_leaf l on l.position = t.position
            join ledger.mt_events e on e.seq_id = l.seq_id
            where t.tag = $1 and t.position > $2 and t.position <= $3
            order by t.position
            """,
            connection,
            transaction
        );
        select.Parameters.Add(new() { Value = Tags.Knowledge });
        select.Parameters.Add(new() { Value = known.Position });
        select.Parameters.Add(new() { Value = upTo });
        foreach (var stored in await LogReader.ReadEventsAsync(select, cancel))
        {
            known.Apply(stored.Fact);
        }
    }
}
