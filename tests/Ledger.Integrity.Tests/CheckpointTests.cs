using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Merkle;
using Ledger.Integrity.Tiles;

namespace Ledger.Integrity.Tests;

public sealed class CheckpointTests
{
    private const string Origin = "ledger.example/caf-763";

    private static readonly NoteSigner Signer = new(Origin, Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());
    private static readonly Checkpoint Sample = new(Origin, 42, Hash256.Of("root"u8));

    [Fact]
    public void The_key_of_the_specification_is_read_and_its_note_verified()
    {
        // The example of Go's golang.org/x/mod/sumdb/note documentation.
        var key = NoteVerifier.Parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
        var note = SignedNote.Parse(
            "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
                + "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FF"
                + "YC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
        );
        note.Verify([key]).ShouldStartWith("If you think");
        key.ToString().ShouldBe("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
    }

    [Fact]
    public void A_signed_checkpoint_opens_with_its_key_and_no_other()
    {
        var note = SignedNote.Sign(Sample.ToBody(), Signer).ToString();
        Checkpoint.Open(note, Signer.Verifier).ShouldBe(Sample);
        var other = new NoteSigner(Origin, new byte[32]).Verifier;
        Should
            .Throw<FormatException>(() => Checkpoint.Open(note, other))
            .Message.ShouldContain("none of the known keys");
    }

    [Fact]
    public void A_checkpoint_changed_after_it_was_signed_does_not_open()
    {
        var note = SignedNote
            .Sign(Sample.ToBody(), Signer)
            .ToString()
            .Replace("\n42\n", "\n43\n", StringComparison.Ordinal);
        Should.Throw<FormatException>(() => Checkpoint.Open(note, Signer.Verifier)).Message.ShouldContain("wrong");
    }

    [Fact]
    public void A_checkpoint_of_another_origin_signed_by_the_same_key_does_not_open()
    {
        var note = SignedNote.Sign((Sample with { Origin = "ledger.example/other" }).ToBody(), Signer).ToString();
        Should
            .Throw<FormatException>(() => Checkpoint.Open(note, Signer.Verifier))
            .Message.ShouldContain("ledger.example/other");
    }

    [Fact]
    public void Signatures_by_unknown_keys_are_ignored_and_sixteen_are_accepted()
    {
        var others = Enumerable.Range(1, 15).Select(i => new NoteSigner($"witness-{i}", new byte[32]));
        var note = SignedNote.Sign(Sample.ToBody(), [.. others, Signer]).ToString();
        Checkpoint.Open(note, Signer.Verifier).ShouldBe(Sample);
    }

    [Theory]
    [InlineData("o\n042\nR\n")]
    [InlineData("o\n-1\nR\n")]
    [InlineData("o\n42\nAAAA\n")]
    [InlineData("\n42\nR\n")]
    [InlineData("o\n42\nR")]
    [InlineData("o\n42\n")]
    public void A_malformed_body_is_refused(string body) =>
        Should.Throw<FormatException>(() =>
            Checkpoint.Parse(body.Replace("R", Hash256.Zero.ToBase64(), StringComparison.Ordinal))
        );

    [Theory]
    [InlineData("a b")]
    [InlineData("a+b")]
    [InlineData("")]
    public void A_key_name_that_would_break_a_signature_line_is_refused(string name) =>
        Should.Throw<FormatException>(() => new NoteVerifier(name, new byte[32]));

    [Fact]
    public void A_vkey_whose_id_is_not_its_keys_is_refused() =>
        Should.Throw<FormatException>(() =>
            NoteVerifier.Parse("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
        );

    [Fact]
    public void A_private_key_read_back_signs_the_same() =>
        NoteSigner.Parse(Signer.ToSecret()).Verifier.ToString().ShouldBe(Signer.Verifier.ToString());

    [Fact]
    public void A_receipt_holds_for_its_leaf_and_for_no_other()
    {
        var leaves = Enumerable.Range(0, 5).Select(i => Rfc6962.LeafHash([(byte)i])).ToList();
        var frontier = new Frontier();
        leaves.ForEach(frontier.Append);
        var plan = ProofPlan.Inclusion(4, 5);
        var left = Rfc6962.NodeHash(Rfc6962.NodeHash(leaves[0], leaves[1]), Rfc6962.NodeHash(leaves[2], leaves[3]));
        plan.Nodes.ShouldBe([new TreeNode(2, 0)]);
        var note = SignedNote.Sign(new Checkpoint(Origin, 5, frontier.Root()).ToBody(), Signer).ToString();

        var receipt = TlogProof.Parse(new TlogProof(4, plan.Resolve([left]), note).ToString());
        receipt.Verify(leaves[4], Signer.Verifier).Size.ShouldBe(5);
        Should.Throw<FormatException>(() => receipt.Verify(leaves[3], Signer.Verifier));
    }

    [Theory]
    [InlineData(0, 5, "tile/0/005")]
    [InlineData(1, 1234067, "tile/1/x001/x234/067")]
    public void A_tile_stands_where_the_specification_says(int level, long index, string path) =>
        TilePath.Hashes(level, index).ShouldBe(path);

    [Fact]
    public void A_tree_of_70000_leaves_has_partial_tiles_at_its_right_edge()
    {
        var tiles = TilePath.Of(70_000).ToList();
        tiles.Count(t => t.Level == 0).ShouldBe(274);
        tiles.Where(t => t.Width < 256).ShouldBe([(0, 273L, 112), (1, 1L, 17), (2, 0L, 1)]);
        TilePath.Hashes(0, 273, 112).ShouldBe("tile/0/273.p/112");
        TilePath.Entries(273, 112).ShouldBe("tile/entries/273.p/112");
    }

    [Fact]
    public void A_bundle_of_entries_read_back_is_the_same_and_a_cut_one_is_refused()
    {
        byte[][] entries =
        [
            [1, 2, 3],
            [],
            new byte[700],
        ];
        var bundle = EntryBundle.Encode(entries);
        EntryBundle.Decode(bundle).Select(e => e.ToArray()).ShouldBe(entries);
        Should.Throw<FormatException>(() => EntryBundle.Decode(bundle.AsMemory(0, bundle.Length - 1)));
    }
}
