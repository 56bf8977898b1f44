using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ledger.Integrity.Entries;

namespace Ledger.Integrity.Evidence;

/// <summary>
/// Evidence as one file: a page that a browser shows and prints, with the data that prove it inside. The page is made
/// from the data and from nothing else, so that a page whose words were changed is not the page of its data. The data
/// prove themselves, whatever became of the page.
/// </summary>
public static class EvidenceFile
{
    private const string Begin = "<script type=\"application/json\" id=\"caf-ledger-evidence-v1\">";
    private const string End = "</script>";

    // Only what no column could hold is broken inside its words.
    private const int LongCell = 40;

    /// <summary>The file.</summary>
    public static string Write(Evidence evidence)
    {
        // The serializer escapes '<', '>' and '&': nothing in the data can end the element that holds them.
        var (page, said) = (new StringBuilder(), evidence.Said());
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append(Policy)
            .Append("<title>")
            .Append(Text(said.Question))
            .Append("</title>\n")
            .Append("<style>")
            .Append(Style)
            .Append("</style>\n");
        page.Append(Begin)
            .Append(JsonSerializer.Serialize(evidence, EvidenceJson.Default.Evidence))
            .Append(End)
            .Append("\n</head>\n<body>\n");
        page.Append("<h1>Evidence</h1>\n<p class=\"question\">").Append(Text(said.Question)).Append("</p>\n");
        page.Append("<p>As known at position ")
            .Append(said.KnownAt.ToString(CultureInfo.InvariantCulture))
            .Append(
                ". This page proves nothing by itself: <code>ledger-verify evidence FILE --vkey KEY</code> "
                    + "recomputes it, offline, from the data that it carries.</p>\n"
            );
        foreach (var table in said.Answer)
        {
            Table(page, table);
        }

        Table(
            page,
            new EvidenceTable(
                "Events that this rests on, and last the one that commits the log to what is said here",
                ["position", "recorded at", "event", "content", "content hash"],
                [.. evidence.Events.Append(evidence.Issued).Select(Row)]
            )
        );
        page.Append("<h2>Signed checkpoint</h2>\n<pre>")
            .Append(Text(evidence.Checkpoint))
            .Append("</pre>\n<p>Public key, to be compared with the one that you were given: <code>")
            .Append(Text(evidence.Vkey))
            .Append("</code></p>\n<p>")
            .Append(evidence.Timestamps.Count.ToString(CultureInfo.InvariantCulture))
            .Append(" RFC 3161 timestamps are inside.</p>\n</body>\n</html>\n");
        return page.ToString();
    }

    /// <summary>
    /// Reads the data in a file. Nothing of them is proved yet: see <see cref="EvidenceProof"/>.
    /// </summary>
    /// <exception cref="NoEvidenceException">The file carries none.</exception>
    /// <exception cref="FormatException">The data are malformed.</exception>
    public static Evidence Read(string file)
    {
        var begin = file.IndexOf(Begin, StringComparison.Ordinal);
        var end = begin < 0 ? -1 : file.IndexOf(End, begin, StringComparison.Ordinal);
        if (end < 0)
        {
            throw new NoEvidenceException();
        }

        try
        {
            return JsonSerializer.Deserialize(file.AsSpan((begin + Begin.Length)..end), EvidenceJson.Default.Evidence)
                ?? throw new FormatException("The evidence in the file is empty.");
        }
        catch (Exception e) when (e is not (FormatException or OutOfMemoryException))
        {
            // Hostile data end in any of a parser's exceptions: to the caller they are all the same.
            throw new FormatException($"The evidence in the file is malformed: {e.Message}");
        }
    }

    /// <summary>
    /// Whether a file is the page of its data, word for word; line ends may be those of another system.
    /// </summary>
    public static bool IsPageOf(string file, Evidence evidence) =>
        file.TrimStart('\uFEFF').ReplaceLineEndings("\n") == Write(evidence);

    private static IReadOnlyList<string> Row(EvidenceEvent e)
    {
        var entry = Entry.Parse(Encoding.UTF8.GetBytes(e.Entry));
        return
        [
            entry.Position.ToString(CultureInfo.InvariantCulture),
            entry.RecordedAt.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            entry.EventType,
            Encoding.UTF8.GetString(e.Content),
            entry.ContentHash.ToBase64(),
        ];
    }

    private static void Table(StringBuilder page, EvidenceTable table)
    {
        page.Append("<h2>").Append(Text(table.Title)).Append("</h2>\n<table>\n<thead><tr>");
        foreach (var column in table.Columns)
        {
            page.Append("<th>").Append(Text(column)).Append("</th>");
        }

        page.Append("</tr></thead>\n<tbody>\n");
        foreach (var row in table.Rows)
        {
            page.Append("<tr>");
            foreach (var cell in row)
            {
                page.Append(cell.Length > LongCell ? "<td class=\"long\">" : "<td>").Append(Text(cell)).Append("</td>");
            }

            page.Append("</tr>\n");
        }

        page.Append("</tbody>\n</table>\n");
    }

    private static string Text(string text) => HtmlEncoder.Default.Encode(text);

    // A page runs nothing, loads nothing and sends nothing, whoever wrote what stands in it.
    private static string Policy { get; } =
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; form-action 'none'; "
        + $"style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'\">\n";

    private const string Style = """

        body { font: 10pt/1.4 sans-serif; margin: 2em auto; max-width: 70em; color: #111; }
        h1 { font-size: 16pt; } h2 { font-size: 12pt; margin-top: 2em; }
        .question { font-size: 12pt; font-weight: bold; }
        table { border-collapse: collapse; width: 100%; }
        th, td { border: 1px solid #999; padding: .3em .5em; text-align: left; vertical-align: top; }
        .long { overflow-wrap: anywhere; }
        thead { display: table-header-group; } tr { break-inside: avoid; }
        pre, code { font-family: monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
        @media print { body { margin: 0; max-width: none; } }

        """;
}

/// <summary>A file carries no evidence at all.</summary>
public sealed class NoEvidenceException() : FormatException("The file holds no evidence.");
