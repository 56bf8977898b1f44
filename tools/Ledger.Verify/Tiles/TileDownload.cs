using System.Net;
using System.Text.Json;
using Ledger.Files;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Tiles;
using Ledger.Verify.Folders;

namespace Ledger.Verify.Tiles;

/// <summary>Brings a ledger that is served as tiles into a folder, to be verified there like any export.</summary>
internal static class TileDownload
{
    private const int AtOnce = 8;

    /// <summary>
    /// Downloads what the served checkpoint covers. Full tiles that stand in the folder already are not asked for
    /// again.
    /// </summary>
    /// <exception cref="CannotVerifyException">
    /// The server does not answer, or serves no checkpoint of this ledger.
    /// </exception>
    public static async Task RunAsync(
        Uri source,
        string? tokenFile,
        LogKeys keys,
        string folder,
        CancellationToken cancel
    )
    {
        using var http = Connect(source, tokenFile);
        try
        {
            var note = await http.GetStringAsync("checkpoint", cancel);
            var size = keys.Open(note).Size;
            if (size > FolderVerifier.MostEntries)
            {
                throw new FormatException($"a log of {size} entries is longer than what can be verified.");
            }

            var paths = TilePath
                .Of(size)
                .Select(t => (Path: TilePath.Hashes(t.Level, t.Index, t.Width), t.Width))
                .Concat(
                    TilePath
                        .Of(size)
                        .Where(t => t.Level == 0)
                        .Select(t => (Path: TilePath.Entries(t.Index, t.Width), t.Width))
                );
            await Parallel.ForEachAsync(
                paths,
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel },
                async (tile, stop) =>
                {
                    if (tile.Width < TilePath.Width || !File.Exists(Path.Combine(folder, tile.Path)))
                    {
                        await FolderFiles.KeepAsync(
                            folder,
                            tile.Path,
                            await http.GetByteArrayAsync(tile.Path, stop),
                            stop
                        );
                    }
                }
            );
            await FolderFiles.KeepAsync(
                folder,
                FolderFiles.Checkpoint,
                System.Text.Encoding.UTF8.GetBytes(note),
                cancel
            );
        }
        catch (Exception e)
            when (e is HttpRequestException or FormatException or TaskCanceledException or InvalidOperationException)
        {
            throw new CannotVerifyException($"The tiles at {source} cannot be read: {e.Message}");
        }
    }

    /// <summary>The successions of the ledger's keys that the server names; often none.</summary>
    /// <exception cref="CannotVerifyException">The server does not answer.</exception>
    public static async Task<IReadOnlyList<string>> SuccessionsAsync(
        Uri source,
        string? tokenFile,
        CancellationToken cancel
    )
    {
        using var http = Connect(source, tokenFile);
        try
        {
            using var answer = await http.GetAsync("successions", cancel);
            return answer.StatusCode == HttpStatusCode.NotFound
                ? []
                : JsonSerializer.Deserialize(
                    await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(cancel),
                    ReportJson.Default.StringArray
                ) ?? [];
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or TaskCanceledException)
        {
            throw new CannotVerifyException($"The tiles at {source} cannot be read: {e.Message}");
        }
    }

    private static HttpClient Connect(Uri source, string? tokenFile)
    {
        var file = tokenFile ?? LocalTokenFile.Of(source);
        var sockets = new SocketsHttpHandler();
        return new HttpClient(file is null ? sockets : new TokenHandler(file, sockets))
        {
            BaseAddress = new Uri(source.ToString().TrimEnd('/') + "/"),
            Timeout = TimeSpan.FromSeconds(30),
        };
    }
}
