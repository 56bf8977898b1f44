using Ledger.Integrity.Checkpoints;

namespace Ledger.Integrity.Tests;

public sealed class TrustPolicyTests
{
    private static readonly NoteSigner Log = new("ledger.example/test", new byte[32]);
    private static readonly NoteSigner[] Witnesses =
    [
        .. Enumerable
            .Range(1, 4)
            .Select(i => new NoteSigner($"w{i}.example", [.. Enumerable.Repeat((byte)i, 32)], NoteKeyType.Cosignature)),
    ];
    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);
    private static readonly SignedNote Note = SignedNote.Sign(
        new Checkpoint("ledger.example/test", 5, Hash256.Zero).ToBody(),
        Log
    );

    [Theory]
    [InlineData("quorum none", new int[0], true)]
    [InlineData("quorum w1", new[] { 1 }, true)]
    [InlineData("quorum w1", new[] { 2, 3, 4 }, false)]
    [InlineData("group g any w1 w2\nquorum g", new[] { 2 }, true)]
    [InlineData("group g all w1 w2\nquorum g", new[] { 2 }, false)]
    [InlineData("group g all w1 w2\nquorum g", new[] { 1, 2 }, true)]
    [InlineData("group g 2 w1 w2 w3\nquorum g", new[] { 1, 3 }, true)]
    [InlineData("group g 2 w1 w2 w3\nquorum g", new[] { 1, 4 }, false)]
    [InlineData("group a any w1 w2\ngroup b any w3 w4\ngroup g all a b\nquorum g", new[] { 2, 3 }, true)]
    [InlineData("group a any w1 w2\ngroup b any w3 w4\ngroup g all a b\nquorum g", new[] { 1, 2 }, false)]
    public void A_quorum_is_met_by_whoever_it_names(string rest, int[] cosigners, bool met)
    {
        var note = cosigners.Aggregate(Note, (n, i) => n.Cosign(Witnesses[i - 1], Noon));
        Policy(rest).IsSatisfiedBy(SignedNote.Parse(note.ToString())).ShouldBe(met);
        Checkpoint.Open(note.ToString(), Log.Verifier).Size.ShouldBe(5);
    }

    [Fact]
    public void A_cosignature_of_another_note_or_time_or_key_counts_for_nothing()
    {
        var other = SignedNote
            .Sign(new Checkpoint("ledger.example/test", 6, Hash256.Zero).ToBody(), Log)
            .Cosign(Witnesses[0], Noon);
        Policy("quorum w1").IsSatisfiedBy(Note.With(other.Signatures[^1])).ShouldBeFalse();
        var right = Note.Cosign(Witnesses[0], Noon).Signatures[^1];
        var shifted = right.Signature.ToArray();
        shifted[7] ^= 1;
        Policy("quorum w1").IsSatisfiedBy(Note.With(right with { Signature = shifted })).ShouldBeFalse();
        Policy("quorum w1").IsSatisfiedBy(Note.With(right)).ShouldBeTrue();
        Policy("quorum w1")
            .IsSatisfiedBy(
                Note.Cosign(
                    new NoteSigner("w1.example", [.. Enumerable.Repeat((byte)9, 32)], NoteKeyType.Cosignature),
                    Noon
                )
            )
            .ShouldBeFalse();
    }

    [Fact]
    public void A_witness_key_cannot_stand_for_a_log_nor_a_log_key_for_a_witness()
    {
        Should
            .Throw<FormatException>(() => Checkpoint.Open(Note.ToString(), Witnesses[0].Verifier))
            .Message.ShouldContain("witness");
        Should.Throw<FormatException>(() => TrustPolicy.Parse($"log {Witnesses[0].Verifier}\nquorum none"));
        Should.Throw<FormatException>(() => TrustPolicy.Parse($"witness w {Log.Verifier}\nquorum none"));
    }

    [Theory]
    [InlineData("", "one line 'quorum'")]
    [InlineData("quorum nobody", "Line 1")]
    [InlineData("quorum none\nquorum none", "Line 2")]
    [InlineData("group g 3 w1 w2\nquorum g", "threshold")]
    [InlineData("group g 0 w1\nquorum g", "threshold")]
    [InlineData("group none any w1\nquorum none", "taken")]
    [InlineData("group g 2 w1 w1\nquorum g", "twice")]
    [InlineData("hello", "'hello'")]
    [InlineData("witness w9 nonsense\nquorum none", "verifier key")]
    public void A_malformed_policy_is_refused_with_its_line(string rest, string message) =>
        Should
            .Throw<FormatException>(() => rest.Contains('w') ? Policy(rest) : TrustPolicy.Parse(rest))
            .Message.ShouldContain(message);

    [Fact]
    public void One_key_under_two_names_does_not_count_twice()
    {
        var other = new NoteSigner(
            "another.example",
            [.. Enumerable.Repeat((byte)1, 32)],
            NoteKeyType.Cosignature
        ).Verifier;
        Should
            .Throw<FormatException>(() => Policy($"witness w9 {other}\nquorum none"))
            .Message.ShouldContain("named before");
    }

    [Fact]
    public void A_policy_of_many_nested_groups_is_judged_without_recursion()
    {
        var groups = string.Concat(
            Enumerable.Range(1, 100_000).Select(i => $"group g{i} any {(i == 1 ? "w1" : $"g{i - 1}")}\n")
        );
        var policy = Policy($"{groups}quorum g100000");
        policy.IsSatisfiedBy(SignedNote.Sign("body\n", Log)).ShouldBeFalse();
    }

    [Fact]
    public void Keys_of_both_types_survive_their_texts()
    {
        NoteVerifier.Parse(Witnesses[0].Verifier.ToString()).ToString().ShouldBe(Witnesses[0].Verifier.ToString());
        NoteSigner.Parse(Witnesses[0].ToSecret()).Verifier.Type.ShouldBe(NoteKeyType.Cosignature);
        Witnesses[0]
            .Verifier.KeyId.ShouldNotBe(
                new NoteSigner("w1.example", [.. Enumerable.Repeat((byte)1, 32)]).Verifier.KeyId
            );
    }

    private static TrustPolicy Policy(string rest) =>
        TrustPolicy.Parse(
            $"# who is trusted\nlog {Log.Verifier} "
                + "https://ledger.example/\n\n"
                + string.Concat(
                    Witnesses.Select((w, i) => $"witness w{i + 1} {w.Verifier} https://w{i + 1}.example/\n")
                )
                + $"{rest}\n"
        );
}
