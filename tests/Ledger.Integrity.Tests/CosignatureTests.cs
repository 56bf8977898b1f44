using System.Security.Cryptography;
using Ledger.Integrity.Checkpoints;

namespace Ledger.Integrity.Tests;

/// <summary>Cosignatures with ML-DSA-44, as C2SP tlog-cosignature has them (type 6).</summary>
public sealed class CosignatureTests
{
    private const string Name = "ledger.example/test/ml-dsa-44";

    private static readonly byte[] Seed = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly NoteSigner Log = new("ledger.example/test", new byte[32]);
    private static readonly NoteSigner Cosigner = new(Name, Seed, NoteKeyType.MlDsaCosignature);
    private static readonly DateTimeOffset At = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly string Body = new Checkpoint(
        "ledger.example/test",
        42,
        new Hash256([.. Enumerable.Repeat((byte)7, 32)])
    ).ToBody();

    [Fact]
    public void Another_implementation_makes_the_same_key_and_its_cosignature_holds()
    {
        // Made by @noble/post-quantum 0.7.1, from the same seed and the text that C2SP gives.
        var vkey = Vector("ml-dsa-44.vkey");
        Cosigner.Verifier.ToString().ShouldBe(vkey);
        var note = SignedNote.Parse(Vector("ml-dsa-44.note"));
        note.Body.ShouldBe(Body);
        note.SignatureOf(NoteVerifier.Parse(vkey)).ShouldNotBeNull();
    }

    [Fact]
    public void A_cosignature_is_over_its_time_the_cosigner_s_name_and_the_checkpoint_and_nothing_else()
    {
        var note = SignedNote.Sign(Body, Log).Cosign(Cosigner, At);
        var line = note.SignatureOf(Cosigner.Verifier).ShouldNotBeNull();
        line.Signature.Length.ShouldBe(8 + 2420);
        foreach (var at in new[] { 0, 7, 8, 1000, 2427 })
        {
            var changed = (byte[])line.Signature.Clone();
            changed[at] ^= 1;
            note.With(line with { Signature = changed }).SignatureOf(Cosigner.Verifier).ShouldBeNull($"byte {at}");
        }

        foreach (var length in new[] { 0, 8, 2427, 2429 })
        {
            var cut = line.Signature.Concat(new byte[1]).Take(length).ToArray();
            note.With(line with { Signature = cut }).SignatureOf(Cosigner.Verifier).ShouldBeNull($"{length} bytes");
        }

        foreach (var other in new[] { Body.Replace("42", "43"), Body.Replace("test", "tost") })
        {
            Under(other).SignatureOf(Cosigner.Verifier).ShouldBeNull();
        }

        Under("no checkpoint\n").SignatureOf(Cosigner.Verifier).ShouldBeNull();
        Under(Body + "an extension line\n").SignatureOf(Cosigner.Verifier).ShouldNotBeNull();
        var renamed = new NoteSigner("another", Seed, NoteKeyType.MlDsaCosignature).Verifier;
        note.With(line with { Name = "another", KeyId = renamed.KeyId }).SignatureOf(renamed).ShouldBeNull();

        SignedNote Under(string body) => SignedNote.Sign(body, Log).With(line);
    }

    [Fact]
    public void A_policy_demands_it_beside_or_instead_of_others()
    {
        var classical = new NoteSigner("w.example", new byte[32], NoteKeyType.Cosignature);
        var policy = TrustPolicy.Parse(
            $"log {Log.Verifier}\nwitness own {Cosigner.Verifier}\nwitness w {classical.Verifier}\n"
                + "group both all own w\nquorum both\n"
        );
        var note = SignedNote.Sign(Body, Log);
        policy.IsSatisfiedBy(note.Cosign(classical, At)).ShouldBeFalse();
        policy.IsSatisfiedBy(note.Cosign(Cosigner, At)).ShouldBeFalse();
        policy.IsSatisfiedBy(note.Cosign(classical, At).Cosign(Cosigner, At)).ShouldBeTrue();
        Should
            .Throw<FormatException>(() => TrustPolicy.Parse($"log {Cosigner.Verifier}\nquorum none\n"))
            .Message.ShouldContain("of type 1");
    }

    [Fact]
    public void The_key_survives_its_texts_and_cannot_be_a_ledger_s()
    {
        var known = NoteSigner.Parse(Cosigner.ToSecret());
        (known.Verifier.ToString(), known.Verifier.Type).ShouldBe(
            (Cosigner.Verifier.ToString(), NoteKeyType.MlDsaCosignature)
        );
        Should.Throw<FormatException>(() =>
            Checkpoint.Open(SignedNote.Sign(Body, Log).Cosign(Cosigner, At).ToString(), Cosigner.Verifier)
        );
        Should.Throw<FormatException>(() => new NoteVerifier(Name, new byte[32], NoteKeyType.MlDsaCosignature));
        Should.Throw<FormatException>(() => new NoteSigner(Name, new byte[31], NoteKeyType.MlDsaCosignature));
        var garbage = new NoteVerifier(Name, RandomNumberGenerator.GetBytes(1312), NoteKeyType.MlDsaCosignature);
        SignedNote.Sign(Body, Log).Cosign(Cosigner, At).SignatureOf(garbage).ShouldBeNull();
    }

    private static string Vector(string name) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Vectors", name));
}
