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

    [GeneratedRegex("« | [»;:!?](?![a-z/])")]
    private static partial Regex Inside();
}
