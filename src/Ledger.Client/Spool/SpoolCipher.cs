using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Ledger.Client.Spool;

/// <summary>Seals what waits with AES-256-GCM, bound to its place: nonce, ciphertext, tag.</summary>
internal sealed class SpoolCipher(byte[] key) : IDisposable
{
    private const int NonceSize = 12;
    private const int TagSize = 16;

    /// <summary>How many bytes sealing adds.</summary>
    public const int Overhead = NonceSize + TagSize;

    private readonly AesGcm _cipher = new(key, TagSize);

    /// <summary>Seals a content for a place.</summary>
    public byte[] Seal(long place, byte[] content)
    {
        var sealing = new byte[content.Length + Overhead];
        var nonce = sealing.AsSpan(0, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        _cipher.Encrypt(
            nonce,
            content,
            sealing.AsSpan(NonceSize, content.Length),
            sealing.AsSpan(^TagSize..),
            At(place)
        );
        return sealing;
    }

    /// <summary>Opens what was sealed for a place.</summary>
    /// <exception cref="CryptographicException">It was not, or not with this key.</exception>
    public byte[] Open(long place, byte[] sealing)
    {
        var content = new byte[Math.Max(0, sealing.Length - Overhead)];
        _cipher.Decrypt(
            sealing.AsSpan(0, NonceSize),
            sealing.AsSpan(NonceSize, content.Length),
            sealing.AsSpan(^TagSize..),
            content,
            At(place)
        );
        return content;
    }

    /// <inheritdoc/>
    public void Dispose() => _cipher.Dispose();

    private static byte[] At(long place)
    {
        var bound = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bound, place);
        return bound;
    }
}
