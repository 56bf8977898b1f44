using CsvHelper;
using Ledger.Presentation;

namespace Ledger.Answers;

/// <summary>An answer for a spreadsheet.</summary>
internal static class CsvText
{
    /// <summary>
    /// Writes it as CSV (RFC 4180), in UTF-8 with a mark. In French the separator is the semicolon: a spreadsheet that
    /// writes decimal commas opens no other. A cell that a spreadsheet would run is made a text.
    /// </summary>
    public static void Write(
        TextWriter to,
        Words words,
        IEnumerable<string> columns,
        IEnumerable<IEnumerable<string>> rows
    )
    {
        to.Write('\uFEFF');
        using var csv = CsvWriter.Create(
            to,
            new CsvWriterOptions
            {
                Separator = words.Template("answers.csv-separator")[0],
                Injection = CsvInjection.Escape,
                NewLine = "\r\n",
            },
            leaveOpen: true
        );
        foreach (var row in rows.Prepend(columns.Select(c => words.Template($"columns.{c}"))))
        {
            foreach (var cell in row)
            {
                csv.WriteField(cell);
            }

            csv.EndRecord();
        }
    }
}
