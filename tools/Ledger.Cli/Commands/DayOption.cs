using System.CommandLine;
using System.Globalization;

namespace Ledger.Cli.Commands;

/// <summary>A day of the law on a command line: as written in France, or ISO 8601.</summary>
internal static class DayOption
{
    public static Option<DateOnly?> Create(string name) =>
        new(name)
        {
            CustomParser = result =>
            {
                if (Moments.TryParseDay(result.Tokens[0].Value, out var day))
                {
                    return day;
                }

                result.AddError(Presentation.Words.Spoken.Say("cli.not-a-day", ("option", name)));
                return null;
            },
        };

    /// <summary>As the contract has it: yyyy-MM-dd; empty where it is not given.</summary>
    public static string Value(ParseResult parse, Option<DateOnly?> option) =>
        parse.GetValue(option)?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? string.Empty;
}
