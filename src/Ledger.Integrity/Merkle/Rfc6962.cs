using System.Security.Cryptography;

namespace Ledger.Integrity.Merkle;

/// <summary>The three hashes of RFC 6962, section 2.1. The prefixes keep a leaf from passing for a node.</summary>
public static class Rfc6962
{
    /// <summary>The root of a tree without leaves: SHA-256 of nothing.</summary>
    public static Hash256 EmptyRoot { get; } = Hash256.Of([]);

    /// <summary>SHA-256(0x00 ‖ data).</summary>
    public static Hash256 LeafHash(ReadOnlySpan<byte> data)
    {
        if (data.Length <= 1023)
        {
            Span<byte> prefixed = stackalloc byte[data.Length + 1];
            prefixed[0] = 0x00;
            data.CopyTo(prefixed[1..]);
            return Hash256.Of(prefixed);
        }

        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData([0x00]);
        sha.AppendData(data);
        Span<byte> digest = stackalloc byte[Hash256.Size];
        sha.GetHashAndReset(digest);
        return new Hash256(digest);
    }

    /// <summary>SHA-256(0x01 ‖ left ‖ right).</summary>
    public static Hash256 NodeHash(Hash256 left, Hash256 right)
    {
        Span<byte> prefixed = stackalloc byte[1 + (2 * Hash256.Size)];
        prefixed[0] = 0x01;
        left.CopyTo(prefixed[1..]);
        right.CopyTo(prefixed[(1 + Hash256.Size)..]);
        return Hash256.Of(prefixed);
    }
}
