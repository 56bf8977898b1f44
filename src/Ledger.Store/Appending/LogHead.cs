using System.Data;
using Ledger.Integrity;
using Ledger.Integrity.Entries;
using Ledger.Integrity.Merkle;
using Ledger.Store.Schema;
using Npgsql;

namespace Ledger.Store.Appending;

/// <summary>
/// The head of the log: its last leaf, read under the lock of a row that is never updated. This is the only point where
/// writers of any number of processes meet. Whoever holds the lock alone knows the next position, the last leaf and the
/// time.
/// </summary>
internal sealed class LogHead
{
    /// <summary>
    /// How long a writer waits for the head. Whoever holds it longer is stuck, and the caller is told.
    /// </summary>
    public const string LockTimeout = "set local lock_timeout = '5s'";

    /// <summary>The most leaves of another node's that are read under the lock.</summary>
    private const int MostForeignLeaves = 5000;

    private LogHead(Frontier frontier, Hash256 lastLeaf, LastLeafRow last)
    {
        (Frontier, LastLeaf, Last, GovernancePosition) = (frontier, lastLeaf, last, last.GovernancePosition);
        (Clock, Now) = (last.Clock, last.RecordedAt > last.Clock ? last.RecordedAt : last.Clock);
    }

    public Frontier Frontier { get; }

    public Hash256 LastLeaf { get; private set; }

    /// <summary>The last leaf as it was before this batch.</summary>
    public LastLeafRow Last { get; }

    /// <summary>The database's clock, read under the lock: what facts are held against.</summary>
    public DateTimeOffset Clock { get; }

    /// <summary>When this batch is recorded: the clock, but never before the last batch.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>The position of the last event that bears on rights; -1 before the first.</summary>
    public long GovernancePosition { get; set; }

    /// <summary>
    /// Takes the lock, and reads in the same round trip which of the events were recorded before, by event id.
    /// </summary>
    /// <returns>The head; null where another node has written too much to be read under the lock.</returns>
    public static async Task<(LogHead? Head, Dictionary<Guid, (byte[] Digest, long Position)> Recorded)> LockAsync(
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        LogTail tail,
        Guid[] events,
        CancellationToken cancel
    )
    {
        // Each statement has a snapshot of its own, so what follows the lock is read after it. "offset 0" keeps the
        // look-up one index search for each id: a plan made while the table was empty would scan it for ever.
        await using var batch = new NpgsqlBatch(connection, transaction)
        {
            BatchCommands =
            {
                new(LockTimeout),
                new("select one from ledger.ledger_head for update"),
                new(LastLeafRow.Query),
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
        LastLeafRow last;
        var recorded = new Dictionary<Guid, (byte[], long)>();
        await using (var reader = await batch.ExecuteReaderAsync(cancel))
        {
            if (!await reader.ReadAsync(cancel))
            {
                throw new LedgerStateException("The head of the log is missing.");
            }

            await reader.NextResultAsync(cancel);
            await reader.ReadAsync(cancel);
            last = LastLeafRow.Read(reader);
            await reader.NextResultAsync(cancel);
            while (await reader.ReadAsync(cancel))
            {
                recorded.Add(reader.GetGuid(0), (reader.GetFieldValue<byte[]>(1), reader.GetInt64(2)));
            }
        }

        LedgerDatabase.RequireSequence(last.SequenceAt, last.Sequence);
        var frontier = await FrontierAsync(connection, transaction, tail, last, cancel);
        return (frontier is null ? null : new LogHead(frontier, last.LeafHash, last), recorded);
    }

    /// <summary>Gives an event the next place: the entry that commits to it and to its predecessor.</summary>
    public Hash256 Take(string stream, long version, string type, Hash256 contentHash)
    {
        var entry = new Entry(Frontier.Size, LastLeaf, Now, stream, version, type, contentHash);
        LastLeaf = entry.LeafHash();
        Frontier.Append(LastLeaf);
        return LastLeaf;
    }

    // The node's own, where no other has written; else the leaves that others wrote are added to it.
    private static async Task<Frontier?> FrontierAsync(
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        LogTail tail,
        LastLeafRow last,
        CancellationToken cancel
    )
    {
        var frontier = tail.Frontier.Copy();
        if (frontier.Size == last.Position + 1 && tail.LastLeaf == last.LeafHash)
        {
            return frontier;
        }

        var behind = last.Position + 1 - frontier.Size;
        if (behind is <= 0 or > MostForeignLeaves)
        {
            return null;
        }

        // The leaf that this node wrote last is read again: the log must still continue it.
        await using var select = new NpgsqlCommand(
            "select position, leaf_hash from ledger.ledger_leaf where position >= $1 order by position",
            connection,
            transaction
        );
        select.Parameters.Add(new() { Value = Math.Max(frontier.Size - 1, 0) });
        await using var reader = await select.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancel);
        while (await reader.ReadAsync(cancel))
        {
            var (position, leaf) = (reader.GetInt64(0), new Hash256(reader.GetFieldValue<byte[]>(1)));
            if (position == frontier.Size)
            {
                frontier.Append(leaf);
            }
            else if (position != frontier.Size - 1 || leaf != tail.LastLeaf)
            {
                return null;
            }
        }

        return frontier;
    }
}
