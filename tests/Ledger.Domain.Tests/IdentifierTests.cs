using Ledger.Domain.Common;

namespace Ledger.Domain.Tests;

public sealed class IdentifierTests
{
    [Theory]
    [InlineData("21760575700012")]
    [InlineData("35600000000048")]
    [InlineData("35600000009075")]
    public void A_SIRET_with_a_right_check_digit_is_accepted(string text) => Siret.Parse(text).Value.ShouldBe(text);

    [Theory]
    [InlineData("21760575700013")]
    [InlineData("35600000009076")]
    [InlineData("2176057570001")]
    [InlineData("2176057570001A")]
    [InlineData("")]
    public void A_SIRET_with_a_wrong_check_digit_or_length_is_refused(string text) =>
        Should.Throw<FormatException>(() => Siret.Parse(text));

    [Theory]
    [InlineData("76")]
    [InlineData("7630")]
    [InlineData("76x")]
    public void A_code_Caf_has_three_digits(string text) => Should.Throw<FormatException>(() => CafCode.Parse(text));

    [Theory]
    [InlineData("185057600100142")]
    [InlineData("2850576001001")]
    [InlineData("agent 7")]
    [InlineData("agent\n7")]
    [InlineData("")]
    public void An_agent_is_neither_a_social_security_number_nor_free_text(string text) =>
        Should.Throw<FormatException>(() => AgentId.Parse(text));

    [Theory]
    [InlineData("12345678901234567")]
    [InlineData("185057600100142")]
    [InlineData("12 4571")]
    public void A_matricule_has_1_to_15_letters_or_digits_and_is_no_social_security_number(string text) =>
        Should.Throw<FormatException>(() => Matricule.Parse(text));

    [Fact]
    public void A_matricule_never_shows_in_a_message() => $"{Matricule.Parse("1204571")}".ShouldNotContain("1204571");

    [Fact]
    public void A_free_text_has_no_control_character_and_at_most_500_characters()
    {
        Should.Throw<FormatException>(() => TextRules.Free("a\tb", "It"));
        Should.Throw<FormatException>(() => TextRules.Free(new string('a', 501), "It"));
        TextRules.Free(new string('é', 500), "It").Length.ShouldBe(500);
    }

    [Theory]
    [InlineData("2026-03-29", "2026-03-28T23:00:00Z")]
    [InlineData("2026-03-30", "2026-03-29T22:00:00Z")]
    [InlineData("2026-10-25", "2026-10-24T22:00:00Z")]
    [InlineData("2026-10-26", "2026-10-25T23:00:00Z")]
    public void A_day_begins_at_midnight_in_Paris_on_both_sides_of_a_clock_change(string day, string instant) =>
        LegalTime
            .StartOf(Date(day))
            .ShouldBe(DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture));

    private static DateOnly Date(string day) => Ledger.Tests.SampleHistory.Day(day);
}
