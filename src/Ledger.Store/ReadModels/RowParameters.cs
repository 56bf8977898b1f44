using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store.ReadModels;

/// <summary>Rows as parameters, an array for each column: what <c>unnest</c> makes rows of again.</summary>
internal static class RowParameters
{
    /// <summary>A column of values that PostgreSQL knows by their type.</summary>
    public static NpgsqlParameter Of<TRow, T>(IEnumerable<TRow> rows, Func<TRow, T> column) =>
        new() { Value = rows.Select(column).ToArray() };

    /// <summary>A column of texts, some of them null.</summary>
    public static NpgsqlParameter Texts<TRow>(IEnumerable<TRow> rows, Func<TRow, string?> column) =>
        Typed(rows, column, NpgsqlDbType.Text);

    /// <summary>A column of numbers, some of them null.</summary>
    public static NpgsqlParameter Numbers<TRow>(IEnumerable<TRow> rows, Func<TRow, int?> column) =>
        Typed(rows, column, NpgsqlDbType.Integer);

    /// <summary>A column of positions, some of them null.</summary>
    public static NpgsqlParameter Positions<TRow>(IEnumerable<TRow> rows, Func<TRow, long?> column) =>
        Typed(rows, column, NpgsqlDbType.Bigint);

    private static NpgsqlParameter Typed<TRow, T>(IEnumerable<TRow> rows, Func<TRow, T> column, NpgsqlDbType type) =>
        new() { Value = rows.Select(column).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type };
}
