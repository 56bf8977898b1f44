using FsCheck.Xunit;
using Ledger.Domain.Common;
using Ledger.Domain.Pseudonyms;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Domain.Tests;

public sealed class MonthKeyTests
{
    private static readonly MonthKey March = KeyOf("2026-03");

    private static readonly MonthKey April = KeyOf("2026-04");

    [Property(MaxTest = 200)]
    public void The_key_of_a_month_gives_a_file_its_pseudonym_and_back_and_another_month_s_another(int number)
    {
        var dossier = DossierOf(number);
        March.Behind(March.Of(dossier)).ShouldBe(dossier);
        April.Behind(April.Of(dossier)).ShouldBe(dossier);
        April.Of(dossier).Value.ShouldNotBe(March.Of(dossier).Value);
        April.Behind(March.Of(dossier)).ShouldNotBe(dossier);
    }

    [Property(MaxTest = 200)]
    public void What_is_said_besides_is_read_again_with_the_key_of_the_month_and_with_no_other(int number)
    {
        var all = new Details("s-1", "poste-1", "portal", null, $"AS-{number}");
        foreach (
            var details in new[] { all, new Details(), new Details(Address: "10.0.0.1"), new Details(Channel: "x") }
        )
        {
            (details.Seal(March, Id(number))?.Open(March, Id(number)) ?? new Details()).ShouldBe(details);
        }

        var closed = all.Seal(March, Id(number))!;
        Should.Throw<InvalidDataException>(() => closed.Open(April, Id(number)));
        Should.Throw<InvalidDataException>(() => closed.Open(March, Id(number + 1)));
        Should.Throw<InvalidDataException>(() => (closed with { Address = closed.Session }).Open(March, Id(number)));
    }

    [Fact]
    public void A_session_and_an_address_are_found_by_what_they_are_enciphered_to_and_the_rest_is_not()
    {
        var details = new Details("s-1", "s-1", "portal", null, "AS-1");
        var (one, other) = (details.Seal(March, Id(1))!, details.Seal(March, Id(2))!);
        (one.Session, one.Address).ShouldBe((other.Session, other.Address));
        one.Session.ShouldNotBe(one.Address);
        one.Rest.ShouldNotBe(other.Rest);
        details.Seal(April, Id(1))!.Session.ShouldNotBe(one.Session);
        details.Seal(March, Id(1)).ShouldBe(one, "the same request gives the same bytes");
    }

    [Fact]
    public void The_example_of_the_entry_format_holds()
    {
        var key = new MonthKey("2026-03", [.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
        var request = Guid.Parse("00000001-0001-0001-0102-030405060708");
        var details = new Details(Session: "s-1", Channel: "portal", BusinessFile: "AS-1").Seal(key, request)!;
        key.Of("AAAAAQABAAEBAgMEBQYHCA").Value.ShouldBe("z6-_LE44jQe1zt0timVkew");
        (details.Session, details.Rest).ShouldBe(
            ("xofH_G7CkfD_8p0Qm6n2jQN-AA", "crbhv__rs_60CmXvkKJQp-ZBg2w6lBUwaeW9qA")
        );
    }
}
