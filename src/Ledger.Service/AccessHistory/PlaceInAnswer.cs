using System.Globalization;

namespace Ledger.Service.AccessHistory;

/// <summary>Where a page of an answer begins. All pages speak of the moment at which the first was asked for.</summary>
/// <param name="At">That moment.</param>
/// <param name="After">What the page before ended with.</param>
internal sealed record PlaceInAnswer(DateTimeOffset At, string After)
{
    /// <summary>The place of a token, which the ledger made itself.</summary>
    public static PlaceInAnswer Parse(string text)
    {
        var end = text.IndexOf(' ', StringComparison.Ordinal);
        var ticks = long.Parse(text.AsSpan(0, end), NumberStyles.None, CultureInfo.InvariantCulture);
        return new PlaceInAnswer(new DateTimeOffset(ticks, TimeSpan.Zero), text[(end + 1)..]);
    }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{At.UtcTicks} {After}");
}
