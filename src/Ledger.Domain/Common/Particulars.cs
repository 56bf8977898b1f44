using System.Globalization;
using System.Text.Json;

namespace Ledger.Domain.Common;

/// <summary>
/// What a sentence speaks of, by stable names: <c>left-on</c>, <c>days</c>. The log, the answers and the evidence keep
/// these; the words around them are chosen where somebody reads. Days are <c>yyyy-MM-dd</c>, instants UTC in RFC 3339,
/// numbers decimal, lists separated by spaces.
/// </summary>
public static class Particulars
{
    /// <summary>Those of a sentence that speaks of nothing in particular.</summary>
    public static IReadOnlyDictionary<string, string> None { get; } = new Dictionary<string, string>();

    /// <summary>Those with these names and values, in this order; what is null is left out.</summary>
    public static IReadOnlyDictionary<string, string> Of(params ReadOnlySpan<(string Name, object? Value)> named)
    {
        var particulars = new Dictionary<string, string>();
        foreach (var (name, value) in named)
        {
            if (value is not null)
            {
                particulars.Add(name, Text(value));
            }
        }

        return particulars;
    }

    /// <summary>As one JSON object.</summary>
    public static string ToJson(IReadOnlyDictionary<string, string> particulars) =>
        JsonSerializer.Serialize(particulars);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    public static IReadOnlyDictionary<string, string> OfJson(string json) =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(json) ?? [];

    /// <summary>Whether two say the same, in any order.</summary>
    public static bool AreSame(IReadOnlyDictionary<string, string> one, IReadOnlyDictionary<string, string> other) =>
        one.Count == other.Count && one.All(p => other.TryGetValue(p.Key, out var value) && value == p.Value);

    private static string Text(object value) =>
        value switch
        {
            DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            DateTimeOffset at => at.UtcDateTime.ToString(
                "yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'",
                CultureInfo.InvariantCulture
            ),
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            IEnumerable<string> texts => string.Join(' ', texts),
            _ => $"{value}",
        };
}
