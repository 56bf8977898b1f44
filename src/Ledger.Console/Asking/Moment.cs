using System.Globalization;
using Ledger.Domain.Common;

namespace Ledger.Pages.Asking;

/// <summary>A moment as a form and an address have it: in Paris.</summary>
internal static class Moment
{
    private const int FirstYear = 1900;
    private const int LastYear = 2199;

    private static readonly string[] Forms = ["yyyy-MM-ddTHH:mm", "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-dd"];

    /// <summary>The moment of a text; where it is none, another, to the minute.</summary>
    public static DateTimeOffset Of(string? text, DateTimeOffset otherwise) =>
        DateTime.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local)
        && local.Year is >= FirstYear and <= LastYear
            ? LegalTime.InParis(local)
            : otherwise.AddTicks(-(otherwise.Ticks % TimeSpan.TicksPerMinute));

    /// <summary>A moment as a field has it.</summary>
    public static string Field(DateTimeOffset at) =>
        LegalTime.Local(at).ToString(Forms[0], CultureInfo.InvariantCulture);
}
