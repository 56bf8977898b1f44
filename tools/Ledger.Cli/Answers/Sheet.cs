using Ledger.Presentation;

namespace Ledger.Cli.Answers;

/// <summary>An answer as rows under named columns: what a table, a list of records and a CSV file are made of.</summary>
/// <param name="Columns">The columns, by their names in <c>columns.json</c>.</param>
/// <param name="Rows">The rows, a cell a column.</param>
internal sealed record Sheet(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<Cell>> Rows)
{
    /// <summary>The answer in a sentence, above the rows; null where the rows say it.</summary>
    public string? Headline { get; init; }

    /// <summary>What is said where there are no rows.</summary>
    public string Nothing { get; init; } = Words.Spoken.Say("answers.nothing");

    /// <summary>What is said below the rows.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>One of these columns and rows.</summary>
    public static Sheet Of<T>(IEnumerable<T> items, params (string Column, Func<T, Cell> Cell)[] columns) =>
        new([.. columns.Select(c => c.Column)], [.. items.Select(i => columns.Select(c => c.Cell(i)).ToList())]);

    /// <summary>Names and values, a row each.</summary>
    public static Sheet OfPairs(params (string Name, Cell Value)[] pairs) =>
        Of(pairs, ("what", p => p.Name), ("value", p => p.Value));
}

/// <summary>A cell.</summary>
/// <param name="Text">What stands in it.</param>
/// <param name="Tone">Whether it says that something is well, or not.</param>
internal sealed record Cell(string Text, Tone Tone = Tone.Plain)
{
    public static implicit operator Cell(string text) => new(text);

    /// <summary>A cell that says that something is well.</summary>
    public static Cell Good(string text) => new(text, Tone.Good);

    /// <summary>A cell that says that something is not.</summary>
    public static Cell Bad(string text) => new(text, Tone.Bad);
}

/// <summary>The colour of a cell.</summary>
internal enum Tone
{
    Plain,
    Good,
    Bad,
}
