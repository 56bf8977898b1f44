using System.Globalization;
using Ledger.Domain.Common;

namespace Ledger.Presentation;

/// <summary>Reads what the log keeps of a sentence (<see cref="Particulars"/>) as what it is: a day, a number.</summary>
internal static class Particular
{
    private static readonly HashSet<string> Counts = ["count", "days", "months", "usual"];

    // A length of time is also said with its unit.
    private static readonly (string Name, string Said, string Key)[] Lengths =
    [
        ("days", "delay", "moments.days"),
        ("days", "idle", "moments.days"),
        ("months", "retention", "moments.months"),
    ];

    /// <summary>The value that a text of this name stands for.</summary>
    public static object? Of(Words words, string name, string text) =>
        name switch
        {
            "reasons" => words.Reasons(text.Split(' ')),
            _ when Counts.Contains(name) => long.Parse(text, CultureInfo.InvariantCulture),
            _ when IsDay(text, out var day) => day,
            "at" => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
            _ => text,
        };

    /// <summary>Those of a sentence, as what they are.</summary>
    public static IEnumerable<(string Name, object? Value)> Of(
        Words words,
        IReadOnlyDictionary<string, string> particulars
    ) =>
        [
            .. particulars.Select(p => (p.Key, Of(words, p.Key, p.Value))),
            .. from length in Lengths
            where particulars.ContainsKey(length.Name)
            select (
                length.Said,
                (object?)words.Say(length.Key, ("count", Of(words, length.Name, particulars[length.Name])))
            ),
        ];

    /// <summary>Whether a text is a day.</summary>
    public static bool IsDay(string text, out DateOnly day) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);
}
