using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ledger.Domain.Common;

/// <summary>A text of one meaning, checked when it is made: once it exists it is well formed.</summary>
public interface IText<TSelf>
    where TSelf : struct, IText<TSelf>
{
    /// <summary>The text itself.</summary>
    string Value { get; }

    /// <summary>Checks a text.</summary>
    /// <exception cref="FormatException">The text breaks the rule of its kind; the message says which.</exception>
    static abstract TSelf Parse(string text);
}

/// <summary>Writes a checked text as a JSON string, and checks it again when it is read.</summary>
public sealed class TextConverter<TText> : JsonConverter<TText>
    where TText : struct, IText<TText>
{
    /// <inheritdoc/>
    public override TText Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            return TText.Parse(Shared<string>.Of(reader.GetString() ?? string.Empty));
        }
        catch (FormatException e)
        {
            throw new JsonException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TText value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Value);
}

/// <summary>The rules that several kinds of text share.</summary>
public static class TextRules
{
    /// <summary>The longest free text, in characters.</summary>
    public const int MaxFreeText = 500;

    /// <summary>
    /// An opaque identifier: 1 to <paramref name="maxLength"/> of letters, digits, dot, hyphen, underscore, none of
    /// them accented.
    /// </summary>
    /// <exception cref="FormatException">It is not.</exception>
    public static string Identifier(string text, string what, int maxLength = 64)
    {
        if (text.Length == 0 || text.Length > maxLength)
        {
            throw new FormatException($"{what} has 1 to {maxLength} characters, not {text.Length}.");
        }

        return text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
            ? text
            : throw new FormatException($"{what} has only letters without accents, digits, '.', '-' and '_'.");
    }

    /// <summary>Whether a text has the shape of a French social security number, which never enters the log.</summary>
    public static bool LooksLikeNir(string text) =>
        text.Length is 13 or 15 && text[0] is ('1' or '2') && text.All(char.IsAsciiDigit);

    /// <summary>
    /// A free text: at most 500 characters, composed (Unicode form C); none of them a control character, a mark of
    /// direction or another invisible one, or a character that Unicode does not assign. May be empty.
    /// </summary>
    /// <exception cref="FormatException">It is not.</exception>
    public static string Free(string text, string what)
    {
        var composed = Composition.Of(text);
        if (composed.Length > MaxFreeText)
        {
            throw new FormatException($"{what} has at most {MaxFreeText} characters, not {composed.Length}.");
        }

        for (var i = 0; i < composed.Length; i++)
        {
            if (!Rune.TryGetRuneAt(composed, i, out var rune) || IsRefused(Rune.GetUnicodeCategory(rune)))
            {
                throw new FormatException(
                    $"{what} has no control, invisible or unassigned character, "
                        + $"as at place {i + 1} (U+{(int)composed[i]:X4})."
                );
            }

            i += rune.Utf16SequenceLength - 1;
        }

        return composed;
    }

    /// <summary>A free text that says something.</summary>
    /// <exception cref="FormatException">It is empty, or breaks the rule of <see cref="Free"/>.</exception>
    public static string Required(string text, string what)
    {
        var free = Free(text, what);
        return free.All(IsBlank) ? throw new FormatException($"{what} is required.") : free;
    }

    /// <summary>A text composed (Unicode form C), as <see cref="Free"/> keeps it; its rules are not checked.</summary>
    public static string Composed(string text) => Composition.Of(text);

    private static bool IsRefused(UnicodeCategory category) =>
        category
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.Surrogate
                or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator;

    // Besides spaces: the letters that are drawn as nothing.
    private static bool IsBlank(char c) =>
        char.IsWhiteSpace(c) || c is '\u2800' or '\u3164' or '\u115F' or '\u1160' or '\uFFA0';
}
