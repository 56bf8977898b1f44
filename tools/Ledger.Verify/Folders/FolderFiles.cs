using System.Globalization;
using System.Text;
using System.Text.Json;
using Ledger.Files;
using Ledger.Integrity.Tiles;

namespace Ledger.Verify.Folders;

/// <summary>Where things stand in an exported folder.</summary>
internal static class FolderFiles
{
    public const string Checkpoint = "checkpoint";
    public const string Key = "vkey";

    private const string Successions = "successions";

    /// <summary>The successions of the ledger's keys that a folder holds; often none.</summary>
    /// <exception cref="CannotVerifyException">The file is there and holds something else.</exception>
    public static IReadOnlyList<string> SuccessionsIn(string folder) =>
        Path.Combine(folder, Successions) is var file && File.Exists(file) ? SuccessionsOf(file) : [];

    /// <summary>The successions in a file: a list of texts, as JSON.</summary>
    /// <exception cref="CannotVerifyException">It holds something else.</exception>
    public static IReadOnlyList<string> SuccessionsOf(string file)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), ReportJson.Default.StringArray) ?? [];
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CannotVerifyException($"The successions of keys in {file} cannot be read: {e.Message}");
        }
    }

    private const string Timestamps = "timestamps";

    /// <summary>
    /// Writes a file whole: nobody sees half of it. A cache that is lost with the power is fetched again.
    /// </summary>
    public static async Task KeepAsync(string folder, string path, byte[] bytes, CancellationToken cancel)
    {
        var file = Path.GetFullPath(Path.Combine(folder, path));
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await OwnFile.WriteAsync(file, bytes, cancel);
    }

    /// <summary>Writes entries in their order as bundles.</summary>
    public static async Task KeepEntriesAsync(
        string folder,
        long size,
        IAsyncEnumerable<byte[]> entries,
        CancellationToken cancel
    )
    {
        var (bundle, index) = (new List<byte[]>(TilePath.Width), 0L);
        await foreach (var entry in entries.WithCancellation(cancel))
        {
            bundle.Add(entry);
            if (bundle.Count == TilePath.Width)
            {
                await FlushAsync();
            }
        }

        if (bundle.Count > 0)
        {
            await FlushAsync();
        }

        async Task FlushAsync()
        {
            var width = (int)Math.Clamp(size - (index * TilePath.Width), 1, TilePath.Width);
            await KeepAsync(folder, TilePath.Entries(index++, width), EntryBundle.Encode(bundle), cancel);
            bundle.Clear();
        }
    }

    /// <summary>The timestamps of a folder: the notes that they are of, and the responses.</summary>
    public static (Dictionary<long, string> Notes, List<(long Size, byte[] Response)> Responses) ReadTimestamps(
        string folder
    )
    {
        var (notes, responses) = (new Dictionary<long, string>(), new List<(long, byte[])>());
        var at = Path.Combine(folder, Timestamps);
        foreach (var file in Directory.Exists(at) ? Directory.EnumerateFiles(at, "*.tsr") : [])
        {
            if (
                long.TryParse(
                    Path.GetFileNameWithoutExtension(file).Split('-')[0],
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var size
                )
            )
            {
                responses.Add((size, File.ReadAllBytes(file)));
                var note = Path.Combine(at, string.Create(CultureInfo.InvariantCulture, $"{size}.checkpoint"));
                if (File.Exists(note))
                {
                    notes[size] = File.ReadAllText(note, Encoding.UTF8);
                }
            }
        }

        return (notes, responses);
    }
}
