using System.Text;
using System.Text.Json;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Entries;
using Ledger.Integrity.Merkle;

namespace Ledger.Integrity.Receipts;

/// <summary>
/// A receipt as one file that proves alone what was recorded: the content, its salt, its entry, the inclusion proof with
/// the signed checkpoint, and what leads from the pinned key to the one that signed it.
/// </summary>
/// <param name="Format">Which form of file it is: <see cref="CurrentFormat"/>.</param>
/// <param name="Vkey">The ledger's public key, for the reader. Whoever verifies pins it from elsewhere.</param>
/// <param name="Successions">What leads from the ledger's first key to that one; often nothing.</param>
/// <param name="Receipt">The C2SP tlog-proof.</param>
/// <param name="Entry">The entry, as it was hashed.</param>
/// <param name="Salt">The salt of its content hash.</param>
/// <param name="Content">The content, as it was hashed.</param>
public sealed record ReceiptBundle(
    string Format,
    string Vkey,
    IReadOnlyList<string> Successions,
    string Receipt,
    string Entry,
    byte[] Salt,
    byte[] Content
)
{
    /// <summary>The form that is written.</summary>
    public const string CurrentFormat = "caf-ledger-receipt/v1";

    /// <summary>The file.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, StrictJson.Default.ReceiptBundle);

    /// <summary>Whether a file looks like one, or like something else.</summary>
    public static bool Looks(string file) => file.AsSpan().TrimStart("\uFEFF \r\n\t").StartsWith("{");

    /// <summary>Reads a file. Nothing of it is proved yet.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static ReceiptBundle Parse(string file)
    {
        if (file.Contains('<'))
        {
            throw new FormatException(
                "The receipt holds a '<', at which a browser may begin a page: it is not as issued."
            );
        }

        try
        {
            return
                JsonSerializer.Deserialize(file.TrimStart('\uFEFF'), StrictJson.Default.ReceiptBundle)
                    is { Format: CurrentFormat } bundle
                ? bundle
                : throw new FormatException("The file is no receipt of this form.");
        }
        catch (JsonException e)
        {
            throw new FormatException($"The receipt is malformed: {e.Message}");
        }
    }

    /// <summary>The entry and the checkpoint that it stands under, once all of it is shown to hold.</summary>
    /// <exception cref="FormatException">Something does not hold: the message says what.</exception>
    public (Entry Entry, Checkpoint Checkpoint) Verify(LogKeys keys)
    {
        if (keys.All.All(k => k.ToString() != Vkey))
        {
            throw new FormatException("The receipt shows another public key than the one that it holds under.");
        }

        var bytes = Encoding.UTF8.GetBytes(Entry);
        var (entry, proof) = (Entries.Entry.Parse(bytes), TlogProof.Parse(Receipt));
        var checkpoint = proof.Verify(Rfc6962.LeafHash(bytes), keys);
        if (entry.Position != proof.Index)
        {
            throw new FormatException($"The entry says position {entry.Position}, the receipt {proof.Index}.");
        }

        return Salt.Length == ContentHash.SaltSize && ContentHash.Of(Salt, Content) == entry.ContentHash
            ? (entry, checkpoint)
            : throw new FormatException($"The content at position {entry.Position} is not the one that was recorded.");
    }
}
