using Npgsql;

namespace Ledger.Store.ReadModels;

/// <summary>
/// Marten's table of streams: the version of each, against which it checks what is appended. All of it follows from the
/// events.
/// </summary>
internal static class StreamRows
{
    /// <summary>The streams whose row is gone or has another version than their events.</summary>
    public static async Task<string[]> BrokenAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var select = new NpgsqlCommand(
            """
            select coalesce(array_agg(e.stream_id), '{}') from
                (select stream_id, max(version) as version from ledger.mt_events group by 1) e
                left join ledger.mt_streams s on s.id = e.stream_id
            where s.version is distinct from e.version
            """,
            connection
        )
        {
            CommandTimeout = 0,
        };
        return (string[])(await select.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>Makes the rows of these streams again. Nobody may write meanwhile.</summary>
    public static async Task MendAsync(NpgsqlConnection connection, string[] streams, CancellationToken cancel)
    {
        await using var insert = new NpgsqlCommand(
            """
            insert into ledger.mt_streams (id, version, timestamp, created)
            select stream_id, max(version), max(timestamp), min(timestamp) from ledger.mt_events
            where stream_id = any($1) group by 1
            on conflict (id) do update set version = excluded.version
            """,
            connection
        );
        insert.Parameters.Add(new() { Value = streams });
        await insert.ExecuteNonQueryAsync(cancel);
    }
}
