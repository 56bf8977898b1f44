using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Ledger.Presentation.Pages;

/// <summary>Writes HTML: what is called raw stands as it is, every text is encoded.</summary>
internal sealed class Html
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private readonly StringBuilder _written = new();

    /// <summary>A text, encoded.</summary>
    public static string Encode(string text) => Encoder.Encode(text);

    /// <summary>Markup, as it is.</summary>
    public Html Raw(string markup)
    {
        _written.Append(markup);
        return this;
    }

    /// <summary>Markup and the end of the line.</summary>
    public Html Line(string markup) => Raw(markup).Raw("\n");

    /// <summary>An element with a text in it.</summary>
    /// <param name="open">Its name, and its attributes if it has any.</param>
    /// <param name="text">The text.</param>
    public Html Element(string open, string text) => Line($"<{open}>{Encode(text)}</{open.Split(' ')[0]}>");

    /// <summary>A table with a caption, its rows as texts; an empty one is nothing.</summary>
    /// <param name="caption">What it shows.</param>
    /// <param name="columns">The heads of its columns; the first cell of a row is the head of the row.</param>
    /// <param name="rows">Its rows.</param>
    public Html Table(string caption, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<Cell>> rows)
    {
        Line("<table>").Element("caption", caption).Raw("<thead><tr>");
        foreach (var column in columns)
        {
            Raw($"<th scope=\"col\">{Encode(column)}</th>");
        }

        Line("</tr></thead>").Line("<tbody>");
        foreach (var row in rows)
        {
            Raw("<tr>");
            foreach (var (i, cell) in row.Index())
            {
                var named = i == 0 ? "th scope=\"row\"" : "td";
                var look = cell.Look is { } name ? $" class=\"{name}\"" : string.Empty;
                Raw($"<{named} data-head=\"{Encode(columns[i])}\"{look}>{Encode(cell.Text)}</{named.Split(' ')[0]}>");
            }

            Line("</tr>");
        }

        return Line("</tbody>").Line("</table>");
    }

    /// <inheritdoc/>
    public override string ToString() => _written.ToString();
}

/// <summary>A cell of a table.</summary>
/// <param name="Text">What stands in it.</param>
/// <param name="Look">Its class; null for none.</param>
internal sealed record Cell(string Text, string? Look = null)
{
    public static implicit operator Cell(string text) => new(text);
}
