using System.Text.Json;
using System.Text.Json.Serialization;
using Ledger.Files;
using Ledger.Integrity;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Merkle;

namespace Ledger.Verify.Scanning;

/// <summary>How far a scan came without finding anything wrong: a later one may go on from there.</summary>
/// <param name="Origin">Which ledger.</param>
/// <param name="KeyId">Under which keys.</param>
/// <param name="Position">The next position to read.</param>
/// <param name="Sequence">The sequence number of the event before it.</param>
/// <param name="Leaf">The leaf hash of the entry before it, in base64.</param>
/// <param name="Frontier">The tree so far: its frontier, in base64.</param>
public sealed record ScanState(string Origin, uint KeyId, long Position, long Sequence, string Leaf, string Frontier)
{
    /// <summary>How many entries may have to be read again after a scan was cut short.</summary>
    public const int Every = 250_000;

    internal Hash256 LastLeaf =>
        Hash256.TryParseBase64(Leaf, out var hash) ? hash : throw new FormatException("its leaf hash is not one.");

    internal Frontier Tree() => Integrity.Merkle.Frontier.Parse(Position, Convert.FromBase64String(Frontier));
}

/// <summary>The file in which a scan leaves how far it came.</summary>
public sealed class ScanFile(string path)
{
    /// <summary>How far the last scan came; null when there was none.</summary>
    /// <exception cref="CannotVerifyException">The file is there, and is not that of a scan of this ledger.</exception>
    public ScanState? Read(LogKeys keys)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            var state =
                JsonSerializer.Deserialize(File.ReadAllText(path), ScanJson.Default.ScanState)
                ?? throw new FormatException("it is empty.");
            _ = (state.Tree(), state.LastLeaf);
            return state.Origin == keys.Name && keys.All.Any(k => k.KeyId == state.KeyId)
                ? state
                : throw new FormatException($"it is of '{state.Origin}'.");
        }
        catch (Exception e) when (e is FormatException or ArgumentException or JsonException or IOException)
        {
            throw new CannotVerifyException($"The scan left in {path} cannot be gone on with: {e.Message}");
        }
    }

    /// <summary>Leaves how far the scan came. The file is replaced whole.</summary>
    public void Write(ScanState state) =>
        DurableFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(state, ScanJson.Default.ScanState));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ScanState))]
internal sealed partial class ScanJson : JsonSerializerContext;
