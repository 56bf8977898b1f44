using System.Numerics;

namespace Ledger.Integrity.Merkle;

/// <summary>
/// What must be read to make a proof, and how to make it from that. Planning knows no storage: the caller reads
/// <see cref="Nodes"/> from wherever it keeps them, in one round, and hands the hashes to <see cref="Resolve"/>.
/// </summary>
public sealed class ProofPlan
{
    private readonly List<int> _nodesOfElement = [];
    private readonly List<TreeNode> _nodes = [];

    private ProofPlan() { }

    /// <summary>The nodes to read, in the order <see cref="Resolve"/> wants them.</summary>
    public IReadOnlyList<TreeNode> Nodes => _nodes;

    /// <summary>The inclusion proof of a leaf, from leaf to root: RFC 6962, section 2.1.1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The index is not that of a leaf of a tree of this size.
    /// </exception>
    public static ProofPlan Inclusion(long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var plan = new ProofPlan();
        plan.AddInclusion(index, 0, size);
        return plan;
    }

    /// <summary>
    /// The proof that the tree of <paramref name="newSize"/> continues that of <paramref name="oldSize"/>: RFC 6962,
    /// section 2.1.2.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The old size is below 1 or above the new one.</exception>
    public static ProofPlan Consistency(long oldSize, long newSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(oldSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(oldSize, newSize);
        var plan = new ProofPlan();
        if (oldSize < newSize)
        {
            plan.AddConsistency(oldSize, 0, newSize, oldIsWhole: true);
        }

        return plan;
    }

    /// <summary>
    /// The frontier of the tree of <paramref name="size"/> leaves: the one element that it resolves to is the root.
    /// </summary>
    public static ProofPlan Root(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        var plan = new ProofPlan();
        plan.AddRange(0, size);
        return plan;
    }

    /// <summary>The proof, from the hashes of <see cref="Nodes"/> in their order.</summary>
    public IReadOnlyList<Hash256> Resolve(IReadOnlyList<Hash256> hashes)
    {
        if (hashes.Count != _nodes.Count)
        {
            throw new ArgumentException($"The plan asks for {_nodes.Count} nodes, not {hashes.Count}.", nameof(hashes));
        }

        var proof = new Hash256[_nodesOfElement.Count];
        var next = 0;
        for (var i = 0; i < proof.Length; i++)
        {
            proof[i] = Frontier.Fold([.. hashes.Skip(next).Take(_nodesOfElement[i])]);
            next += _nodesOfElement[i];
        }

        return proof;
    }

    private static long Split(long count) => 1L << BitOperations.Log2((ulong)(count - 1));

    private void AddInclusion(long index, long start, long end)
    {
        if (end - start == 1)
        {
            return;
        }

        var middle = start + Split(end - start);
        if (index < middle)
        {
            AddInclusion(index, start, middle);
            AddRange(middle, end);
        }
        else
        {
            AddInclusion(index, middle, end);
            AddRange(start, middle);
        }
    }

    private void AddConsistency(long oldSize, long start, long end, bool oldIsWhole)
    {
        if (oldSize == end)
        {
            if (!oldIsWhole)
            {
                AddRange(start, end);
            }

            return;
        }

        var middle = start + Split(end - start);
        if (oldSize <= middle)
        {
            AddConsistency(oldSize, start, middle, oldIsWhole);
            AddRange(middle, end);
        }
        else
        {
            AddConsistency(oldSize, middle, end, oldIsWhole: false);
            AddRange(start, middle);
        }
    }

    private void AddRange(long start, long end)
    {
        var before = _nodes.Count;
        _nodes.AddRange(TreeNode.Covering(start, end));
        _nodesOfElement.Add(_nodes.Count - before);
    }
}
