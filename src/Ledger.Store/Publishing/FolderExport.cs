using Ledger.Integrity;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Entries;
using Ledger.Integrity.Merkle;
using Ledger.Integrity.Tiles;
using Ledger.Store.Schema;

namespace Ledger.Store.Publishing;

/// <summary>Writes the ledger as files that anyone can verify: the C2SP tile layout, entries included, and the key.</summary>
public static class FolderExport
{
    /// <summary>Writes everything that the latest checkpoint covers. Files that stand already and are complete are left alone.</summary>
    /// <returns>The number of entries that the folder holds.</returns>
    /// <exception cref="LedgerStateException">Nothing was published yet, or the database lacks a leaf.</exception>
    public static async Task<long> WriteAsync(LedgerDatabase database, NoteVerifier key, string folder, CancellationToken cancel)
    {
        var note = await CheckpointPublisher.LatestAsync(database, cancel)
            ?? throw new LedgerStateException("No checkpoint was published yet: there is nothing to export.");
        var checkpoint = Checkpoint.Open(note, key);
        var hashes = new List<Hash256>();
        for (long index = 0; index * TilePath.Width < checkpoint.Size; index++)
        {
            var width = (int)Math.Min(TilePath.Width, checkpoint.Size - (index * TilePath.Width));
            var entries = await EntriesAsync(database, index * TilePath.Width, width, cancel);
            await WriteAsync(folder, TilePath.Entries(index, width), EntryBundle.Encode(entries), cancel);
            var leaves = entries.ConvertAll(e => Rfc6962.LeafHash(e));
            await WriteHashesAsync(folder, 0, index, leaves, cancel);
            if (width == TilePath.Width)
            {
                hashes.Add(Frontier.RootOf(leaves));
            }
        }

        await WriteLevelsAsync(folder, hashes, cancel);
        await WriteAsync(folder, "vkey", System.Text.Encoding.UTF8.GetBytes(key + "\n"), cancel);
        await WriteAsync(folder, "checkpoint", System.Text.Encoding.UTF8.GetBytes(note), cancel);
        return checkpoint.Size;
    }

    private static async Task WriteLevelsAsync(string folder, List<Hash256> hashes, CancellationToken cancel)
    {
        for (var level = 1; hashes.Count > 0; level++)
        {
            var above = new List<Hash256>();
            for (var index = 0; index * TilePath.Width < hashes.Count; index++)
            {
                var tile = hashes.Skip(index * TilePath.Width).Take(TilePath.Width).ToList();
                await WriteHashesAsync(folder, level, index, tile, cancel);
                if (tile.Count == TilePath.Width)
                {
                    above.Add(Frontier.RootOf(tile));
                }
            }

            hashes = above;
        }
    }

    private static async Task<List<byte[]>> EntriesAsync(LedgerDatabase database, long first, int count, CancellationToken cancel)
    {
        await using var select = database.Source.CreateCommand(
            """
            select l.position, l.recorded_at, e.stream_id, e.version, e.type, l.content_hash,
                   (select p.leaf_hash from ledger.ledger_leaf p where p.position = l.position - 1)
            from ledger.ledger_leaf l join ledger.mt_events e on e.seq_id = l.seq_id
            where l.position >= $1 and l.position < $2 order by l.position
            """);
        select.Parameters.Add(new() { Value = first });
        select.Parameters.Add(new() { Value = first + count });
        var entries = new List<byte[]>(count);
        await using var reader = await select.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var previous = await reader.IsDBNullAsync(6, cancel) ? Hash256.Zero : new Hash256(reader.GetFieldValue<byte[]>(6));
            entries.Add(new Entry(
                reader.GetInt64(0), previous, new DateTimeOffset(reader.GetFieldValue<DateTime>(1), TimeSpan.Zero), reader.GetString(2),
                reader.GetInt64(3), reader.GetString(4), new Hash256(reader.GetFieldValue<byte[]>(5))).Encode());
        }

        return entries.Count == count
            ? entries
            : throw new LedgerStateException($"{count} entries from position {first} on are asked for, {entries.Count} are there.");
    }

    private static Task WriteHashesAsync(string folder, int level, long index, List<Hash256> hashes, CancellationToken cancel) =>
        WriteAsync(folder, TilePath.Hashes(level, index, hashes.Count), [.. hashes.SelectMany(h => h.ToArray())], cancel);

    // Written aside and moved into place: a reader never sees half a file, and the checkpoint comes last.
    private static async Task WriteAsync(string folder, string path, byte[] bytes, CancellationToken cancel)
    {
        var target = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        await File.WriteAllBytesAsync(target + ".new", bytes, cancel);
        File.Move(target + ".new", target, overwrite: true);
    }
}
