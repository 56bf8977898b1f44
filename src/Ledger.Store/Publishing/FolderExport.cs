using System.Globalization;
using Ledger.Files;
using Ledger.Integrity;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Merkle;
using Ledger.Integrity.Tiles;
using Ledger.Store.Schema;

namespace Ledger.Store.Publishing;

/// <summary>
/// Writes the ledger as files that anyone can verify: the C2SP tile layout, entries included, and the key.
/// </summary>
public static class FolderExport
{
    /// <summary>
    /// Writes everything that the latest checkpoint covers. Files that stand already and are complete are left alone.
    /// </summary>
    /// <returns>The number of entries that the folder holds.</returns>
    /// <exception cref="LedgerStateException">Nothing was published yet, or the database lacks a leaf.</exception>
    public static async Task<long> WriteAsync(
        LedgerDatabase database,
        LogKeys keys,
        string folder,
        CancellationToken cancel
    )
    {
        var note =
            await CheckpointPublisher.LatestAsync(database, cancel)
            ?? throw new LedgerStateException("No checkpoint was published yet: there is nothing to export.");
        var checkpoint = keys.Open(note);
        var hashes = new List<Hash256>();
        for (long index = 0; index * TilePath.Width < checkpoint.Size; index++)
        {
            var width = (int)Math.Min(TilePath.Width, checkpoint.Size - (index * TilePath.Width));
            var leaves = Standing(folder, index, width);
            if (leaves is null)
            {
                var entries = await TileSource.EntriesAsync(database, index * TilePath.Width, width, cancel);
                await WriteAsync(folder, TilePath.Entries(index, width), EntryBundle.Encode(entries), cancel);
                leaves = entries.ConvertAll(e => Rfc6962.LeafHash(e));
                await WriteHashesAsync(folder, 0, index, leaves, cancel);
            }

            if (width == TilePath.Width)
            {
                hashes.Add(Frontier.RootOf(leaves));
            }
        }

        await WriteLevelsAsync(folder, hashes, cancel);
        await WriteTimestampsAsync(database, keys, folder, cancel);
        await WriteAsync(folder, "vkey", System.Text.Encoding.UTF8.GetBytes(keys.Pinned + "\n"), cancel);
        if (keys.Successions.Count > 0)
        {
            await WriteAsync(
                folder,
                "successions",
                System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(keys.Successions),
                cancel
            );
        }

        await WriteAsync(folder, "checkpoint", System.Text.Encoding.UTF8.GetBytes(note), cancel);
        return checkpoint.Size;
    }

    // Each response beside the note that it is of, as 'openssl ts' takes them.
    private static async Task WriteTimestampsAsync(
        LedgerDatabase database,
        LogKeys keys,
        string folder,
        CancellationToken cancel
    )
    {
        foreach (var proof in await AnchorStore.AllAsync(database, AnchorKind.Timestamp, cancel))
        {
            if (
                await CheckpointPublisher.AroundAsync(database, proof.Size, proof.Size, cancel) is { Before: { } found }
                && found.Size == proof.Size
            )
            {
                var note = keys.Alone(SignedNote.Parse(found.Note)).ToString();
                await WriteAsync(
                    folder,
                    string.Create(CultureInfo.InvariantCulture, $"timestamps/{proof.Size}.checkpoint"),
                    System.Text.Encoding.UTF8.GetBytes(note),
                    cancel
                );
            }

            await WriteAsync(
                folder,
                string.Create(CultureInfo.InvariantCulture, $"timestamps/{proof.Size}-{FileName(proof.Name)}.tsr"),
                proof.Proof,
                cancel
            );
        }
    }

    // The name comes from a table that is not believed.
    private static string FileName(string name) =>
        string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '_'));

    // A full tile never changes: where it stands with its entries, the database is not asked again. The tile is written
    // last.
    private static List<Hash256>? Standing(string folder, long index, int width)
    {
        var tile = Path.Combine(folder, TilePath.Hashes(0, index, width));
        return
            width == TilePath.Width
            && File.Exists(Path.Combine(folder, TilePath.Entries(index, width)))
            && File.Exists(tile)
            && File.ReadAllBytes(tile) is { Length: TilePath.Width * Hash256.Size } bytes
            ? [.. bytes.Chunk(Hash256.Size).Select(h => new Hash256(h))]
            : null;
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

    private static Task WriteHashesAsync(
        string folder,
        int level,
        long index,
        List<Hash256> hashes,
        CancellationToken cancel
    ) =>
        WriteAsync(
            folder,
            TilePath.Hashes(level, index, hashes.Count),
            [.. hashes.SelectMany(h => h.ToArray())],
            cancel
        );

    // Written aside and moved into place: a reader never sees half a file, and the checkpoint comes last.
    private static async Task WriteAsync(string folder, string path, byte[] bytes, CancellationToken cancel)
    {
        var target = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        await OwnFile.WriteAsync(target, bytes, cancel);
    }
}
