using System.Text;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Merkle;
using Ledger.Integrity.Witnesses;

namespace Ledger.Integrity.Tests;

public sealed class WitnessTests
{
    private static readonly NoteSigner Log = new("ledger.example/test", new byte[32]);

    [Fact]
    public void What_continues_is_cosigned_and_nothing_else_is()
    {
        var (five, nine) = (Tree(9, 5), Tree(9, 9));
        var proof = Proof(5, 9);
        Judge(new(0, [], Signed(five)), null).ShouldBe(WitnessVerdict.Cosigned);
        Judge(new(5, proof, Signed(nine)), five).ShouldBe(WitnessVerdict.Cosigned);
        Judge(new(9, [], Signed(nine)), nine).ShouldBe(WitnessVerdict.Cosigned);

        Judge(new(5, [], Signed(nine)), five).ShouldBe(WitnessVerdict.Unprocessable);
        Judge(new(5, [.. proof.Reverse()], Signed(nine)), five).ShouldBe(WitnessVerdict.Unprocessable);
        Judge(new(5, proof, Signed(nine with { Root = Hash256.Zero })), five).ShouldBe(WitnessVerdict.Unprocessable);
        Judge(new(0, proof, Signed(nine)), null).ShouldBe(WitnessVerdict.Unprocessable);
        Judge(new(0, [], Signed(nine)), five).ShouldBe(WitnessVerdict.Conflict);
        Judge(new(4, proof, Signed(nine)), five).ShouldBe(WitnessVerdict.Conflict);
        Judge(new(9, [], Signed(nine with { Root = Hash256.Zero })), nine).ShouldBe(WitnessVerdict.Unprocessable);
        Judge(new(9, [], Signed(five)), nine).ShouldBe(WitnessVerdict.BadRequest);
        Judge(new(0, [], Signed(new Checkpoint(Log.Verifier.Name, 0, five.Root))), null)
            .ShouldBe(WitnessVerdict.Unprocessable);
    }

    [Fact]
    public void A_stranger_s_log_and_a_stranger_s_signature_are_told_apart()
    {
        var five = Tree(5, 5);
        var stranger = new NoteSigner("ledger.example/other", new byte[32]);
        Judge(
                new(
                    0,
                    [],
                    SignedNote
                        .Sign(five.ToBody().Replace("test", "other", StringComparison.Ordinal), stranger)
                        .ToString()
                ),
                null
            )
            .ShouldBe(WitnessVerdict.NotFound);
        Judge(
                new(
                    0,
                    [],
                    SignedNote
                        .Sign(five.ToBody(), new NoteSigner(Log.Verifier.Name, [.. Enumerable.Repeat((byte)9, 32)]))
                        .ToString()
                ),
                null
            )
            .ShouldBe(WitnessVerdict.Forbidden);
        Judge(new(0, [], "nonsense"), null).ShouldBe(WitnessVerdict.BadRequest);
    }

    [Fact]
    public void A_request_survives_its_text_and_a_malformed_one_is_refused()
    {
        var request = new AddCheckpoint(5, Proof(5, 9), Signed(Tree(9, 9)));
        AddCheckpoint.Parse(request.ToString()).ToString().ShouldBe(request.ToString());
        foreach (var text in new[] { "", "old 5", "old -1\n\nx", "old 5\nnonsense\n\nx", "old 05\n\nx", "new 5\n\nx" })
        {
            Should.Throw<FormatException>(() => AddCheckpoint.Parse(text));
        }
    }

    private static WitnessVerdict Judge(AddCheckpoint request, Checkpoint? seen) =>
        Witness.Judge(request, [Log.Verifier], _ => seen).Verdict;

    private static string Signed(Checkpoint checkpoint) => SignedNote.Sign(checkpoint.ToBody(), Log).ToString();

    private static Checkpoint Tree(int of, int size) =>
        new(Log.Verifier.Name, size, Frontier.RootOf(Leaves(of).Take(size).ToList()));

    private static IReadOnlyList<Hash256> Proof(int old, int size)
    {
        var plan = ProofPlan.Consistency(old, size);
        return plan.Resolve([
            .. plan.Nodes.Select(n =>
                Frontier.RootOf(Leaves(size).Skip((int)n.FirstLeaf).Take((int)n.LeafCount).ToList())
            ),
        ]);
    }

    private static IEnumerable<Hash256> Leaves(int count) =>
        Enumerable.Range(0, count).Select(i => Rfc6962.LeafHash(Encoding.UTF8.GetBytes($"{i}")));
}
