using System.Globalization;

namespace Ledger.Integrity.Witnesses;

/// <summary>
/// What a log sends a witness: the size that the witness last saw, the proof that the new checkpoint continues it, and
/// the checkpoint. C2SP tlog-witness.
/// </summary>
/// <param name="OldSize">The size that the witness last cosigned; 0 for none.</param>
/// <param name="Proof">The consistency proof from there; empty from 0, and between equal sizes.</param>
/// <param name="Note">The signed checkpoint.</param>
public sealed record AddCheckpoint(long OldSize, IReadOnlyList<Hash256> Proof, string Note)
{
    /// <summary>The most hashes that a proof may have.</summary>
    public const int MaxProof = 63;

    /// <summary>The path of the request, under a witness's prefix.</summary>
    public const string Path = "add-checkpoint";

    /// <summary>The media type of an answer that says the size that the witness last saw.</summary>
    public const string SizeMediaType = "text/x.tlog.size";

    /// <summary>Reads a request's body.</summary>
    /// <exception cref="FormatException">It is not one.</exception>
    public static AddCheckpoint Parse(string body)
    {
        var split = body.IndexOf("\n\n", StringComparison.Ordinal);
        var lines = split < 0 ? [] : body[..split].Split('\n');
        if (
            lines is not [var first, .. var proof]
            || !first.StartsWith("old ", StringComparison.Ordinal)
            || !long.TryParse(first.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out var old)
            || first[4..] != old.ToString(CultureInfo.InvariantCulture)
            || proof.Length > MaxProof
        )
        {
            throw new FormatException(
                $"A request begins with 'old', a size, and up to {MaxProof} hashes, a line each."
            );
        }

        return new AddCheckpoint(
            old,
            [
                .. proof.Select(line =>
                    Hash256.TryParseBase64(line, out var hash)
                        ? hash
                        : throw new FormatException("A line of a consistency proof is base64 of 32 bytes.")
                ),
            ],
            body[(split + 2)..]
        );
    }

    /// <summary>The body as it travels.</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"old {OldSize}\n{string.Concat(Proof.Select(h => h.ToBase64() + "\n"))}\n{Note}"
        );
}
