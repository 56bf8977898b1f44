using Ledger.Integrity;
using Ledger.Store.Reading;
using Npgsql;

namespace Ledger.Store.Appending;

/// <summary>The last leaf of the log, with the clock and the sequence of its database.</summary>
/// <param name="Position">Where it stands; -1 for an empty log.</param>
/// <param name="LeafHash">Its hash; zero bytes for an empty log.</param>
/// <param name="RecordedAt">When it was recorded.</param>
/// <param name="GovernancePosition">The position of the last event that bears on rights.</param>
/// <param name="GovernanceLeaf">That event's leaf hash; zero bytes for none.</param>
/// <param name="Sequence">Marten's number of its event.</param>
/// <param name="SequenceAt">Where Marten's sequence stands.</param>
/// <param name="Clock">The database's clock.</param>
internal sealed record LastLeafRow(
    long Position,
    Hash256 LeafHash,
    DateTimeOffset RecordedAt,
    long GovernancePosition,
    Hash256 GovernanceLeaf,
    long Sequence,
    long SequenceAt,
    DateTimeOffset Clock
)
{
    /// <summary>Reads it in constant time, however long some reader's snapshot stays open. Always one row.</summary>
    public const string Query = """
        select l.position, l.leaf_hash, l.recorded_at, l.governance_position, l.seq_id,
               (select last_value from ledger.mt_events_sequence), clock_timestamp(),
               (select leaf_hash from ledger.ledger_leaf g where g.position = l.governance_position)
        from (select 1) one left join lateral
            (select position, leaf_hash, recorded_at, governance_position, seq_id
             from ledger.ledger_leaf order by position desc limit 1) l on true
        """;

    /// <summary>Reads the row that <see cref="Query"/> gives.</summary>
    public static LastLeafRow Read(NpgsqlDataReader reader)
    {
        var (sequenceAt, clock) = (reader.GetInt64(5), reader.Instant(6));
        return reader.IsDBNull(0)
            ? new LastLeafRow(-1, Hash256.Zero, DateTimeOffset.MinValue, -1, Hash256.Zero, 0, sequenceAt, clock)
            : new LastLeafRow(
                reader.GetInt64(0),
                new Hash256(reader.GetFieldValue<byte[]>(1)),
                reader.Instant(2),
                reader.GetInt64(3),
                reader.IsDBNull(7) ? Hash256.Zero : new Hash256(reader.GetFieldValue<byte[]>(7)),
                reader.GetInt64(4),
                sequenceAt,
                clock
            );
    }

    /// <summary>Reads it by itself, without the head's lock.</summary>
    public static async Task<LastLeafRow> ReadAsync(NpgsqlDataSource source, CancellationToken cancel)
    {
        await using var select = source.CreateCommand(Query);
        await using var reader = await select.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return Read(reader);
    }
}
