using Ledger.Integrity;
using Ledger.Integrity.Entries;
using Ledger.Integrity.Merkle;
using Npgsql;

namespace Ledger.Store.Appending;

/// <summary>
/// The head of the log, held under its row lock: the only point where writers of any number of processes meet. Whoever
/// holds
/// it alone knows the next position, the last leaf and the time.
/// </summary>
internal sealed class LogHead
{
    private LogHead(Frontier frontier, Hash256 lastLeaf, DateTimeOffset now, long governancePosition) =>
        (Frontier, LastLeaf, Now, GovernancePosition) = (frontier, lastLeaf, now, governancePosition);

    public Frontier Frontier { get; }

    public Hash256 LastLeaf { get; private set; }

    /// <summary>The database's clock, read under the lock; never before the last batch's.</summary>
    public DateTimeOffset Now { get; }

    public long GovernancePosition { get; set; }

    /// <summary>
    /// Takes the lock, and reads in the same round trip which of the events were recorded before, by event id.
    /// </summary>
    public static async Task<(LogHead Head, Dictionary<Guid, (byte[] Digest, long Position)> Recorded)> LockAsync(
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        Guid[] events,
        CancellationToken cancel
    )
    {
        // The clock is read above the lock in the plan, so after it is held; the look-up is a statement of its own, so
        // that its
        // snapshot is too. "offset 0" keeps it one index search an id: a plan made while the table was empty would scan
        // it for ever.
        await using var batch = new NpgsqlBatch(connection, transaction)
        {
            BatchCommands =
            {
                new(
                    """
                    select h.*, clock_timestamp() from
                    (select size, frontier, last_leaf, recorded_at, governance_position from ledger.ledger_head for update) h
                    """
                ),
                new(
                    """
                    select e.id, l.request_digest, l.position
                    from unnest($1) wanted,
                    lateral (select id, seq_id from ledger.mt_events where id = wanted offset 0) e
                    join ledger.ledger_leaf l on l.position = ledger.position_of(e.seq_id)
                    """
                )
                {
                    Parameters = { new() { Value = events } },
                },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        if (!await reader.ReadAsync(cancel))
        {
            throw new Schema.LedgerStateException("The head of the log is missing.");
        }

        var frontier = Frontier.Parse(reader.GetInt64(0), reader.GetFieldValue<byte[]>(1));
        var lastLeaf = new Hash256(reader.GetFieldValue<byte[]>(2));
        var before = reader.GetFieldValue<DateTime>(3);
        var governance = reader.GetInt64(4);
        var clock = reader.GetFieldValue<DateTime>(5);
        var now = before > clock ? before : clock;

        var recorded = new Dictionary<Guid, (byte[], long)>();
        await reader.NextResultAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            recorded.Add(reader.GetGuid(0), (reader.GetFieldValue<byte[]>(1), reader.GetInt64(2)));
        }

        return (new LogHead(frontier, lastLeaf, new DateTimeOffset(now, TimeSpan.Zero), governance), recorded);
    }

    /// <summary>Gives an event the next place: the entry that commits to it and to its predecessor.</summary>
    public Hash256 Take(string stream, long version, string type, Hash256 contentHash)
    {
        var entry = new Entry(Frontier.Size, LastLeaf, Now, stream, version, type, contentHash);
        LastLeaf = entry.LeafHash();
        Frontier.Append(LastLeaf);
        return LastLeaf;
    }

    /// <summary>What writes the head as it is now.</summary>
    public NpgsqlBatchCommand Save() =>
        new(
            "update ledger.ledger_head set size = $1, last_leaf = $2, frontier = $3, recorded_at = $4, "
                + "governance_position = $5"
        )
        {
            Parameters =
            {
                new() { Value = Frontier.Size },
                new() { Value = LastLeaf.ToArray() },
                new() { Value = Frontier.ToBytes() },
                new() { Value = Now.UtcDateTime },
                new() { Value = GovernancePosition },
            },
        };
}
