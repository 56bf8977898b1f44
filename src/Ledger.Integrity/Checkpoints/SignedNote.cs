using System.Text;

namespace Ledger.Integrity.Checkpoints;

/// <summary>One signature line of a note: <c>— name base64(key id ‖ signature)</c>.</summary>
/// <param name="Name">Whose key.</param>
/// <param name="KeyId">Which key of that name.</param>
/// <param name="Signature">The signature, without the key id.</param>
public sealed record NoteSignature(string Name, uint KeyId, byte[] Signature)
{
    /// <summary>The line, without its LF.</summary>
    public string ToLine() => $"— {Name} {Convert.ToBase64String([.. BigEndian(KeyId), .. Signature])}";

    /// <summary>Reads a line, without its LF.</summary>
    /// <exception cref="FormatException">The text is not a signature line.</exception>
    public static NoteSignature Parse(string line)
    {
        const string prefix = "— ";
        var bytes = new byte[line.Length];
        if (
            !line.StartsWith(prefix, StringComparison.Ordinal)
            || line[prefix.Length..].Split(' ') is not [var name, var encoded]
            || !NoteVerifier.IsName(name)
            || !Convert.TryFromBase64String(encoded, bytes, out var length)
            || length < 5
        )
        {
            throw new FormatException("A signature line is '— name base64'.");
        }

        var keyId = ((uint)bytes[0] << 24) | ((uint)bytes[1] << 16) | ((uint)bytes[2] << 8) | bytes[3];
        return new NoteSignature(name, keyId, bytes[4..length]);
    }

    internal static byte[] BigEndian(uint value) =>
        [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
}

/// <summary>A text with signatures under it: C2SP signed-note 1.0.</summary>
public sealed class SignedNote
{
    /// <summary>The most signatures that a note may carry here. The specification asks for at least 16.</summary>
    public const int MaxSignatures = 64;

    private SignedNote(string body, IReadOnlyList<NoteSignature> signatures) => (Body, Signatures) = (body, signatures);

    /// <summary>The signed text, with its last LF.</summary>
    public string Body { get; }

    /// <summary>The signatures in their order, none of them checked yet.</summary>
    public IReadOnlyList<NoteSignature> Signatures { get; }

    /// <summary>Signs a text.</summary>
    /// <exception cref="FormatException">The text does not end with LF, or holds a control character.</exception>
    public static SignedNote Sign(string body, params IReadOnlyList<INoteKey> signers)
    {
        RequireText(body);
        var signed = Encoding.UTF8.GetBytes(body);
        return new SignedNote(
            body,
            [.. signers.Select(s => new NoteSignature(s.Verifier.Name, s.Verifier.KeyId, s.Sign(signed)))]
        );
    }

    /// <summary>The note with a witness's signature more, which says that it saw the note at that time.</summary>
    public SignedNote Cosign(NoteSigner witness, DateTimeOffset at) =>
        With(
            new NoteSignature(
                witness.Verifier.Name,
                witness.Verifier.KeyId,
                witness.Cosign(Encoding.UTF8.GetBytes(Body), at)
            )
        );

    /// <summary>
    /// The note with a signature more, made elsewhere. One of the same key takes the place of the older.
    /// </summary>
    public SignedNote With(NoteSignature signature) =>
        new(Body, [.. Signatures.Where(s => s.Name != signature.Name || s.KeyId != signature.KeyId), signature]);

    /// <summary>The note with the signatures of some keys alone: the same whoever cosigned it since.</summary>
    public SignedNote OnlyBy(params IReadOnlyList<NoteVerifier> keys) =>
        new(Body, [.. Signatures.Where(s => keys.Any(k => k.Name == s.Name && k.KeyId == s.KeyId))]);

    /// <summary>The signature by a key, if there is one and it is right.</summary>
    public NoteSignature? SignatureOf(NoteVerifier key) =>
        Signatures.FirstOrDefault(s =>
            s.Name == key.Name && s.KeyId == key.KeyId && key.Verify(Encoding.UTF8.GetBytes(Body), s.Signature)
        );

    /// <summary>Reads a note without checking its signatures.</summary>
    /// <exception cref="FormatException">The text is not a note.</exception>
    public static SignedNote Parse(string text)
    {
        RequireText(text);
        var split = text.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (split < 0)
        {
            throw new FormatException("A note has an empty line between its text and its signatures.");
        }

        var lines = text[(split + 2)..].Split('\n');
        if (lines.Length < 2 || lines.Length - 1 > MaxSignatures)
        {
            throw new FormatException($"A note has 1 to {MaxSignatures} signatures.");
        }

        return new SignedNote(text[..(split + 1)], [.. lines[..^1].Select(NoteSignature.Parse)]);
    }

    /// <summary>
    /// The text, when at least one of the keys signed it and no signature by one of them is wrong. Unknown keys are
    /// ignored.
    /// </summary>
    /// <exception cref="FormatException">A known key's signature is wrong, or there is none.</exception>
    public string Verify(IReadOnlyCollection<NoteVerifier> keys)
    {
        var signed = Encoding.UTF8.GetBytes(Body);
        var verified = false;
        foreach (var signature in Signatures)
        {
            var key = keys.FirstOrDefault(k => k.Name == signature.Name && k.KeyId == signature.KeyId);
            if (key is null)
            {
                continue;
            }

            if (!key.Verify(signed, signature.Signature))
            {
                throw new FormatException($"The signature of '{signature.Name}' on the note is wrong.");
            }

            verified = true;
        }

        return verified ? Body : throw new FormatException("The note is signed by none of the known keys.");
    }

    /// <summary>The note as it travels.</summary>
    public override string ToString() => $"{Body}\n{string.Concat(Signatures.Select(s => s.ToLine() + "\n"))}";

    private static void RequireText(string text)
    {
        if (!text.EndsWith('\n'))
        {
            throw new FormatException("A note ends with a line feed.");
        }

        if (text.Any(c => char.IsControl(c) && c != '\n'))
        {
            throw new FormatException("A note has no control character but the line feed.");
        }
    }
}
