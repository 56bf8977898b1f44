using Ledger.Domain.Common;

namespace Ledger.Presentation.Tests;

/// <summary>How days, instants, numbers and SIRETs are written, and which language somebody reads.</summary>
public sealed class WritingTests
{
    [Theory]
    [InlineData("2026-03-01", "1er mars 2026", "1 March 2026")]
    [InlineData("2026-08-31", "31 août 2026", "31 August 2026")]
    [InlineData("2025-12-02", "2 décembre 2025", "2 December 2025")]
    public void A_day_of_the_law_is_a_day(string day, string french, string english)
    {
        Words.French.Day(DateOnly.Parse(day)).ShouldBe(french);
        Words.English.Day(DateOnly.Parse(day)).ShouldBe(english);
    }

    [Theory]
    [InlineData(
        "2026-03-10T10:15:00Z",
        "10 mars 2026 à 11 h 15 (heure de Paris)",
        "10 March 2026 at 11:15 (Paris time)"
    )]
    [InlineData(
        "2026-07-10T22:05:09Z",
        "11 juillet 2026 à 0 h 05 min 09 s (heure de Paris)",
        "11 July 2026 at 00:05:09 (Paris time)"
    )]
    public void An_instant_is_told_in_the_time_of_Paris_with_the_zone(string instant, string french, string english)
    {
        Words.French.Instant(DateTimeOffset.Parse(instant)).ShouldBe(french);
        Words.English.Instant(DateTimeOffset.Parse(instant)).ShouldBe(english);
    }

    [Theory]
    [InlineData("2026-02-28T23:00:00Z", "1er mars 2026", "01/03/2026")]
    [InlineData("2026-06-30T22:00:00Z", "1er juillet 2026", "01/07/2026")]
    [InlineData("2026-03-01T00:00:00Z", "1er mars 2026 à 1 h 00 (heure de Paris)", "01/03/2026 01h00")]
    public void A_bound_at_midnight_in_Paris_is_a_day_and_never_the_day_before(string at, string said, string written)
    {
        Words.French.Bound(DateTimeOffset.Parse(at)).ShouldBe(said);
        Words.French.ShortBound(DateTimeOffset.Parse(at)).ShouldBe(written);
    }

    [Theory]
    [InlineData("Départ de ", "agent-d4", true)]
    [InlineData("le départ de ", "Étienne", true)]
    [InlineData("de ", "agent-d4", true)]
    [InlineData("l'habilitation que ", "agent-d4", true)]
    [InlineData("Départ de ", "paul", false)]
    [InlineData("Départ de ", "", false)]
    [InlineData("le code ", "agent-d4", false)]
    [InlineData("le laude ", "agent-d4", false)]
    [InlineData("de", "agent-d4", false)]
    public void De_and_que_lose_their_e_before_a_vowel(string before, string value, bool elided) =>
        Typography.Elides(before, value).ShouldBe(elided);

    [Fact]
    public void An_act_of_an_agent_whose_name_begins_with_a_vowel_reads_as_French() =>
        Words
            .French.Say("acts.authentication-succeeded", ("agent", "agent-d4"), ("at", "hier"))
            .ShouldBe("Authentification d'agent-d4 le hier.");

    [Fact]
    public void A_siret_is_grouped_and_a_number_has_its_thousands_apart()
    {
        Words.French.Write(Siret.Parse("21760575700012")).ShouldBe("217\u00A0605\u00A0757\u00A000012");
        Words.French.Number(1_234_567).ShouldBe("1\u202F234\u202F567");
        Words.English.Number(1_234_567).ShouldBe("1,234,567");
    }

    [Theory]
    [InlineData(0, "0 jour", "0 days")]
    [InlineData(1, "1 jour", "1 day")]
    [InlineData(19, "19 jours", "19 days")]
    public void A_count_chooses_between_singular_and_plural(int count, string french, string english)
    {
        Words.French.Say("moments.days", ("count", count)).ShouldBe(french);
        Words.English.Say("moments.days", ("count", count)).ShouldBe(english);
    }

    [Fact]
    public void What_somebody_wrote_keeps_its_own_stop_and_stands_as_it_is()
    {
        Words
            .French.Say("acts.rectification-made", ("position", "7"), ("why", "{count} : vu. Fini."))
            .ShouldEndWith("{count} : vu. Fini.");
        Should.Throw<KeyNotFoundException>(() => Words.French.Say("acts.rectification-made", ("position", "7")));
        Should.Throw<KeyNotFoundException>(() => Words.French.Say("acts.no-such-act"));
    }

    [Theory]
    [InlineData(null, Language.French)]
    [InlineData("", Language.French)]
    [InlineData("de", Language.French)]
    [InlineData("en", Language.English)]
    [InlineData("en-GB,en;q=0.9,fr;q=0.8", Language.English)]
    [InlineData("de, fr;q=0.5, en;q=0.4", Language.French)]
    [InlineData("fr;q=0.4, EN-us;q=0.5", Language.English)]
    [InlineData("en;q=0", Language.French)]
    [InlineData("en;q=x", Language.French)]
    [InlineData(";;,,", Language.French)]
    public void The_language_that_is_preferred_among_those_that_are_spoken(string? header, Language language) =>
        Languages.Preferred(header).ShouldBe(language);

    [Theory]
    [InlineData("en_US.UTF-8", Language.English)]
    [InlineData("en", Language.English)]
    [InlineData("C.UTF-8", Language.French)]
    [InlineData("fr_FR", Language.French)]
    [InlineData("enm_XX", Language.French)]
    public void A_locale_is_of_a_language(string locale, Language language) => Languages.Of(locale).ShouldBe(language);
}
