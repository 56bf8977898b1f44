using System.Globalization;
using Ledger.Domain.Common;

namespace Ledger.Store.Reading;

/// <summary>A place in a list of facts of use, which stands in the order in which they took place.</summary>
/// <param name="OccurredAt">When.</param>
/// <param name="Position">Where it stands in the log.</param>
internal readonly record struct Cursor(DateTimeOffset OccurredAt, long Position)
{
    /// <summary>Before every fact.</summary>
    public static readonly Cursor Start = new(LegalTime.Earliest.AddYears(-1), -1);

    /// <summary>Reads a key that <see cref="ToString"/> wrote; null for the start.</summary>
    /// <exception cref="InvalidFieldException">It is not one.</exception>
    public static Cursor Parse(string? key)
    {
        if (key is null)
        {
            return Start;
        }

        return
            key.Split('/') is [var ticks, var position]
            && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var t)
            && t <= DateTimeOffset.MaxValue.Ticks
            && long.TryParse(position, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var p)
            ? new Cursor(new DateTimeOffset(t, TimeSpan.Zero), p)
            : throw NotOurs();
    }

    /// <summary>Reads the key of a list that stands in the order of the log: a position; -1 for the start.</summary>
    /// <exception cref="InvalidFieldException">It is not one.</exception>
    public static long ParsePosition(string? key) =>
        key is null ? -1
        : long.TryParse(key, out var position) ? position
        : throw NotOurs();

    private static InvalidFieldException NotOurs() =>
        new("paging.token", "The page token is not one that this ledger gave for this question.");

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{OccurredAt.UtcTicks}/{Position}");
}
