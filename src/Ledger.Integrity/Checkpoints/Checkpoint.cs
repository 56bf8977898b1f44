using System.Globalization;

namespace Ledger.Integrity.Checkpoints;

/// <summary>
/// What a ledger was at one moment: its origin, its size and its root. The body of a C2SP tlog-checkpoint.
/// </summary>
/// <param name="Origin">The ledger's name, fixed when it is created.</param>
/// <param name="Size">The number of entries.</param>
/// <param name="Root">The RFC 6962 root of that many entries.</param>
public sealed record Checkpoint(string Origin, long Size, Hash256 Root)
{
    /// <summary>The body, ready to be signed.</summary>
    public string ToBody() => string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Root.ToBase64()}\n");

    /// <summary>Reads a body. Extension lines after the third are allowed, as C2SP has it, and ignored.</summary>
    /// <exception cref="FormatException">The text is not a checkpoint.</exception>
    public static Checkpoint Parse(string body)
    {
        var lines = body.Split('\n');
        if (lines.Length < 4 || lines[^1].Length != 0 || lines[0].Length == 0)
        {
            throw new FormatException("A checkpoint has an origin, a size and a root, a line each.");
        }

        if (
            !long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            || lines[1] != size.ToString(CultureInfo.InvariantCulture)
        )
        {
            throw new FormatException("The size of a checkpoint is a decimal number without leading zeros.");
        }

        if (!Hash256.TryParseBase64(lines[2], out var root))
        {
            throw new FormatException("The root of a checkpoint is base64 of 32 bytes.");
        }

        return lines.AsSpan(3..^1).Contains(string.Empty)
            ? throw new FormatException("An extension line of a checkpoint is not empty.")
            : new Checkpoint(lines[0], size, root);
    }

    /// <summary>
    /// Reads a signed note that the key of its time signed, and whose origin is the keys' name.
    /// </summary>
    /// <exception cref="FormatException">The note is malformed, not signed by the key, or of another origin.</exception>
    public static Checkpoint Open(string note, LogKeys keys) => keys.Open(note);
}
