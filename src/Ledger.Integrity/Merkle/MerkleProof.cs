using System.Numerics;

namespace Ledger.Integrity.Merkle;

/// <summary>
/// Checks inclusion and consistency proofs: RFC 9162, sections 2.1.3.2 and 2.1.4.2. Trusts no argument.
/// </summary>
public static class MerkleProof
{
    /// <summary>
    /// Whether <paramref name="proof"/> shows that the leaf stands at <paramref name="index"/> in the tree of this size
    /// and root.
    /// </summary>
    public static bool VerifyInclusion(
        long index,
        long size,
        Hash256 leafHash,
        IReadOnlyList<Hash256> proof,
        Hash256 root
    )
    {
        if (index < 0 || index >= size)
        {
            return false;
        }

        var (node, last) = (index, size - 1);
        var hash = leafHash;
        foreach (var sibling in proof)
        {
            if (last == 0)
            {
                return false;
            }

            if ((node & 1) == 1 || node == last)
            {
                hash = Rfc6962.NodeHash(sibling, hash);
                while ((node & 1) == 0 && node != 0)
                {
                    node >>= 1;
                    last >>= 1;
                }
            }
            else
            {
                hash = Rfc6962.NodeHash(hash, sibling);
            }

            node >>= 1;
            last >>= 1;
        }

        return last == 0 && hash == root;
    }

    /// <summary>Whether <paramref name="proof"/> shows that the second tree begins with all of the first.</summary>
    /// <remarks>
    /// A tree without leaves begins every tree, so it proves nothing: a first size of 0 is refused, as are sizes out of
    /// order.
    /// </remarks>
    public static bool VerifyConsistency(
        long oldSize,
        long newSize,
        Hash256 oldRoot,
        Hash256 newRoot,
        IReadOnlyList<Hash256> proof
    )
    {
        if (oldSize < 1 || oldSize > newSize)
        {
            return false;
        }

        if (oldSize == newSize)
        {
            return proof.Count == 0 && oldRoot == newRoot;
        }

        // When the old tree is perfect its root is a node of the new one, and the proof leaves it out.
        IReadOnlyList<Hash256> path = BitOperations.IsPow2(oldSize) ? [oldRoot, .. proof] : proof;
        if (path.Count == 0)
        {
            return false;
        }

        var (node, last) = (oldSize - 1, newSize - 1);
        while ((node & 1) == 1)
        {
            node >>= 1;
            last >>= 1;
        }

        var (oldHash, newHash) = (path[0], path[0]);
        foreach (var sibling in path.Skip(1))
        {
            if (last == 0)
            {
                return false;
            }

            if ((node & 1) == 1 || node == last)
            {
                oldHash = Rfc6962.NodeHash(sibling, oldHash);
                newHash = Rfc6962.NodeHash(sibling, newHash);
                while ((node & 1) == 0 && node != 0)
                {
                    node >>= 1;
                    last >>= 1;
                }
            }
            else
            {
                newHash = Rfc6962.NodeHash(newHash, sibling);
            }

            node >>= 1;
            last >>= 1;
        }

        return last == 0 && oldHash == oldRoot && newHash == newRoot;
    }
}
