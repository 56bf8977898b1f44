using System.Text.Json;
using System.Text.Json.Serialization;
using Ledger.Files;
using Ledger.Integrity.Checkpoints;
using Ledger.Store.Schema;

namespace Ledger.Service.Keys;

/// <summary>A key that took over, as the key folder keeps it.</summary>
/// <param name="Succession">What both keys signed.</param>
/// <param name="BothUntil">Until when both sign, so that those who pinned the old key have time to pin the new.</param>
/// <param name="Caf">The Caf that decided it.</param>
/// <param name="Agent">Who decided it.</param>
/// <param name="Why">The reason.</param>
public sealed record Rotation(string Succession, DateTimeOffset BothUntil, string Caf, string Agent, string Why);

/// <summary>The rotations of a key folder: no secret, and read by every node that shares it.</summary>
internal static class RotationFile
{
    private static string PathIn(string folder) => Path.Combine(folder, "rotations.json");

    /// <summary>What tells whether the file has changed.</summary>
    public static (DateTime, long) StampOf(string folder) =>
        new FileInfo(PathIn(folder)) is { Exists: true } file ? (file.LastWriteTimeUtc, file.Length) : default;

    /// <summary>All rotations, oldest first.</summary>
    /// <exception cref="LedgerStateException">The file cannot be read.</exception>
    public static IReadOnlyList<Rotation> Read(string folder)
    {
        try
        {
            var read = File.Exists(PathIn(folder))
                ? JsonSerializer.Deserialize(File.ReadAllBytes(PathIn(folder)), RotationJson.Default.RotationArray)
                : [];
            if (read is null || Array.Exists(read, r => r?.Succession is null || r.Caf is null || r.Agent is null))
            {
                throw new JsonException("A rotation has its succession, and who decided it.");
            }

            foreach (var rotation in read)
            {
                Succession.Open(rotation.Succession);
            }

            return read;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or FormatException)
        {
            throw new LedgerStateException($"The rotations {PathIn(folder)} cannot be read: {e.Message}");
        }
    }

    /// <summary>Writes all rotations: the file is replaced whole.</summary>
    public static void Write(string folder, IEnumerable<Rotation> rotations) =>
        DurableFile.Replace(
            PathIn(folder),
            JsonSerializer.SerializeToUtf8Bytes([.. rotations], RotationJson.Default.RotationArray),
            isPrivate: true
        );
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(Rotation[]))]
internal sealed partial class RotationJson : JsonSerializerContext;
