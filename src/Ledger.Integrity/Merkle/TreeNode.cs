using System.Numerics;

namespace Ledger.Integrity.Merkle;

/// <summary>
/// A perfect subtree: <paramref name="Index"/> counts the subtrees of 2^<paramref name="Level"/> leaves from the left.
/// </summary>
/// <param name="Level">0 for a leaf.</param>
/// <param name="Index">From 0.</param>
public readonly record struct TreeNode(int Level, long Index)
{
    /// <summary>The position of its first leaf.</summary>
    public long FirstLeaf => Index << Level;

    /// <summary>The number of its leaves.</summary>
    public long LeafCount => 1L << Level;

    /// <summary>
    /// The perfect subtrees that cover the leaves [<paramref name="start"/>, <paramref name="end"/>), largest first.
    /// </summary>
    /// <remarks>
    /// The range is one that the recursion of RFC 6962 makes: its start is a multiple of the largest power of two below
    /// its length.
    /// </remarks>
    internal static IEnumerable<TreeNode> Covering(long start, long end)
    {
        while (start < end)
        {
            var level = BitOperations.Log2((ulong)(end - start));
            if (start != 0)
            {
                level = Math.Min(level, BitOperations.TrailingZeroCount(start));
            }

            yield return new TreeNode(level, start >> level);
            start += 1L << level;
        }
    }
}
