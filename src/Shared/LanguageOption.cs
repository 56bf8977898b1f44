using System.CommandLine;
using Ledger.Presentation;

namespace Ledger.Files;

/// <summary>
/// The language that a program speaks: <c>--lang</c>, then <c>LEDGER_LANG</c>, then that of the system. French where
/// nothing says English.
/// </summary>
internal static class LanguageOption
{
    private const string Name = "--lang";

    private static readonly string[] Variables = ["LEDGER_LANG", "LC_ALL", "LC_MESSAGES", "LANG"];

    /// <summary>The option, for every command.</summary>
    public static Option<string?> Create()
    {
        var option = new Option<string?>(Name) { Recursive = true };
        option.AcceptOnlyFromAmong("fr", "en");
        return option;
    }

    /// <summary>The language of a command line: known before it is read, since what is wrong in it is said too.</summary>
    public static Words Of(string[] arguments)
    {
        var at = Array.FindIndex(arguments, a => a == Name || a.StartsWith(Name + "=", StringComparison.Ordinal));
        var given =
            at < 0 ? null
            : arguments[at].Length > Name.Length ? arguments[at][(Name.Length + 1)..]
            : arguments.ElementAtOrDefault(at + 1);
        return Words.In(Languages.Of(given ?? FromEnvironment()));
    }

    // As POSIX orders them; LANGUAGE is a list of GNU's and says what to read where a text has no translation.
    private static string? FromEnvironment() =>
        Variables.Select(Environment.GetEnvironmentVariable).FirstOrDefault(v => !string.IsNullOrEmpty(v));
}
