using Npgsql;

namespace Ledger.Store.Reading;

/// <summary>Reads what a query gives.</summary>
internal static class QueryRows
{
    /// <summary>Every row, in the query's order.</summary>
    /// <param name="select">The query, on a connection or of a data source.</param>
    /// <param name="read">Makes what is wanted of the row that the reader stands on.</param>
    /// <param name="cancel">Stops.</param>
    public static async Task<List<T>> RowsAsync<T>(
        this NpgsqlCommand select,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancel
    )
    {
        var rows = new List<T>();
        await using var reader = await select.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>A text, or null.</summary>
    public static string? Text(this NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);

    /// <summary>An instant, in UTC.</summary>
    public static DateTimeOffset Instant(this NpgsqlDataReader reader, int column) =>
        reader.GetFieldValue<DateTimeOffset>(column);

    /// <summary>An instant, or null.</summary>
    public static DateTimeOffset? InstantOrNull(this NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.Instant(column);
}
