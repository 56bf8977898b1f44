using System.Security.Cryptography;

namespace Ledger.Domain.Pseudonyms;

/// <summary>
/// A key that can be made to forget single inputs: a tree of keys (Goldreich, Goldwasser, Micali: How to construct
/// random functions, 1986), each the HMAC-SHA-256 of a byte under the one above. Whoever holds the root derives every
/// leaf; once a leaf is taken out, what is held instead gives all the others and never that one again.
/// </summary>
public sealed class PuncturableKey
{
    /// <summary>The length of an input, and the levels of the tree, a byte each.</summary>
    public const int PointSize = 6;

    private const int KeySize = 32;
    private const int CachedLevel = 2;

    // By what leads to them. Disjoint: a point has at most one of them above it.
    private readonly Dictionary<string, byte[]> _nodes;
    private readonly byte[]?[] _cached = new byte[1 << (8 * CachedLevel)][];

    private PuncturableKey(Dictionary<string, byte[]> nodes) => _nodes = nodes;

    /// <summary>What is held: of each subtree the bytes that lead to it, in hexadecimal, and its key.</summary>
    public IEnumerable<(string Prefix, byte[] Key)> Nodes =>
        _nodes.OrderBy(n => n.Key, StringComparer.Ordinal).Select(n => (n.Key, n.Value));

    /// <summary>A key that has forgotten nothing.</summary>
    /// <param name="root">32 random bytes.</param>
    public static PuncturableKey Whole(byte[] root) => Of([(string.Empty, root)]);

    /// <summary>A key from what <see cref="Nodes"/> gave.</summary>
    /// <exception cref="FormatException">It is not one.</exception>
    public static PuncturableKey Of(IEnumerable<(string Prefix, byte[] Key)> nodes)
    {
        var held = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (prefix, key) in nodes)
        {
            if (
                key.Length != KeySize
                || prefix.Length > 2 * PointSize
                || prefix.Length % 2 != 0
                || !prefix.All(char.IsAsciiHexDigitUpper)
                || !held.TryAdd(prefix, key)
            )
            {
                throw new FormatException("A key of files is made of subtrees, each with its prefix and 32 bytes.");
            }
        }

        return new PuncturableKey(held);
    }

    /// <summary>The leaf of an input; null once it is forgotten.</summary>
    /// <param name="point">6 bytes.</param>
    public byte[]? Leaf(ReadOnlySpan<byte> point)
    {
        var slot = (point[0] << 8) | point[1];
        if (Volatile.Read(ref _cached[slot]) is { } near)
        {
            return Down(near, point[CachedLevel..]);
        }

        if (Above(point) is not var (depth, key))
        {
            return null;
        }

        if (depth > CachedLevel)
        {
            return Down(key, point[depth..]);
        }

        near = Down(key, point[depth..CachedLevel]);
        Volatile.Write(ref _cached[slot], near);
        return Down(near, point[CachedLevel..]);
    }

    /// <summary>The key without an input: what it held above it is replaced by everything beside the way to it.</summary>
    /// <param name="point">6 bytes.</param>
    public PuncturableKey Without(ReadOnlySpan<byte> point)
    {
        if (Above(point) is not var (depth, key))
        {
            return this;
        }

        var nodes = new Dictionary<string, byte[]>(_nodes, StringComparer.Ordinal);
        nodes.Remove(Convert.ToHexString(point[..depth]));
        for (; depth < PointSize; depth++)
        {
            for (var child = 0; child <= byte.MaxValue; child++)
            {
                if (child != point[depth])
                {
                    nodes.Add(Convert.ToHexString([.. point[..depth], (byte)child]), Child(key, (byte)child));
                }
            }

            key = Child(key, point[depth]);
        }

        return new PuncturableKey(nodes);
    }

    private (int Depth, byte[] Key)? Above(ReadOnlySpan<byte> point)
    {
        for (var depth = 0; depth <= PointSize; depth++)
        {
            if (_nodes.TryGetValue(Convert.ToHexString(point[..depth]), out var key))
            {
                return (depth, key);
            }
        }

        return null;
    }

    private static byte[] Down(byte[] key, ReadOnlySpan<byte> way)
    {
        foreach (var child in way)
        {
            key = Child(key, child);
        }

        return key;
    }

    private static byte[] Child(byte[] key, byte child) => HMACSHA256.HashData(key.AsSpan(), [child]);
}
