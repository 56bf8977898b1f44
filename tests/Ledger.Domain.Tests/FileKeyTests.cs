using System.Text;
using FsCheck.Xunit;
using Ledger.Domain.Common;
using Ledger.Domain.Pseudonyms;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Domain.Tests;

public sealed class FileKeyTests
{
    private static readonly FileKeys Keys = FileKeys.New(new byte[32]);

    [Fact]
    public void The_lasting_pseudonym_of_a_file_follows_from_the_key_the_Caf_and_the_number()
    {
        var one = Keys.Of(Caf, Number(1));
        Pseudonym.Bytes(one).Length.ShouldBe(16);
        FileKeys.New(new byte[32]).Of(Caf, Number(1)).ShouldBe(one);
        Keys.Of(CafCode.Parse("591"), Number(1)).ShouldNotBe(one);
        FileKeys.New([.. Enumerable.Repeat((byte)1, 32)]).Of(Caf, Number(1)).ShouldNotBe(one);
        Should.Throw<FormatException>(() => Pseudonym.Bytes("AAAA"));
    }

    [Fact]
    public void The_pseudonym_is_what_the_documents_say()
    {
        // HMAC-SHA-256 by a byte of SHA-256("763\n1204571") at each of six levels, then over the name.
        var name = Encoding.UTF8.GetBytes("763\n1204571");
        var key = new byte[32];
        foreach (var child in System.Security.Cryptography.SHA256.HashData(name)[..6])
        {
            key = System.Security.Cryptography.HMACSHA256.HashData(key, new[] { child });
        }

        Keys.Of(Caf, Matricule.Parse("1204571"))
            .ShouldBe(
                System.Buffers.Text.Base64Url.EncodeToString(
                    System.Security.Cryptography.HMACSHA256.HashData(key, name).AsSpan(0, 16)
                )
            );
    }

    [Property(MaxTest = 30)]
    public void A_file_that_is_erased_has_another_pseudonym_and_no_other_file_has(int one, int other)
    {
        if (one == other)
        {
            return;
        }

        var (before, unmoved) = (Keys.Of(Caf, Number(one)), Keys.Of(Caf, Number(other)));
        var after = FileKeys.Parse(Keys.Without(Caf, Number(one), Key(1), "n").ToBytes());
        var later = after.Of(Caf, Number(one), out var wasErased);
        wasErased.ShouldBeTrue();
        later.ShouldNotBe(before);
        after.Of(Caf, Number(other), out var otherErased).ShouldBe(unmoved);
        otherErased.ShouldBeFalse();

        // Erased again, she has a third; whoever is erased besides, a second of the generation that is there.
        var third = after.Without(Caf, Number(one), Key(2), "n").Of(Caf, Number(one));
        third.ShouldNotBe(later);
        third.ShouldNotBe(before);
        var both = FileKeys.Parse(after.Without(Caf, Number(other), Key(3), "n").ToBytes());
        both.Of(Caf, Number(one)).ShouldBe(later);
        both.Of(Caf, Number(other)).ShouldNotBe(unmoved);
    }

    [Fact]
    public void What_is_held_of_an_erased_file_leads_to_no_key_above_it()
    {
        var point = System.Security.Cryptography.SHA256.HashData("763\n1204571"u8)[..6];
        var held = Encoding.UTF8.GetString(Keys.Without(Caf, Matricule.Parse("1204571"), Key(1), "n").ToBytes());
        var prefixes = held.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(l => l.StartsWith("0 ", StringComparison.Ordinal))
            .Select(l => l.Split(' ')[1][1..])
            .ToList();
        prefixes.Count.ShouldBe(6 * 255);
        prefixes.ShouldAllBe(p => !Convert.ToHexString(point).StartsWith(p, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0 / AAAA\n")]
    [InlineData("1 / AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n")]
    [InlineData("0 /F AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n")]
    [InlineData("0 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n")]
    public void What_is_no_key_of_files_is_refused(string text) =>
        Should.Throw<FormatException>(() => FileKeys.Parse(Encoding.UTF8.GetBytes(text)));

    private static Matricule Number(int number) => Matricule.Parse($"{(uint)number}");

    private static byte[] Key(byte of) => [.. Enumerable.Repeat(of, 32)];
}
