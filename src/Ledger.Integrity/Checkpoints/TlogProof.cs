using System.Globalization;
using Ledger.Integrity.Merkle;

namespace Ledger.Integrity.Checkpoints;

/// <summary>
/// A receipt: the proof that an entry stands in a signed ledger, checkable offline. C2SP tlog-proof,
/// <c>.tlog-proof</c>.
/// </summary>
/// <param name="Index">The entry's position.</param>
/// <param name="Path">The inclusion proof, leaf to root.</param>
/// <param name="Note">The signed checkpoint, as text.</param>
public sealed record TlogProof(long Index, IReadOnlyList<Hash256> Path, string Note)
{
    private const string Header = "c2sp.org/tlog-proof@v1";

    /// <summary>Reads a receipt.</summary>
    /// <exception cref="FormatException">The text is not one.</exception>
    public static TlogProof Parse(string text)
    {
        var split = text.IndexOf("\n\n", StringComparison.Ordinal);
        var lines = split < 0 ? [] : text[..split].Split('\n');
        var at = lines.Length > 1 && lines[1].StartsWith("extra ", StringComparison.Ordinal) ? 2 : 1;
        if (
            lines.Length <= at
            || lines[0] != Header
            || !lines[at].StartsWith("index ", StringComparison.Ordinal)
            || !long.TryParse(lines[at].AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
        )
        {
            throw new FormatException($"A receipt begins with '{Header}' and an index.");
        }

        var path = lines[(at + 1)..]
            .Select(line =>
                Hash256.TryParseBase64(line, out var hash)
                    ? hash
                    : throw new FormatException("A line of an inclusion proof is base64 of 32 bytes.")
            )
            .ToList();
        return new TlogProof(index, path, text[(split + 2)..]);
    }

    /// <summary>The checkpoint, once the receipt is shown to hold for this leaf under this key.</summary>
    /// <exception cref="FormatException">
    /// The checkpoint is not the key's, or the leaf is not at that position in it.
    /// </exception>
    public Checkpoint Verify(Hash256 leafHash, LogKeys keys)
    {
        var checkpoint = keys.OpenAlone(Note);
        return MerkleProof.VerifyInclusion(Index, checkpoint.Size, leafHash, Path, checkpoint.Root)
            ? checkpoint
            : throw new FormatException(
                $"The entry is not at position {Index} of the checkpoint of size {checkpoint.Size}."
            );
    }

    /// <summary>The receipt as it travels.</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Header}\nindex {Index}\n{string.Concat(Path.Select(h => h.ToBase64() + "\n"))}\n{Note}"
        );
}
