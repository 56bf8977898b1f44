using Caf.Ledger.V1;

namespace Ledger.Answers;

/// <summary>An answer as rows under named columns: what a table, a list of records and a CSV file are made of.</summary>
/// <param name="Columns">The columns, by their names in <c>columns.json</c>.</param>
/// <param name="Rows">The rows, a cell a column.</param>
public sealed record Sheet(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<Cell>> Rows)
{
    /// <summary>The answer in a sentence, above the rows; null where the rows say it.</summary>
    public string? Headline { get; init; }

    /// <summary>What is said where there are no rows; null where it is only that nothing was found.</summary>
    public string? Nothing { get; init; }

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
public sealed record Cell(string Text, Tone Tone = Tone.Plain)
{
    /// <summary>What rows are sorted by, as text: for a moment or a number, one that sorts as it does.</summary>
    public string Order { get; init; } = Text;

    /// <summary>The positions that its text names; none where it names something else.</summary>
    public IReadOnlyList<long> Acts { get; init; } = [];

    /// <summary>The partner or the agent that it names; null where it names neither.</summary>
    public Account? About { get; init; }

    /// <summary>The service that it names; null where it names none.</summary>
    public string? Service { get; init; }

    /// <summary>A cell of plain text.</summary>
    public static implicit operator Cell(string text) => new(text);

    /// <summary>A cell that says that something is well.</summary>
    public static Cell Good(string text) => new(text, Tone.Good);

    /// <summary>A cell that says that something is not.</summary>
    public static Cell Bad(string text) => new(text, Tone.Bad);
}

/// <summary>The colour of a cell.</summary>
public enum Tone
{
    /// <summary>None.</summary>
    Plain,

    /// <summary>Something is well.</summary>
    Good,

    /// <summary>Something is not.</summary>
    Bad,
}
