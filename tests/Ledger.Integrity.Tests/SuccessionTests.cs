using FsCheck.Xunit;
using Ledger.Integrity.Checkpoints;

namespace Ledger.Integrity.Tests;

/// <summary>From a pinned key to those that took over, and no further than they say.</summary>
public sealed class SuccessionTests
{
    private const string Origin = "ledger.example/763";

    private static readonly NoteSigner[] Keys = [.. Enumerable.Range(1, 4).Select(i => Key(i))];

    private static readonly string[] Chain =
    [
        Succession.Sign(Keys[0], Keys[1], At(10), false).ToString(),
        Succession.Sign(Keys[1], Keys[2], At(20), false).ToString(),
    ];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Whichever_key_is_pinned_each_checkpoint_opens_by_the_key_of_its_time(int pinned)
    {
        var keys = LogKeys.Following(Keys[pinned].Verifier, Chain.Reverse());
        keys.All.Select(k => k.ToString()).ShouldBe(Keys[..3].Select(k => k.Verifier.ToString()));
        (keys.Current.ToString(), keys.Pinned.ToString()).ShouldBe(
            (Keys[2].Verifier.ToString(), Keys[pinned].Verifier.ToString())
        );
        foreach (var (size, by) in new[] { (1, 0), (10, 0), (11, 1), (20, 1), (21, 2), (1000, 2) })
        {
            keys.Open(Note(size, by)).Size.ShouldBe(size);
            for (var other = 0; other < 3; other++)
            {
                if (other != by)
                {
                    var size1 = size;
                    Should.Throw<FormatException>(() => keys.Open(Note(size1, other)), $"{size} by {other}");
                    keys.Open(Note(size, other, by)).Size.ShouldBe(size, "both sign while one takes over");
                }
            }
        }
    }

    [Fact]
    public void Without_the_succession_the_old_key_opens_what_it_still_signs_and_nothing_else()
    {
        LogKeys old = Keys[0].Verifier;
        old.Open(Note(15, 0, 1)).Size.ShouldBe(15);
        Should.Throw<FormatException>(() => old.Open(Note(15, 1)));
    }

    [Fact]
    public void Who_has_the_old_key_names_no_other_beside_the_one_that_took_over()
    {
        var forged = Succession.Sign(Keys[0], Keys[3], At(10), false).ToString();
        Should.Throw<FormatException>(() => LogKeys.Following(Keys[0].Verifier, [.. Chain, forged]));
        LogKeys.Following(Keys[2].Verifier, Chain).All.Count().ShouldBe(3);
    }

    [Fact]
    public void Nobody_follows_from_a_key_that_was_revoked_and_what_it_signed_until_then_stands()
    {
        string[] revoked = [Succession.Sign(Keys[0], Keys[1], At(10), true).ToString()];
        Should
            .Throw<RevokedKeyException>(() => LogKeys.Following(Keys[0].Verifier, revoked))
            .Message.ShouldContain("revoked after 10 entries");
        var keys = LogKeys.Following(Keys[1].Verifier, revoked);
        keys.Open(Note(10, 0)).Size.ShouldBe(10);
        Should.Throw<FormatException>(() => keys.Open(Note(11, 0)));
    }

    [Fact]
    public void What_only_one_of_the_keys_signed_or_is_no_succession_leads_nowhere()
    {
        var body = SignedNote.Parse(Chain[0]).Body;
        string[] none =
        [
            SignedNote.Sign(body, Keys[0]).ToString(),
            SignedNote.Sign(body, Keys[1]).ToString(),
            Chain[0].Replace("\n10\n", "\n11\n", StringComparison.Ordinal),
            Chain[0].Replace("rotated", "revoked", StringComparison.Ordinal),
            SignedNote.Sign(body.Replace("\n10\n", "\n010\n", StringComparison.Ordinal), Keys[0], Keys[1]).ToString(),
            Succession.Sign(Keys[0], Key(5, "ledger.example/other"), At(10), false).ToString(),
            Succession.Sign(Keys[0], Keys[0], At(10), false).ToString(),
            Note(10, 0),
            "",
            "nonsense",
        ];
        foreach (var text in none)
        {
            Should.Throw<FormatException>(() => Succession.Open(text), text);
            LogKeys.Following(Keys[0].Verifier, [text]).All.ShouldHaveSingleItem();
        }
    }

    [Fact]
    public void Who_carries_a_succession_makes_nobody_stop_by_spelling_it_otherwise()
    {
        var note = SignedNote.Parse(Chain[0]);
        var swapped = $"{note.Body}\n{string.Concat(note.Signatures.Reverse().Select(s => s.ToLine() + "\n"))}";
        var more = note.With(new NoteSignature("stranger", 7, new byte[64])).ToString();
        LogKeys.Following(Keys[0].Verifier, [Chain[0], swapped, more, null]).All.Count().ShouldBe(2);

        // Two that lead to the pinned key: neither is believed, and the key itself still is.
        var forged = Succession.Sign(Keys[3], Keys[1], At(10), false).ToString();
        LogKeys.Following(Keys[1].Verifier, [Chain[0], forged]).All.ShouldHaveSingleItem();
    }

    [Fact]
    public void A_witness_takes_either_key_of_a_log_while_one_takes_over()
    {
        NoteVerifier[] known = [Keys[0].Verifier, Keys[1].Verifier];
        foreach (var by in new[] { new[] { 0 }, [1], [0, 1] })
        {
            var (verdict, _, why) = Witnesses.Witness.Judge(
                new Witnesses.AddCheckpoint(0, [], Note(5, by)),
                known,
                _ => null
            );
            verdict.ShouldBe(Witnesses.WitnessVerdict.Cosigned, why);
        }

        Witnesses
            .Witness.Judge(new Witnesses.AddCheckpoint(0, [], Note(5, 2)), known, _ => null)
            .Verdict.ShouldBe(Witnesses.WitnessVerdict.Forbidden);
    }

    [Fact]
    public void Keys_that_lead_in_a_circle_or_back_are_refused()
    {
        var back = Succession.Sign(Keys[1], Keys[2], At(5), false).ToString();
        Should.Throw<FormatException>(() => LogKeys.Following(Keys[0].Verifier, [Chain[0], back]));
        var circle = Succession.Sign(Keys[2], Keys[0], At(30), false).ToString();
        Should.Throw<FormatException>(() => LogKeys.Following(Keys[1].Verifier, [.. Chain, circle]));
    }

    [Property(MaxTest = 50)]
    public void A_succession_is_read_as_it_was_written(byte from, bool revokes)
    {
        var read = Succession.Open(Succession.Sign(Keys[0], Keys[1], At(from), revokes).ToString());
        (read.Old.ToString(), read.New.ToString(), read.From, read.Revokes).ShouldBe(
            (Keys[0].Verifier.ToString(), Keys[1].Verifier.ToString(), from, revokes)
        );
    }

    private static Checkpoint At(long size) => new(Origin, size, new Hash256(new byte[32]));

    private static string Note(long size, params int[] by) =>
        SignedNote.Sign(At(size).ToBody(), [.. by.Select(i => Keys[i])]).ToString();

    private static NoteSigner Key(int number, string origin = Origin) =>
        new(origin, [.. Enumerable.Repeat((byte)number, 32)]);
}
