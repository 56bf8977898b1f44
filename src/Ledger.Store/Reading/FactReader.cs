using Ledger.Domain.Common;
using Npgsql;

namespace Ledger.Store.Reading;

/// <summary>Reads the events that carry rights, in the order in which they were learnt.</summary>
internal static class FactReader
{
    /// <summary>The facts of some partners, or of all when null, after one position and up to another.</summary>
    public static async Task<List<Fact>> ReadAsync(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, IReadOnlyCollection<string>? sirets, long after, long upTo, CancellationToken cancel)
    {
        await using var select = new NpgsqlCommand(
            """
            select g.position, l.recorded_at, e.type, e.bdata
            from ledger.governance_fact g
            join ledger.ledger_leaf l on l.position = g.position
            join ledger.mt_events e on e.seq_id = l.seq_id
            where g.position > $1 and g.position <= $2 and ($3::text[] is null or g.siret = any($3))
            order by g.position
            """,
            connection, transaction);
        select.Parameters.Add(new() { Value = after });
        select.Parameters.Add(new() { Value = upTo });
        select.Parameters.Add(new() { Value = sirets is null ? DBNull.Value : sirets.ToArray(), NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Text });
        return (await LogReader.ReadEventsAsync(select, cancel)).ConvertAll(e => e.Fact);
    }
}
