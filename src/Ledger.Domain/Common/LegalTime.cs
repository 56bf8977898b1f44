namespace Ledger.Domain.Common;

/// <summary>
/// The dates of the law are calendar dates in Europe/Paris; the log's instants are UTC. A date stands for the start of
/// its day in Paris, and every interval is half-open: what begins on a day holds from its first moment, what ends on a
/// day no longer holds at its first moment.
/// </summary>
public static class LegalTime
{
    /// <summary>The earliest instant that a fact may bear.</summary>
    public static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>After everything that may be asked about, and still an instant that may be reckoned with.</summary>
    public static readonly DateTimeOffset Latest = DateTimeOffset.MaxValue.AddYears(-1);

    /// <summary>How far ahead of the ledger's clock a caller's clock may be.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    private const int MaxYearsAhead = 10;

    private static readonly Lazy<TimeZoneInfo> Zone = new(Find);

    /// <summary>The first day that any request or fact may name.</summary>
    public static readonly DateOnly FirstDay = new(1900, 1, 1);

    /// <summary>The last day that any request or fact may name.</summary>
    public static readonly DateOnly LastDay = new(2199, 12, 31);

    private const string ZoneName = "Europe/Paris";

    // The same rules since 1996, under the name that Windows has for them.
    private const string WindowsName = "Romance Standard Time";

    private static TimeZoneInfo Paris => Zone.Value;

    private static TimeZoneInfo Find() =>
        OperatingSystem.IsWindows() && !TimeZoneInfo.TryFindSystemTimeZoneById(ZoneName, out _)
            ? TimeZoneInfo.FindSystemTimeZoneById(WindowsName)
            : TimeZoneInfo.FindSystemTimeZoneById(ZoneName);

    /// <summary>Checks that this machine knows the time zone of Paris.</summary>
    /// <exception cref="TimeZoneNotFoundException">It does not: the message says what to install.</exception>
    public static void RequireZone()
    {
        try
        {
            _ = Paris.GetUtcOffset(Earliest);
        }
        catch (Exception e) when (e is TimeZoneNotFoundException or InvalidTimeZoneException)
        {
            throw new TimeZoneNotFoundException(
                $"This machine has no data of the time zone {ZoneName}: install them "
                    + "(on Debian: apt-get install tzdata).",
                e
            );
        }
    }

    /// <summary>
    /// The first moment of a day in Paris, in UTC. A day outside <see cref="FirstDay"/> and <see cref="LastDay"/> is
    /// taken in UTC: no day is an error here.
    /// </summary>
    public static DateTimeOffset StartOf(DateOnly day)
    {
        var local = day.ToDateTime(TimeOnly.MinValue);
        return day < FirstDay || day > LastDay
            ? new DateTimeOffset(local, TimeSpan.Zero)
            : new DateTimeOffset(local, Paris.GetUtcOffset(local)).ToUniversalTime();
    }

    /// <summary>The last moment of a day in Paris until now, to the microsecond.</summary>
    public static DateTimeOffset LastOf(DateOnly day, DateTimeOffset now) =>
        Earlier(StartOf(day.AddDays(1)).AddMicroseconds(-1), now);

    /// <summary>The earlier of two days or instants.</summary>
    public static T Earlier<T>(T one, T other)
        where T : struct, IComparable<T> => one.CompareTo(other) < 0 ? one : other;

    /// <summary>The later of two days or instants.</summary>
    public static T Later<T>(T one, T other)
        where T : struct, IComparable<T> => one.CompareTo(other) > 0 ? one : other;

    /// <summary>The month of an instant in Paris, <c>yyyy-MM</c>: that of the key under which it is recorded.</summary>
    public static string EpochOf(DateTimeOffset instant) =>
        DayOf(instant).ToString("yyyy-MM", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The instants at which a month, <c>yyyy-MM</c>, begins and ends in Paris.</summary>
    public static (DateTimeOffset From, DateTimeOffset Until) MonthOf(string month)
    {
        var first = DateOnly.ParseExact($"{month}-01", "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        return (StartOf(first), StartOf(first.AddMonths(1)));
    }

    /// <summary>Whether a month, <c>yyyy-MM</c>, has an instant in common with a period.</summary>
    public static bool Meets(string month, DateTimeOffset from, DateTimeOffset until) =>
        MonthOf(month) is var (begins, ends) && begins < until && from < ends;

    /// <summary>The instant at which the clocks of Paris show a time, from 1900 to 2199.</summary>
    public static DateTimeOffset InParis(DateTime local) =>
        new DateTimeOffset(
            DateTime.SpecifyKind(local, DateTimeKind.Unspecified),
            Paris.GetUtcOffset(local)
        ).ToUniversalTime();

    /// <summary>What the clocks of Paris show at an instant.</summary>
    public static DateTime Local(DateTimeOffset instant) => TimeZoneInfo.ConvertTime(instant, Paris).DateTime;

    /// <summary>The day in Paris at an instant.</summary>
    public static DateOnly DayOf(DateTimeOffset instant) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, Paris).DateTime);

    /// <summary>
    /// The end of a term counted in calendar months from a day, such as the receipt of a letter: the same day of the
    /// later month, or its last day where it has no such day (31 January and one month: 28 or 29 February). The term
    /// has run out at the first moment of that day in Paris.
    /// </summary>
    public static DateOnly AfterMonths(DateOnly from, int months) =>
        from > LastDay.AddMonths(-months) ? LastDay : from.AddMonths(months);

    /// <summary>
    /// An instant at which something happened: UTC, whole microseconds, not before 2000, not after <paramref
    /// name="now"/> but for a small skew.
    /// </summary>
    /// <exception cref="FormatException">It is outside.</exception>
    public static DateTimeOffset Past(DateTimeOffset instant, DateTimeOffset now, string what)
    {
        if (instant < Earliest || instant > now + Skew)
        {
            throw new FormatException(
                $"{what} is neither before 2000 nor in the future: "
                    + $"{instant.ToUniversalTime():yyyy-MM-dd'T'HH:mm:ss'Z'}."
            );
        }

        return new DateTimeOffset(instant.UtcTicks - (instant.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
    }

    /// <summary>
    /// A day on which something happened: not before 2000, not after the day of <paramref name="now"/>.
    /// </summary>
    /// <exception cref="FormatException">It is outside.</exception>
    public static DateOnly PastDay(DateOnly day, DateTimeOffset now, string what)
    {
        Past(StartOf(day), now, what);
        return day;
    }

    /// <summary>A day on which something holds or will: not before 2000, not more than ten years ahead.</summary>
    /// <exception cref="FormatException">It is outside.</exception>
    public static DateOnly Day(DateOnly day, DateTimeOffset now, string what) =>
        day < DateOnly.FromDateTime(Earliest.Date) || day > DayOf(now).AddYears(MaxYearsAhead)
            ? throw new FormatException(
                $"{what} is neither before 2000 nor more than {MaxYearsAhead} years ahead: {day:yyyy-MM-dd}."
            )
            : day;
}
