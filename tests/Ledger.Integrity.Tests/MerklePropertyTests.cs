using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Ledger.Integrity.Merkle;

namespace Ledger.Integrity.Tests;

public sealed class MerklePropertyTests
{
    [Property(MaxTest = 300)]
    public Property Every_inclusion_proof_of_a_random_tree_verifies_and_every_one_bit_change_of_it_fails() =>
        Prop.ForAll(
            Sizes.SelectMany(size => Gen.Choose(0, size - 1), (size, index) => (size, index)).ToArbitrary(),
            at =>
            {
                var (size, index) = at;
                var tree = new Tree(size);
                var proof = tree.Prove(ProofPlan.Inclusion(index, size));
                var leaf = tree.Leaves[index];
                var root = tree.Root(size);

                MerkleProof.VerifyInclusion(index, size, leaf, proof, root).ShouldBeTrue();
                foreach (var changed in OneBitChanges(proof))
                {
                    MerkleProof.VerifyInclusion(index, size, leaf, changed, root).ShouldBeFalse();
                }

                foreach (var bit in Bits)
                {
                    MerkleProof.VerifyInclusion(index, size, Flip(leaf, bit), proof, root).ShouldBeFalse();
                    MerkleProof.VerifyInclusion(index, size, leaf, proof, Flip(root, bit)).ShouldBeFalse();
                }

                MerkleProof.VerifyInclusion(index, size, leaf, [.. proof, root], root).ShouldBeFalse();
                if (proof.Count > 0)
                {
                    MerkleProof.VerifyInclusion(index, size, leaf, [.. proof.Skip(1)], root).ShouldBeFalse();
                    MerkleProof.VerifyInclusion(index ^ 1, size, leaf, proof, root).ShouldBeFalse();
                }
            }
        );

    [Property(MaxTest = 300)]
    public Property Every_consistency_proof_of_a_random_tree_verifies_and_every_one_bit_change_of_it_fails() =>
        Prop.ForAll(
            Sizes.SelectMany(size => Gen.Choose(1, size), (size, old) => (size, old)).ToArbitrary(),
            at =>
            {
                var (size, old) = at;
                var tree = new Tree(size);
                var proof = tree.Prove(ProofPlan.Consistency(old, size));
                var (oldRoot, root) = (tree.Root(old), tree.Root(size));

                MerkleProof.VerifyConsistency(old, size, oldRoot, root, proof).ShouldBeTrue();
                foreach (var changed in OneBitChanges(proof))
                {
                    MerkleProof.VerifyConsistency(old, size, oldRoot, root, changed).ShouldBeFalse();
                }

                foreach (var bit in Bits)
                {
                    MerkleProof.VerifyConsistency(old, size, Flip(oldRoot, bit), root, proof).ShouldBeFalse();
                    MerkleProof.VerifyConsistency(old, size, oldRoot, Flip(root, bit), proof).ShouldBeFalse();
                }

                MerkleProof.VerifyConsistency(old, size, oldRoot, root, [.. proof, root]).ShouldBeFalse();
            }
        );

    [Property(MaxTest = 200)]
    public Property The_frontier_the_plan_and_the_definition_give_the_same_root() =>
        Prop.ForAll(
            Sizes.ToArbitrary(),
            size =>
            {
                var tree = new Tree(size);
                var frontier = new Frontier();
                tree.Leaves.ForEach(frontier.Append);

                frontier.Root().ShouldBe(tree.Root(size));
                tree.Prove(ProofPlan.Root(size)).ShouldBe([tree.Root(size)]);
                var restored = Frontier.Parse(size, frontier.ToBytes());
                restored.Root().ShouldBe(frontier.Root());
                restored.Append(Hash256.Zero);
                restored.Size.ShouldBe(size + 1);
                frontier.Size.ShouldBe(size);
            }
        );

    [Fact]
    public void The_empty_tree_has_the_root_of_the_rfc() =>
        new Frontier().Root().ToBase64().ShouldBe("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");

    [Theory]
    [InlineData(-1, 3)]
    [InlineData(3, 3)]
    [InlineData(0, 0)]
    public void A_proof_of_a_leaf_that_is_not_there_cannot_be_planned(long index, long size) =>
        Should.Throw<ArgumentOutOfRangeException>(() => ProofPlan.Inclusion(index, size));

    [Theory]
    [InlineData(0, 3)]
    [InlineData(4, 3)]
    public void Consistency_from_nothing_or_backwards_cannot_be_planned(long oldSize, long newSize) =>
        Should.Throw<ArgumentOutOfRangeException>(() => ProofPlan.Consistency(oldSize, newSize));

    private static Gen<int> Sizes => Gen.Choose(1, 700);

    private static IEnumerable<int> Bits => Enumerable.Range(0, 32).Select(i => (i * 8) + (i % 8));

    private static IEnumerable<IReadOnlyList<Hash256>> OneBitChanges(IReadOnlyList<Hash256> proof) =>
        from element in Enumerable.Range(0, proof.Count)
        from bit in Bits
        select (IReadOnlyList<Hash256>)[.. proof.Select((hash, i) => i == element ? Flip(hash, bit) : hash)];

    private static Hash256 Flip(Hash256 hash, int bit)
    {
        var bytes = hash.ToArray();
        bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        return new Hash256(bytes);
    }

    /// <summary>The definition of RFC 6962 read aloud: slow, and nothing else.</summary>
    private sealed class Tree(int size)
    {
        private readonly Dictionary<(int, int), Hash256> _known = [];

        public List<Hash256> Leaves { get; } =
        [.. Enumerable.Range(0, size).Select(i => Rfc6962.LeafHash(BitConverter.GetBytes(i)))];

        public Hash256 Root(int upTo) => Range(0, upTo);

        public IReadOnlyList<Hash256> Prove(ProofPlan plan) =>
            plan.Resolve([.. plan.Nodes.Select(n => Range((int)n.FirstLeaf, (int)(n.FirstLeaf + n.LeafCount)))]);

        private Hash256 Range(int start, int end)
        {
            if (end - start == 1)
            {
                return Leaves[start];
            }

            if (!_known.TryGetValue((start, end), out var hash))
            {
                var split = 1;
                while (split * 2 < end - start)
                {
                    split *= 2;
                }

                hash = _known[(start, end)] = Rfc6962.NodeHash(Range(start, start + split), Range(start + split, end));
            }

            return hash;
        }
    }
}
