using System.Security.Cryptography;

namespace Ledger.Integrity.Entries;

/// <summary>
/// The commitment to an event's content: SHA-256(salt ‖ content). The salt, 16 random bytes kept beside the event,
/// keeps whoever holds only the entries from guessing a content by trying.
/// </summary>
public static class ContentHash
{
    /// <summary>The length of a salt in bytes.</summary>
    public const int SaltSize = 16;

    /// <summary>The commitment to <paramref name="content"/>.</summary>
    /// <exception cref="ArgumentException">
    /// The salt is not 16 bytes long: a salt of another length would let bytes
    /// move between salt and content unseen.
    /// </exception>
    public static Hash256 Of(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> content)
    {
        if (salt.Length != SaltSize)
        {
            throw new ArgumentException($"A salt has {SaltSize} bytes, not {salt.Length}.", nameof(salt));
        }

        if (content.Length <= 2048)
        {
            Span<byte> joined = stackalloc byte[SaltSize + content.Length];
            salt.CopyTo(joined);
            content.CopyTo(joined[SaltSize..]);
            return Hash256.Of(joined);
        }

        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(salt);
        sha.AppendData(content);
        Span<byte> digest = stackalloc byte[Hash256.Size];
        sha.GetHashAndReset(digest);
        return new Hash256(digest);
    }
}
