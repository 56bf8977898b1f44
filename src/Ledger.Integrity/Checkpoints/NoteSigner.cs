using System.Buffers.Binary;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Ledger.Integrity.Checkpoints;

/// <summary>The private half of a note key: Ed25519 or ML-DSA-44, from its 32-byte seed.</summary>
public sealed class NoteSigner : INoteKey
{
    /// <summary>The length of a seed in bytes.</summary>
    public const int SeedSize = 32;

    private const string SecretPrefix = "PRIVATE+KEY+";

    private readonly byte[] _seed;

    /// <summary>The key of this name and seed.</summary>
    /// <exception cref="FormatException">The name cannot be a key's name; the seed is not 32 bytes long.</exception>
    public NoteSigner(string name, ReadOnlySpan<byte> seed, NoteKeyType type = NoteKeyType.Ed25519)
    {
        if (seed.Length != SeedSize)
        {
            throw new FormatException($"A seed has {SeedSize} bytes.");
        }

        _seed = seed.ToArray();
        Verifier = new NoteVerifier(name, PublicKeyOf(_seed, type), type);
    }

    /// <summary>The public half.</summary>
    public NoteVerifier Verifier { get; }

    /// <summary>Reads what <see cref="ToSecret"/> wrote.</summary>
    /// <exception cref="FormatException">The text is not a private key.</exception>
    public static NoteSigner Parse(string secret)
    {
        secret = secret.Trim();
        var parts = secret.StartsWith(SecretPrefix, StringComparison.Ordinal)
            ? secret[SecretPrefix.Length..].Split('+', 3)
            : [];
        var bytes = new byte[secret.Length];
        return
            parts.Length == 3
            && Convert.TryFromBase64String(parts[2], bytes, out var length)
            && length == SeedSize + 1
            && Enum.IsDefined((NoteKeyType)bytes[0])
            ? new NoteSigner(parts[0], bytes.AsSpan(1, SeedSize), (NoteKeyType)bytes[0])
            : throw new FormatException($"A private key is '{SecretPrefix}name+keyid+base64'.");
    }

    /// <summary>
    /// The private key as text, in the form that Go's note package made usual. Whoever reads it can sign.
    /// </summary>
    public string ToSecret()
    {
        var parts = Verifier.ToString().Split('+', 3);
        return $"{SecretPrefix}{parts[0]}+{parts[1]}+{Convert.ToBase64String([(byte)Verifier.Type, .. _seed])}";
    }

    private static byte[] PublicKeyOf(byte[] seed, NoteKeyType type)
    {
        if (type == NoteKeyType.MlDsaCosignature)
        {
            return MlDsa44.PublicKeyOf(seed);
        }

        var publicKey = new byte[Ed25519.PublicKeySize];
        Ed25519.GeneratePublicKey(seed, 0, publicKey, 0);
        return publicKey;
    }

    // The payload of a cosignature: its time, and the signature over the time and the text.
    internal byte[] Cosign(byte[] text, DateTimeOffset at)
    {
        var (time, seconds) = (new byte[Cosignature.TimeSize], (ulong)at.ToUnixTimeSeconds());
        BinaryPrimitives.WriteUInt64BigEndian(time, seconds);
        return [.. time, .. Sign(Cosignature.Over(Verifier.Type, Verifier.Name, seconds, text))];
    }

    /// <inheritdoc/>
    public byte[] Sign(byte[] text)
    {
        if (Verifier.Type == NoteKeyType.MlDsaCosignature)
        {
            return MlDsa44.Sign(_seed, text);
        }

        var signature = new byte[Ed25519.SignatureSize];
        Ed25519.Sign(_seed, 0, text, 0, text.Length, signature, 0);
        return signature;
    }
}
