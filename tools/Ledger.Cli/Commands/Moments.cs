using System.Globalization;
using Ledger.Domain.Common;

namespace Ledger.Cli.Commands;

/// <summary>
/// Reads moments as they are written in France, and in ISO 8601. Without an offset they are of Paris, and what was
/// understood is said back.
/// </summary>
internal static class Moments
{
    private static readonly string[] InParis =
    [
        "dd/MM/yyyy",
        "d/M/yyyy",
        "dd/MM/yyyy HH:mm",
        "d/M/yyyy HH:mm",
        "dd/MM/yyyy HH:mm:ss",
        "yyyy-MM-dd",
        "yyyy-MM-dd HH:mm",
        "yyyy-MM-dd'T'HH:mm",
        "yyyy-MM-dd HH:mm:ss",
        "yyyy-MM-dd'T'HH:mm:ss",
    ];

    private static readonly string[] WithOffset = ["yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    private static readonly string[] Months =
    [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ];

    /// <summary>Reads one; false where it is written in no way that has one meaning.</summary>
    public static bool TryParse(string text, out DateTimeOffset moment)
    {
        var culture = CultureInfo.InvariantCulture;
        if (
            DateTime.TryParseExact(text, InParis, culture, DateTimeStyles.None, out var local)
            && DateOnly.FromDateTime(local) >= LegalTime.FirstDay
            && DateOnly.FromDateTime(local) <= LegalTime.LastDay
        )
        {
            moment = LegalTime.InParis(local);
            Console.Error.WriteLine(
                string.Create(
                    culture,
                    $"ledger: « {text} » : {local.Day} {Months[local.Month - 1]} {local.Year} à {local:HH:mm:ss}"
                ) + ", heure de Paris."
            );
            return true;
        }

        return DateTimeOffset.TryParseExact(text, WithOffset, culture, DateTimeStyles.None, out moment)
            && (text.EndsWith('Z') || text[^6] is '+' or '-');
    }
}
