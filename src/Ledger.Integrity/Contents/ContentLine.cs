using System.Text.Json;
using Ledger.Integrity.Entries;

namespace Ledger.Integrity.Contents;

/// <summary>The content of one entry, as a line of JSON: the entry's own hash says whether it is that.</summary>
/// <param name="Position">Of which entry.</param>
/// <param name="Salt">The salt of its content hash.</param>
/// <param name="Content">What was recorded, byte for byte.</param>
public sealed record ContentLine(long Position, byte[] Salt, byte[] Content)
{
    /// <summary>The line, with its LF.</summary>
    public byte[] ToBytes() =>
        [.. JsonSerializer.SerializeToUtf8Bytes(this, StrictJson.Default.ContentLine), (byte)'\n'];

    /// <summary>Reads a line.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static ContentLine Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, StrictJson.Default.ContentLine)
                ?? throw new FormatException("A line of contents says nothing.");
        }
        catch (JsonException e)
        {
            throw new FormatException($"A line of contents is malformed: {e.Message}", e);
        }
    }

    /// <summary>Whether it is what the entry was made of.</summary>
    public bool IsOf(Entry entry) =>
        entry.Position == Position
        && Salt.Length == ContentHash.SaltSize
        && ContentHash.Of(Salt, Content) == entry.ContentHash;
}
