namespace Ledger.Presentation;

/// <summary>A language that people read.</summary>
public enum Language
{
    /// <summary>French, first.</summary>
    French,

    /// <summary>English.</summary>
    English,
}

/// <summary>Which language somebody reads.</summary>
public static class Languages
{
    /// <summary>The language of a tag or a locale: <c>en</c>, <c>en-GB</c>, <c>en_US.UTF-8</c>; French for any other.</summary>
    public static Language Of(string? tag) =>
        tag?.Split('-', '_', '.')[0].Equals("en", StringComparison.OrdinalIgnoreCase) == true
            ? Language.English
            : Language.French;

    /// <summary>Its tag: <c>fr</c>, <c>en</c>.</summary>
    public static string TagOf(Language language) => language == Language.English ? "en" : "fr";

    /// <summary>
    /// The language that the header <c>accept-language</c> prefers (RFC 9110, section 12.5.4); French where it names
    /// neither.
    /// </summary>
    public static Language Preferred(string? header) =>
        (header ?? string.Empty)
            .Split(',')
            .Select(range => range.Split(';', StringSplitOptions.TrimEntries))
            .Select(range => (Tag: range[0], Weight: WeightOf(range)))
            .Where(range => range.Weight > 0 && IsKnown(range.Tag))
            .OrderByDescending(range => range.Weight)
            .Select(range => Of(range.Tag))
            .FirstOrDefault();

    private static bool IsKnown(string tag) =>
        TagOf(Of(tag)).Equals(tag.Split('-')[0], StringComparison.OrdinalIgnoreCase);

    private static double WeightOf(string[] range) =>
        range.Skip(1).FirstOrDefault(p => p.StartsWith("q=", StringComparison.OrdinalIgnoreCase)) is { } weight
            ? double.TryParse(weight[2..], System.Globalization.CultureInfo.InvariantCulture, out var q)
                ? q
                : 0
            : 1;
}
