using System.Text.RegularExpressions;

namespace Ledger.Presentation;

/// <summary>The spaces that French wants around its signs, where the resources have plain ones.</summary>
public static partial class Typography
{
    /// <summary>A no-break space.</summary>
    public const char NoBreak = '\u00A0';

    /// <summary>A narrow no-break space.</summary>
    public const char NarrowNoBreak = '\u202F';

    /// <summary>Narrow no-break spaces before <c>; : ! ?</c> and inside guillemets.</summary>
    public static string French(string text) =>
        Inside().Replace(text, m => m.Value[0] == '«' ? $"«{NarrowNoBreak}" : $"{NarrowNoBreak}{m.Value[^1]}");

    /// <summary>Whether a text's last word, <c>de</c> or <c>que</c>, loses its <c>e</c> before what follows it.</summary>
    public static bool Elides(ReadOnlySpan<char> before, string value) =>
        value.Length > 0
        && "aeiouàâéèêëîïôùûAEIOUÀÂÉÈÊËÎÏÔÙÛ".Contains(value[0])
        && before is [.., var last, 'e', ' ']
        && (last == 'd' ? IsWord(before, 3) : last == 'u' && before.EndsWith("que ") && IsWord(before, 4));

    /// <summary>One line that says what it shows: no control character, and none that turns or hides what follows.</summary>
    public static string OneLine(string text) =>
        string.Concat(
            text.ReplaceLineEndings(" ")
                .Select(c =>
                    char.IsControl(c) || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.Format
                        ? '\uFFFD'
                        : c
                )
        );

    private static bool IsWord(ReadOnlySpan<char> text, int length) =>
        text.Length == length || !char.IsLetter(text[^(length + 1)]);

    [GeneratedRegex("« | [»;:!?](?![a-z/])")]
    private static partial Regex Inside();
}
