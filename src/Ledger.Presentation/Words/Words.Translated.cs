using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Ledger.Presentation;

/// <summary>
/// What the programs say to engineers is English and stands in the code, at the place where it is true. Where a person
/// reads it, it is told in her language: <c>Words/fr/said.json</c> has the French of each sentence, with <c>{0}</c>,
/// <c>{1}</c> where it speaks of something.
/// </summary>
public sealed partial class Words
{
    // What the programs say, and what the library of their command lines says.
    private static readonly string[] Said = ["said.", "library."];
    private const int LongestSaid = 2000;

    private static readonly Lazy<IReadOnlyList<(Regex English, string Other)>> Sentences = new(() =>
        [
            .. French
                .Keys.Where(IsSaid)
                .OrderByDescending(k => Literal(k).Length)
                .Select(k => (Pattern(k[(k.IndexOf('.', StringComparison.Ordinal) + 1)..]), French.Template(k))),
            // What the service puts around a sentence: the article of the convention, the field of the request.
            (Pattern("{0} (art. {1})"), "{0} (art. {1})"),
            (Pattern("{0}: {1}"), Typography.French("{0} : {1}")),
        ]
    );

    /// <summary>An English sentence of the programs in this language; itself where nobody has translated it.</summary>
    public string Translated(string english)
    {
        if (Language == Language.English || english.Length > LongestSaid)
        {
            return english;
        }

        if (
            Field().Match(english) is { Success: true } field
            && Translated(field.Groups[2].Value) is var told
            && told != field.Groups[2].Value
        )
        {
            return Typography.French($"{field.Groups[1].Value} : ") + told;
        }

        foreach (var (pattern, other) in Sentences.Value)
        {
            if (pattern.Match(english) is { Success: true } match)
            {
                return Filled(other, match);
            }
        }

        return english;
    }

    private string Filled(string other, Match match)
    {
        var (said, from) = (new StringBuilder(), 0);
        foreach (var place in Numbered().EnumerateMatches(other))
        {
            said.Append(other, from, place.Index - from);
            from = place.Index + place.Length;
            Append(said, other.AsSpan(0, place.Index), Told(match.Groups[$"n{other[place.Index + 1]}"].Value));
        }

        return said.Append(other, from, other.Length - from).ToString();
    }

    // What a sentence speaks of may be a sentence itself, or a day, a month or an instant as programs write them.
    private string Told(string english) =>
        Translated(english) is var told && told != english ? told
        : DateOnly.TryParseExact(english, "yyyy-MM-dd", out var day) ? Day(day)
        : DateOnly.TryParseExact(english, "yyyy-MM", out var month) ? Month(month)
        : DateTimeOffset.TryParseExact(
            english,
            ["yyyy-MM-ddTHH:mm:ssZ", "yyyy-MM-dd HH:mm:ssZ"],
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var instant
        )
            ? Instant(instant)
        : english;

    /// <summary>Whether a key is a sentence of the programs, which has no English text beside it.</summary>
    public static bool IsSaid(string key) => Array.Exists(Said, s => key.StartsWith(s, StringComparison.Ordinal));

    private static Regex Pattern(string english) =>
        new(
            "^"
                + Numbered()
                    .Replace(
                        Regex.Escape(english).Replace("\\{", "{", StringComparison.Ordinal),
                        place => $"(?<n{place.Groups[1].Value}>.*?)"
                    )
                + "$",
            RegexOptions.Singleline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking
        );

    private static string Literal(string english) => Numbered().Replace(english, string.Empty);

    // What the service puts before a sentence: the field of the request.
    [GeneratedRegex(
        @"^([a-z_]+(?:[.\[][\w.\-\[\]]+)?): (.+)$",
        RegexOptions.Singleline | RegexOptions.CultureInvariant
    )]
    private static partial Regex Field();

    [GeneratedRegex(@"\{(\d)\}")]
    private static partial Regex Numbered();
}
