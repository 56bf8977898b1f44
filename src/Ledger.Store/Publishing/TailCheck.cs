using Ledger.Integrity;
using Ledger.Integrity.Entries;
using Ledger.Store.Schema;

namespace Ledger.Store.Publishing;

/// <summary>
/// Recomputes entries that nobody has signed yet from their events: only what follows from them is signed.
/// </summary>
internal static class TailCheck
{
    private const int Chunk = 2000;

    /// <summary>Recomputes the entries from one position up to another.</summary>
    /// <exception cref="LedgerStateException">One does not follow from its event, or some are missing.</exception>
    public static async Task RequireAsync(LedgerDatabase database, long from, long until, CancellationToken cancel)
    {
        for (var first = from; first < until; first += Chunk)
        {
            await RequireChunkAsync(database, first, Math.Min(until, first + Chunk), cancel);
        }
    }

    private static async Task RequireChunkAsync(
        LedgerDatabase database,
        long first,
        long until,
        CancellationToken cancel
    )
    {
        await using var select = database.Source.CreateCommand(
            $"""
            select {TileSource.EntryColumns}, l.salt, e.bdata, l.leaf_hash
            from ledger.ledger_leaf l join ledger.mt_events e on e.seq_id = l.seq_id
            where l.position >= $1 and l.position < $2 order by l.position
            """
        );
        select.Parameters.Add(new() { Value = first });
        select.Parameters.Add(new() { Value = until });
        await using var reader = await select.ExecuteReaderAsync(cancel);
        var expected = first;
        while (await reader.ReadAsync(cancel))
        {
            var entry = TileSource.ReadEntry(reader);
            var (salt, content) = (reader.GetFieldValue<byte[]>(7), reader.GetFieldValue<byte[]>(8));
            if (
                entry.Position != expected++
                || ContentHash.Of(salt, content) != entry.ContentHash
                || entry.LeafHash() != new Hash256(reader.GetFieldValue<byte[]>(9))
            )
            {
                throw new LedgerStateException(
                    $"The entry at position {entry.Position} does not follow from its event: "
                        + "it was changed since it was recorded."
                );
            }
        }

        if (expected != until)
        {
            throw new LedgerStateException($"The event or the leaf at position {expected} is gone.");
        }
    }
}
