using System.Globalization;
using Ledger.Domain.Common;
using Ledger.Domain.Rights;

namespace Ledger.Presentation;

/// <summary>How values are written: days of the law as days, instants in the time of Paris, numbers with their signs.</summary>
public sealed partial class Words
{
    /// <summary>A value, as one reads it in a sentence.</summary>
    public string Write(object? value) =>
        value switch
        {
            null => string.Empty,
            string text => text,
            DateOnly day => Day(day),
            DateTimeOffset instant => Instant(instant),
            Siret siret => Grouped(siret.Value),
            Reason reason => Label("reasons", ReasonNames.Of(reason)),
            long or int => Number(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
            _ => $"{value}",
        };

    /// <summary>A day: 1er mars 2026.</summary>
    public string Day(DateOnly day) =>
        Say(
            day.Day == 1 ? "moments.first" : "moments.day",
            ("day", $"{day.Day}"),
            ("month", Template($"moments.month-{day.Month}")),
            ("year", day.Year.ToString("D4", CultureInfo.InvariantCulture))
        );

    /// <summary>A month: mars 2026.</summary>
    public string Month(DateOnly month) =>
        Say(
            "moments.month",
            ("month", Template($"moments.month-{month.Month}")),
            ("year", month.Year.ToString("D4", CultureInfo.InvariantCulture))
        );

    /// <summary>An instant in the time of Paris, to the minute, the zone said.</summary>
    public string Instant(DateTimeOffset instant)
    {
        var local = LegalTime.Local(instant);
        return Say("moments.instant", ("on", DateOnly.FromDateTime(local)), ("at", Clock(local)));
    }

    /// <summary>
    /// A bound of a right or of a period: the day alone where it is the start of one in Paris, for the law counts in
    /// days.
    /// </summary>
    public string Bound(DateTimeOffset instant) =>
        BeginsDay(instant) ? Day(LegalTime.DayOf(instant)) : Instant(instant);

    /// <summary>A day, for a column of a table.</summary>
    public string ShortDay(DateOnly day) => day.ToString(Template("moments.short-day"), CultureInfo.InvariantCulture);

    /// <summary>An instant in the time of Paris, for a column of a table whose head says the zone.</summary>
    public string ShortInstant(DateTimeOffset instant) =>
        LegalTime.Local(instant).ToString(Template("moments.short-instant"), CultureInfo.InvariantCulture);

    /// <summary>A bound, for a column of a table.</summary>
    public string ShortBound(DateTimeOffset instant) =>
        BeginsDay(instant) ? ShortDay(LegalTime.DayOf(instant)) : ShortInstant(instant);

    /// <summary>A number, its thousands apart.</summary>
    public string Number(long number) =>
        number
            .ToString("N0", CultureInfo.InvariantCulture)
            .Replace(",", Template("moments.thousands"), StringComparison.Ordinal);

    /// <summary>A SIRET in groups: 217 605 757 00012.</summary>
    public static string Grouped(string siret) =>
        siret.Length == 14 ? string.Join(Typography.NoBreak, siret[..3], siret[3..6], siret[6..9], siret[9..]) : siret;

    /// <summary>Several things in a row, the last after « et ».</summary>
    public string Several(IReadOnlyList<string> things) =>
        things.Count < 2
            ? string.Join(string.Empty, things)
            : Say("moments.and", ("first", string.Join(", ", things.Take(things.Count - 1))), ("last", things[^1]));

    private static bool BeginsDay(DateTimeOffset instant) =>
        LegalTime.Local(instant) is { Hour: 0, Minute: 0, Second: 0, Millisecond: 0 };

    private string Clock(DateTime local) =>
        Say(
            local.Second == 0 ? "moments.clock" : "moments.clock-seconds",
            ("hour", local.Hour.ToString(Template("moments.hour-format"), CultureInfo.InvariantCulture)),
            ("minute", local.ToString("mm", CultureInfo.InvariantCulture)),
            ("second", local.ToString("ss", CultureInfo.InvariantCulture))
        );
}
