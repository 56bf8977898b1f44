using System.Numerics;

namespace Ledger.Integrity.Merkle;

/// <summary>
/// The right edge of an append-only tree: the roots of its perfect subtrees, largest first, one for each bit set in the
/// size. It is all that is needed to append a leaf and to know the root.
/// </summary>
public sealed class Frontier
{
    private readonly List<Hash256> _roots;

    private Frontier(long size, List<Hash256> roots) => (Size, _roots) = (size, roots);

    /// <summary>The frontier of a tree without leaves.</summary>
    public Frontier()
        : this(0, []) { }

    /// <summary>The number of leaves.</summary>
    public long Size { get; private set; }

    /// <summary>The roots of the perfect subtrees, largest first.</summary>
    public IReadOnlyList<Hash256> Roots => _roots;

    /// <summary>
    /// The frontier of <paramref name="size"/> leaves from the roots of its perfect subtrees, largest first.
    /// </summary>
    /// <exception cref="ArgumentException">The number of roots is not the number of bits set in the size.</exception>
    public static Frontier Restore(long size, IEnumerable<Hash256> roots)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        var list = roots.ToList();
        if (list.Count != BitOperations.PopCount((ulong)size))
        {
            throw new ArgumentException(
                $"A tree of {size} leaves has {BitOperations.PopCount((ulong)size)} perfect subtrees, not "
                    + $"{list.Count}.",
                nameof(roots)
            );
        }

        return new Frontier(size, list);
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="ArgumentException">The bytes are not those of a frontier of this size.</exception>
    public static Frontier Parse(long size, ReadOnlySpan<byte> bytes)
    {
        var roots = new List<Hash256>();
        while (bytes.Length >= Hash256.Size)
        {
            roots.Add(new Hash256(bytes[..Hash256.Size]));
            bytes = bytes[Hash256.Size..];
        }

        return bytes.IsEmpty
            ? Restore(size, roots)
            : throw new ArgumentException("The bytes of a frontier are a whole number of digests.", nameof(bytes));
    }

    /// <summary>The root of a tree of these leaves, or of these roots of equal perfect subtrees.</summary>
    public static Hash256 RootOf(IEnumerable<Hash256> leaves)
    {
        var frontier = new Frontier();
        foreach (var leaf in leaves)
        {
            frontier.Append(leaf);
        }

        return frontier.Root();
    }

    /// <summary>Adds a leaf at the end.</summary>
    public void Append(Hash256 leafHash)
    {
        var node = leafHash;
        for (var bits = Size; (bits & 1) == 1; bits >>= 1)
        {
            node = Rfc6962.NodeHash(_roots[^1], node);
            _roots.RemoveAt(_roots.Count - 1);
        }

        _roots.Add(node);
        Size++;
    }

    /// <summary>The root of the tree: RFC 6962, section 2.1.</summary>
    public Hash256 Root() => Fold(_roots);

    /// <summary>The same frontier, which can grow apart from this one.</summary>
    public Frontier Copy() => new(Size, [.. _roots]);

    /// <summary>The roots one after another, 32 bytes each.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[_roots.Count * Hash256.Size];
        for (var i = 0; i < _roots.Count; i++)
        {
            _roots[i].CopyTo(bytes.AsSpan(i * Hash256.Size));
        }

        return bytes;
    }

    /// <summary>The root over adjacent perfect subtrees, largest first.</summary>
    internal static Hash256 Fold(IReadOnlyList<Hash256> roots)
    {
        if (roots.Count == 0)
        {
            return Rfc6962.EmptyRoot;
        }

        var root = roots[^1];
        for (var i = roots.Count - 2; i >= 0; i--)
        {
            root = Rfc6962.NodeHash(roots[i], root);
        }

        return root;
    }
}
