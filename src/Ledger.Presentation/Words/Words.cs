using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Ledger.Presentation;

/// <summary>
/// What people read, in one language. A text has a key, <c>file.name</c>, and stands in <c>Words/fr/file.json</c> and
/// <c>Words/en/file.json</c>; <c>{name}</c> in it is where a value goes. Where a count decides, there are
/// <c>name_one</c> and <c>name_other</c>.
/// </summary>
public sealed partial class Words
{
    private readonly FrozenDictionary<string, string> _texts;

    private Words(Language language)
    {
        Language = language;
        _texts = Load(Languages.TagOf(language)).ToFrozenDictionary();
    }

    /// <summary>In French.</summary>
    public static Words French { get; } = new(Language.French);

    /// <summary>In English.</summary>
    public static Words English { get; } = new(Language.English);

    /// <summary>What this process says to whoever started it.</summary>
    public static Words Spoken { get; set; } = French;

    /// <summary>In this language.</summary>
    public static Words In(Language language) => language == Language.English ? English : French;

    /// <summary>Which language they are of.</summary>
    public Language Language { get; }

    /// <summary>Every key, for whoever checks that no text is missing.</summary>
    public IEnumerable<string> Keys => _texts.Keys;

    /// <summary>The text of a key, with its values in their places.</summary>
    /// <param name="key">The key.</param>
    /// <param name="values">
    /// The values by name: texts stand as they are, days, instants, numbers and SIRETs are written as one reads them.
    /// A value named <c>count</c> chooses between singular and plural.
    /// </param>
    /// <exception cref="KeyNotFoundException">There is no such text, or no such value.</exception>
    public string Say(string key, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        var text = TextOf(key, values);
        if (!text.Contains('{'))
        {
            return text;
        }

        var said = new StringBuilder();
        var from = 0;
        foreach (var place in Place().EnumerateMatches(text))
        {
            said.Append(text, from, place.Index - from);
            var value = Written(text[(place.Index + 1)..(place.Index + place.Length - 1)], key, values);
            Append(said, text.AsSpan(0, place.Index), value);
            from = place.Index + place.Length;
            // What somebody wrote may end in a stop of its own.
            if (from < text.Length && text[from] == '.' && said.Length > 0 && said[^1] is '.' or '!' or '?' or '…')
            {
                from++;
            }
        }

        return said.Append(text, from, text.Length - from).ToString();
    }

    /// <summary>The label of something that has a stable name; the name itself where none is written.</summary>
    public string Label(string group, string name) => _texts.GetValueOrDefault($"{group}.{name}", name);

    /// <summary>The name of a member of an enumeration.</summary>
    public string Name(string group, Enum member) =>
        Template($"names.{group}-{JsonNamingPolicy.KebabCaseLower.ConvertName($"{member}")}");

    /// <summary>Whether there is such a text.</summary>
    public bool Has(string key) => _texts.ContainsKey(key);

    /// <summary>The text of a key as it is written, its places open.</summary>
    /// <exception cref="KeyNotFoundException">There is no such text.</exception>
    public string Template(string key) =>
        _texts.TryGetValue(key, out var text)
            ? text
            : throw new KeyNotFoundException($"No text '{key}' in {Languages.TagOf(Language)}.");

    private void Append(StringBuilder said, ReadOnlySpan<char> before, string value)
    {
        if (Language == Language.French && Typography.Elides(before, value))
        {
            said.Length -= 2;
            said.Append('\'');
        }

        said.Append(value);
    }

    private string TextOf(string key, ReadOnlySpan<(string Name, object? Value)> values)
    {
        foreach (var (name, value) in values)
        {
            if (name == "count" && !_texts.ContainsKey(key))
            {
                var isOne =
                    Convert.ToInt64(value, CultureInfo.InvariantCulture) is var count
                    && (Language == Language.French ? count is 0 or 1 : count == 1);
                return Template(key + (isOne ? "_one" : "_other"));
            }
        }

        return Template(key);
    }

    private string Written(string name, string key, ReadOnlySpan<(string Name, object? Value)> values)
    {
        foreach (var (given, value) in values)
        {
            if (given == name)
            {
                return Write(value);
            }
        }

        throw new KeyNotFoundException($"The text '{key}' wants a value '{name}'.");
    }

    private static IEnumerable<KeyValuePair<string, string>> Load(string language)
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames().Where(n => Folder(n) == language))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var texts = JsonSerializer.Deserialize<Dictionary<string, string>>(stream)!;
            foreach (var (key, text) in texts)
            {
                yield return new(
                    $"{name[(language.Length + 1)..]}.{key}",
                    language == "fr" ? Typography.French(text) : text
                );
            }
        }
    }

    private static string Folder(string resource) => resource.Split('/', '\\')[0];

    [GeneratedRegex(@"\{[a-z-]+\}")]
    private static partial Regex Place();
}
