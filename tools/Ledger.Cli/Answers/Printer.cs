using Ledger.Answers;
using Ledger.Presentation;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Ledger.Cli.Answers;

/// <summary>
/// Prints a sheet for a person: as a table, or where the window is too narrow for one, record by record; or as CSV for
/// a spreadsheet.
/// </summary>
internal static class Printer
{
    // Sides and padding of a column.
    private const int Frame = 3;

    /// <summary>Prints it as a table or as records.</summary>
    public static void Print(Sheet sheet)
    {
        if (sheet.Headline is { } headline)
        {
            AnsiConsole.Write(new Text(headline + "\n", new Style(decoration: Decoration.Bold)));
        }

        if (sheet.Rows.Count == 0)
        {
            AnsiConsole.WriteLine(sheet.Nothing ?? Words.Spoken.Say("answers.nothing"));
        }
        else if (NeedsOf(sheet) > AnsiConsole.Profile.Width)
        {
            Records(sheet);
        }
        else
        {
            AnsiConsole.Write(TableOf(sheet));
        }

        foreach (var note in sheet.Notes)
        {
            AnsiConsole.WriteLine(note);
        }
    }

    /// <summary>Writes it as CSV.</summary>
    public static void WriteCsv(Sheet sheet, TextWriter to) =>
        CsvText.Write(to, Words.Spoken, sheet.Columns, sheet.Rows.Select(r => r.Select(c => c.Text)));

    private static string Head(string column) => Words.Spoken.Template($"columns.{column}");

    private static Table TableOf(Sheet sheet)
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var (i, column) in sheet.Columns.Index())
        {
            // What is one word is not broken.
            var isOfWords = sheet.Rows.All(r => !r[i].Text.Contains(' ', StringComparison.Ordinal));
            table.AddColumn(new TableColumn(new Text(Head(column))) { NoWrap = isOfWords });
        }

        foreach (var row in sheet.Rows)
        {
            table.AddRow(row.Select(Rendered));
        }

        return table;
    }

    private static void Records(Sheet sheet)
    {
        foreach (var (i, row) in sheet.Rows.Index())
        {
            AnsiConsole.Write(new Rule($"{i + 1}") { Justification = Justify.Left });
            var grid = new Grid().AddColumn(new GridColumn { NoWrap = true }).AddColumn();
            foreach (var (column, cell) in sheet.Columns.Zip(row).Where(p => p.Second.Text.Length > 0))
            {
                grid.AddRow(new Text(Head(column), new Style(decoration: Decoration.Bold)), Rendered(cell));
            }

            AnsiConsole.Write(grid);
        }
    }

    // The width at which no word is broken.
    private static int NeedsOf(Sheet sheet) =>
        sheet
            .Columns.Select((c, i) => sheet.Rows.Select(r => LongestWord(r[i].Text)).Append(LongestWord(Head(c))).Max())
            .Sum(longest => longest + Frame) + 1;

    private static int LongestWord(string text) => text.Split(' ', '\n').Max(word => word.Length);

    // Every text is taken as it is, never as markup.
    private static IRenderable Rendered(Cell cell) =>
        cell.Tone switch
        {
            Tone.Good => new Text(cell.Text, new Style(Color.Green)),
            Tone.Bad => new Text(cell.Text, new Style(Color.Red)),
            _ => new Text(cell.Text),
        };
}
