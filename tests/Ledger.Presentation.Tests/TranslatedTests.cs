namespace Ledger.Presentation.Tests;

/// <summary>What the programs say in English, told to a person.</summary>
public sealed class TranslatedTests
{
    [Theory]
    [InlineData("A SIRET has 14 digits.", "Un SIRET a 14 chiffres.")]
    [InlineData("siret: A SIRET has 14 digits.", "siret : Un SIRET a 14 chiffres.")]
    [InlineData(
        "The month 2026-03 is kept until 2029-04-01. (art. 7)",
        "Les traces de mars 2026 sont conservées jusqu'au 1er avril 2029. (art. 7)"
    )]
    [InlineData(
        "The database cannot be read: The file names no key of a device.",
        "La base est illisible : Le fichier ne nomme aucune clé d'un appareil."
    )]
    [InlineData("Something that nobody has written down", "Something that nobody has written down")]
    public void A_sentence_is_told_in_French_with_what_it_speaks_of(string english, string french)
    {
        Words.French.Translated(english).Replace('\u202F', ' ').ShouldBe(french);
        Words.English.Translated(english).ShouldBe(english);
    }

    [Fact]
    public void A_long_text_that_fits_nothing_is_given_back_soon()
    {
        var text = string.Concat(Enumerable.Repeat("The key of (art. : '", 2000));
        Words.French.Translated(text).Length.ShouldBeGreaterThan(1000);
    }
}
