using System.Text.Json;
using Ledger.Presentation;

namespace Ledger.Answers;

/// <summary>Says what a question that was asked is about: the log keeps its parameters as JSON.</summary>
internal static class QuestionWords
{
    /// <summary>The parameters in a row, by their names; the text as it is where it is no JSON.</summary>
    public static string Asked(this Words say, string asked)
    {
        try
        {
            using var parameters = JsonDocument.Parse(asked);
            return string.Join(", ", Leaves(say, parameters.RootElement, string.Empty));
        }
        catch (JsonException)
        {
            return asked;
        }
    }

    private static IEnumerable<string> Leaves(Words say, JsonElement element, string name) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => element
                .EnumerateObject()
                .Where(p => p.Name is not ("requestId" or "paging"))
                .SelectMany(p => Leaves(say, p.Value, p.Name)),
            JsonValueKind.Array => [$"{say.Label("parameters", name)} {string.Join(' ', element.EnumerateArray())}"],
            _ => [$"{say.Label("parameters", name)} {Value(say, name, element.ToString())}"],
        };

    private static string Value(Words say, string name, string text) =>
        name == "siret" ? Words.Grouped(text)
        : DateTimeOffset.TryParse(
            text,
            System.Globalization.CultureInfo.InvariantCulture,
            System.Globalization.DateTimeStyles.AssumeUniversal,
            out var instant
        ) && text.Contains('T', StringComparison.Ordinal)
            ? say.ShortBound(instant)
        : text;
}
