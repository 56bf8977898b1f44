using System.Globalization;
using Ledger.Domain.Common;
using Ledger.Presentation;

namespace Ledger.Cli.Commands;

/// <summary>
/// Reads moments as they are written in France, and in ISO 8601. Without an offset they are of Paris, and what was
/// understood is said back.
/// </summary>
internal static class Moments
{
    private static readonly string[] Days = ["dd/MM/yyyy", "d/M/yyyy", "yyyy-MM-dd"];

    private static readonly string[] InParis =
    [
        .. Days,
        "dd/MM/yyyy HH:mm",
        "d/M/yyyy HH:mm",
        "dd/MM/yyyy HH'h'mm",
        "dd/MM/yyyy HH:mm:ss",
        "yyyy-MM-dd HH:mm",
        "yyyy-MM-dd'T'HH:mm",
        "yyyy-MM-dd HH:mm:ss",
        "yyyy-MM-dd'T'HH:mm:ss",
    ];

    private static readonly string[] WithOffset = ["yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>Reads a moment; false where it is written in no way that has one meaning.</summary>
    public static bool TryParse(string text, out DateTimeOffset moment)
    {
        var culture = CultureInfo.InvariantCulture;
        if (DateTime.TryParseExact(text, InParis, culture, DateTimeStyles.None, out var local) && IsOfUse(local))
        {
            moment = LegalTime.InParis(local);
            SayBack(text, Words.Spoken.Instant(moment));
            return true;
        }

        return DateTimeOffset.TryParseExact(text, WithOffset, culture, DateTimeStyles.None, out moment)
            && (text.EndsWith('Z') || text[^6] is '+' or '-');
    }

    /// <summary>Reads a day; false where it is written in no way that has one meaning.</summary>
    public static bool TryParseDay(string text, out DateOnly day)
    {
        var read = DateOnly.TryParseExact(text, Days, CultureInfo.InvariantCulture, DateTimeStyles.None, out day);
        if (read && text.Contains('/', StringComparison.Ordinal))
        {
            SayBack(text, Words.Spoken.Day(day));
        }

        return read;
    }

    private static bool IsOfUse(DateTime local) =>
        DateOnly.FromDateTime(local) is var day && day >= LegalTime.FirstDay && day <= LegalTime.LastDay;

    private static void SayBack(string text, string understood) =>
        Console.Error.WriteLine(
            "ledger: " + Words.Spoken.Say("cli.understood", ("text", text), ("understood", understood))
        );
}
