using System.CommandLine.Parsing;
using System.Globalization;
using Ledger.Presentation;

namespace Ledger.Files;

/// <summary>How a program of the ledger speaks to whoever started it.</summary>
internal static class Spoken
{
    /// <summary>Speaks the language of a command line; the words of the command line's own library as well.</summary>
    public static void Use(string[] arguments)
    {
        Words.Spoken = LanguageOption.Of(arguments);
        var culture = new CultureInfo(Languages.TagOf(Words.Spoken.Language));
        (CultureInfo.CurrentUICulture, CultureInfo.DefaultThreadCurrentUICulture) = (culture, culture);
        if (OperatingSystem.IsWindows())
        {
            // Its own encoding has neither every accent nor every space.
            Console.OutputEncoding = System.Text.Encoding.UTF8;
        }
    }

    /// <summary>What is wrong in a command line, in one line: a type of .NET says nothing to whoever types.</summary>
    public static string Plain(IEnumerable<ParseError> errors) =>
        string.Join(
            " ",
            errors.Select(error =>
                error.Message.Contains("System.", StringComparison.Ordinal)
                && error.SymbolResult is { Tokens: [var token, ..] }
                    ? Words.Spoken.Say("cli.not-a-value", ("text", token.Value))
                    : Words.Spoken.Translated(error.Message)
            )
        );
}
