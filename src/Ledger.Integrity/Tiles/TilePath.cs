using System.Globalization;

namespace Ledger.Integrity.Tiles;

/// <summary>Where a tile of 256 hashes, or a bundle of 256 entries, stands: C2SP tlog-tiles.</summary>
public static class TilePath
{
    /// <summary>The number of hashes in a full tile, and of entries in a full bundle.</summary>
    public const int Width = 256;

    /// <summary>The tree levels that one tile level spans.</summary>
    public const int Height = 8;

    /// <summary>The path of a tile of hashes. A width below 256 is that of a partial tile.</summary>
    public static string Hashes(int level, long index, int width = Width) =>
        string.Create(CultureInfo.InvariantCulture, $"tile/{level}/{Number(index)}{Partial(width)}");

    /// <summary>The path of a bundle of entries.</summary>
    public static string Entries(long index, int width = Width) => $"tile/entries/{Number(index)}{Partial(width)}";

    /// <summary>The tiles of hashes that a tree of this size has, lowest level first, each with its width.</summary>
    public static IEnumerable<(int Level, long Index, int Width)> Of(long size)
    {
        for (var level = 0; size > 0; level++, size /= Width)
        {
            for (long index = 0; index * Width < size; index++)
            {
                yield return (level, index, (int)Math.Min(Width, size - (index * Width)));
            }
        }
    }

    private static string Number(long index)
    {
        var text = (index % 1000).ToString("D3", CultureInfo.InvariantCulture);
        for (index /= 1000; index > 0; index /= 1000)
        {
            text = $"x{(index % 1000).ToString("D3", CultureInfo.InvariantCulture)}/{text}";
        }

        return text;
    }

    private static string Partial(int width) =>
        width switch
        {
            Width => string.Empty,
            > 0 and < Width => string.Create(CultureInfo.InvariantCulture, $".p/{width}"),
            _ => throw new ArgumentOutOfRangeException(nameof(width), width, "A tile is 1 to 256 wide."),
        };
}
