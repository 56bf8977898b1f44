using System.Text;
using Ledger.Integrity;
using Ledger.Integrity.Entries;
using Ledger.Integrity.Merkle;
using Ledger.Integrity.Tiles;

namespace Ledger.Verify.Folders;

/// <summary>An entry of a bundle, hashed and read.</summary>
/// <param name="Leaf">Its leaf hash.</param>
/// <param name="Entry">What it says; null when it is malformed.</param>
/// <param name="Malformed">Why it is malformed.</param>
internal readonly record struct LoadedEntry(Hash256 Leaf, Entry? Entry, string? Malformed);

/// <summary>
/// A bundle of entries and its tile of hashes, hashed and read on any core: what comes before is not needed for that.
/// </summary>
/// <param name="Index">Which.</param>
/// <param name="Width">How many entries it should have.</param>
/// <param name="Entries">Those that it has.</param>
/// <param name="Failure">Why it cannot be read, if it cannot.</param>
/// <param name="Tile">The hashes of its tile; null when there is none of that width.</param>
internal sealed record LoadedBundle(
    long Index,
    int Width,
    IReadOnlyList<LoadedEntry> Entries,
    string? Failure,
    IReadOnlyList<Hash256>? Tile
)
{
    /// <summary>The bundles of a folder in their order, read ahead on every core.</summary>
    public static IEnumerable<LoadedBundle> All(string folder, long size, bool withTiles) =>
        ParallelEnumerable
            .Range(0, (int)((size + TilePath.Width - 1) / TilePath.Width))
            .AsOrdered()
            .WithMergeOptions(ParallelMergeOptions.AutoBuffered)
            .Select(index =>
                Load(folder, index, (int)Math.Min(TilePath.Width, size - ((long)index * TilePath.Width)), withTiles)
            );

    /// <summary>A tile of hashes; null when the file is missing or has not its length.</summary>
    public static List<Hash256>? ReadTile(string folder, string path, int width)
    {
        try
        {
            return File.ReadAllBytes(Path.Combine(folder, path)) is var bytes && bytes.Length == width * Hash256.Size
                ? [.. bytes.Chunk(Hash256.Size).Select(h => new Hash256(h))]
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>One bundle of a folder.</summary>
    public static LoadedBundle Load(string folder, long index, int width, bool withTiles)
    {
        var tile = withTiles ? ReadTile(folder, TilePath.Hashes(0, index, width), width) : null;
        try
        {
            var entries = EntryBundle.Decode(File.ReadAllBytes(Path.Combine(folder, TilePath.Entries(index, width))));
            return new LoadedBundle(index, width, [.. entries.Select(Load)], null, tile);
        }
        catch (Exception e) when (e is IOException or FormatException or UnauthorizedAccessException)
        {
            return new LoadedBundle(index, width, [], e.Message, tile);
        }
    }

    private static LoadedEntry Load(ReadOnlyMemory<byte> text)
    {
        var leaf = Rfc6962.LeafHash(text.Span);
        try
        {
            return new LoadedEntry(leaf, Entry.Parse(text.Span), null);
        }
        catch (FormatException e)
        {
            return new LoadedEntry(
                leaf,
                null,
                $"{e.Message} ({Encoding.UTF8.GetString(text.Span[..Math.Min(40, text.Length)])}…)"
            );
        }
    }
}
