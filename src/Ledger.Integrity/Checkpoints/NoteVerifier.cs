using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Ledger.Integrity.Checkpoints;

/// <summary>What a key signs, and how. C2SP signed-note and tlog-cosignature number them.</summary>
public enum NoteKeyType : byte
{
    /// <summary>The text of the note: a ledger's key.</summary>
    Ed25519 = 1,

    /// <summary>A time and the text of the note: a witness's key (C2SP tlog-cosignature).</summary>
    Cosignature = 4,

    /// <summary>The same with ML-DSA-44 (FIPS 204), which outlasts quantum computers.</summary>
    MlDsaCosignature = 6,
}

/// <summary>The public half of a note key: what a verifier pins.</summary>
public sealed class NoteVerifier
{
    private readonly byte[] _publicKey;

    /// <summary>A key of this name.</summary>
    /// <exception cref="FormatException">
    /// The name is not printable ASCII without space or plus; the key is not as long as its type has it.
    /// </exception>
    public NoteVerifier(string name, ReadOnlySpan<byte> publicKey, NoteKeyType type = NoteKeyType.Ed25519)
    {
        if (!IsName(name))
        {
            throw new FormatException(
                $"A key name is one or more printable characters of ASCII, without space or plus: '{name}'."
            );
        }

        var size = type == NoteKeyType.MlDsaCosignature ? MlDsa44.PublicKeySize : Ed25519.PublicKeySize;
        if (publicKey.Length != size)
        {
            throw new FormatException($"A public key of type {(int)type} has {size} bytes.");
        }

        (Name, Type) = (name, type);
        _publicKey = publicKey.ToArray();
        var digest = SHA256.HashData([.. Encoding.UTF8.GetBytes(name), (byte)'\n', (byte)type, .. _publicKey]);
        KeyId = ((uint)digest[0] << 24) | ((uint)digest[1] << 16) | ((uint)digest[2] << 8) | digest[3];
    }

    /// <summary>The key's name: for a ledger, its origin.</summary>
    public string Name { get; }

    /// <summary>What the key signs.</summary>
    public NoteKeyType Type { get; }

    /// <summary>Whether it is a witness's key, and not a ledger's.</summary>
    public bool IsCosigners => Type is NoteKeyType.Cosignature or NoteKeyType.MlDsaCosignature;

    /// <summary>The first four bytes of SHA-256(name ‖ LF ‖ type ‖ public key), big-endian.</summary>
    public uint KeyId { get; }

    /// <summary>Reads a <c>vkey</c>: <c>name+keyid+base64(type ‖ public key)</c>.</summary>
    /// <exception cref="FormatException">The text is not a vkey, or its key id is not that of its key.</exception>
    public static NoteVerifier Parse(string vkey)
    {
        var parts = vkey.Trim().Split('+', 3);
        var bytes = new byte[vkey.Length];
        if (parts.Length != 3 || !Convert.TryFromBase64String(parts[2], bytes, out var length) || length < 1)
        {
            throw new FormatException("A verifier key is 'name+keyid+base64'.");
        }

        if (!Enum.IsDefined((NoteKeyType)bytes[0]))
        {
            throw new FormatException(
                "Only Ed25519 keys (type 1) and cosignature keys (types 4 and 6) are known here, not type "
                    + $"{bytes[0]}."
            );
        }

        var key = new NoteVerifier(parts[0], bytes.AsSpan(1, length - 1), (NoteKeyType)bytes[0]);
        return string.Equals(key.HexKeyId(), parts[1], StringComparison.OrdinalIgnoreCase)
            ? key
            : throw new FormatException("The key id of the verifier key is not that of its name and key.");
    }

    /// <summary>Whether the signature is this key's over the text.</summary>
    public bool Verify(byte[] text, byte[] signature)
    {
        if (!IsCosigners)
        {
            return signature.Length == Ed25519.SignatureSize
                && Ed25519.Verify(signature, 0, _publicKey, 0, text, 0, text.Length);
        }

        var size = Type == NoteKeyType.MlDsaCosignature ? MlDsa44.SignatureSize : Ed25519.SignatureSize;
        if (signature.Length != Cosignature.TimeSize + size)
        {
            return false;
        }

        byte[] over;
        try
        {
            over = Cosignature.Over(Type, Name, BinaryPrimitives.ReadUInt64BigEndian(signature), text);
        }
        catch (FormatException)
        {
            // A cosignature is over a checkpoint, and this is none.
            return false;
        }

        return Type == NoteKeyType.MlDsaCosignature
            ? MlDsa44.Verify(_publicKey, over, signature[Cosignature.TimeSize..])
            : Ed25519.Verify(signature, Cosignature.TimeSize, _publicKey, 0, over, 0, over.Length);
    }

    /// <summary>The public key's bytes.</summary>
    public ReadOnlySpan<byte> PublicKey => _publicKey;

    /// <summary>Whether it is the same public key, under whatever name.</summary>
    public bool HasSameKeyAs(NoteVerifier other) => _publicKey.AsSpan().SequenceEqual(other._publicKey);

    /// <summary>The vkey.</summary>
    public override string ToString() => $"{Name}+{HexKeyId()}+{Convert.ToBase64String([(byte)Type, .. _publicKey])}";

    // C2SP allows more: here a name is shown to people, whoever wrote it, and is not to read as a sentence.
    internal static bool IsName(string name) => name.Length > 0 && name.All(c => c is > ' ' and <= '~' and not '+');

    private string HexKeyId() => KeyId.ToString("x8", CultureInfo.InvariantCulture);
}
