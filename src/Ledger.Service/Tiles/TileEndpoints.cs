using System.Globalization;
using Ledger.Integrity.Tiles;
using Ledger.Service.Callers;
using Ledger.Service.Hosting;
using Ledger.Store.Publishing;

namespace Ledger.Service.Tiles;

/// <summary>
/// The log as C2SP tiles over HTTP, read only: <c>/checkpoint</c>, <c>/tile/…</c> and <c>/tile/entries/…</c>, and the
/// successions of its keys. Only what the latest checkpoint covers is served, so what is served once never changes.
/// </summary>
internal static class TileEndpoints
{
    private const string ForEver = "private, max-age=31536000, immutable";

    public static void MapTiles(this WebApplication app)
    {
        var (tree, entries) = (new AccessRowOf(AccessTable.TreeTiles), new AccessRowOf(AccessTable.EntryTiles));
        app.MapGet("/checkpoint", CheckpointAsync).WithMetadata(tree);
        app.MapGet("/successions", Successions).WithMetadata(tree);
        app.MapGet("/tile/entries/{**path}", EntriesAsync).WithMetadata(entries);
        app.MapGet("/tile/{level:int:range(0,63)}/{**path}", HashesAsync).WithMetadata(tree);
    }

    private static IResult Successions(LedgerNode node, HttpContext http)
    {
        http.Response.Headers.CacheControl = "no-cache";
        return node.Keys.Successions is { Count: > 0 } all ? Results.Json(all) : Results.NotFound();
    }

    private static async Task<IResult> CheckpointAsync(LedgerNode node, HttpContext http, CancellationToken cancel)
    {
        http.Response.Headers.CacheControl = "no-cache";
        return await CheckpointPublisher.LatestAsync(node.Database, cancel) is { } note
            ? Results.Text(note, "text/plain; charset=utf-8")
            : Results.NotFound();
    }

    private static async Task<IResult> HashesAsync(
        LedgerNode node,
        HttpContext http,
        int level,
        string path,
        CancellationToken cancel
    )
    {
        if (Parse(path) is not { } tile || await WidthAsync(node, level, tile.Index, cancel) < tile.Width)
        {
            return Results.NotFound();
        }

        var hashes = await TileSource.HashesAsync(node.Database, level, tile.Index, tile.Width, cancel);
        http.Response.Headers.CacheControl = ForEver;
        return Results.Bytes([.. hashes.SelectMany(h => h.ToArray())], "application/octet-stream");
    }

    private static async Task<IResult> EntriesAsync(
        LedgerNode node,
        HttpContext http,
        string path,
        CancellationToken cancel
    )
    {
        if (Parse(path) is not { } tile || await WidthAsync(node, 0, tile.Index, cancel) < tile.Width)
        {
            return Results.NotFound();
        }

        var entries = await TileSource.EntriesAsync(node.Database, tile.Index * TilePath.Width, tile.Width, cancel);
        http.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
        return Results.Bytes(EntryBundle.Encode(entries), "application/octet-stream");
    }

    // How many hashes of a tile the latest checkpoint covers.
    private static async Task<long> WidthAsync(LedgerNode node, int level, long index, CancellationToken cancel)
    {
        if (await CheckpointPublisher.LatestAsync(node.Database, cancel) is not { } note)
        {
            return 0;
        }

        var size = level * TilePath.Height > 62 ? 0 : node.Ring.Open(note).Size >> (level * TilePath.Height);
        return Math.Clamp(size - (index * TilePath.Width), 0, TilePath.Width);
    }

    // The canonical path of a tile, and no other, has an index and a width.
    private static (long Index, int Width)? Parse(string path)
    {
        var parts = path.Split(".p/");
        var digits = string.Concat(parts[0].Split('/').Select(group => group.TrimStart('x')));
        if (
            digits.Length > 15
            || !long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
        )
        {
            return null;
        }

        var width = TilePath.Width;
        if (
            parts.Length > 2
            || (
                parts.Length == 2
                && (
                    !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out width)
                    || width is < 1 or >= TilePath.Width
                )
            )
        )
        {
            return null;
        }

        return TilePath.Entries(index, width) == $"tile/entries/{path}" ? (index, width) : null;
    }
}
