using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Npgsql;

namespace Ledger.Verify.Scanning;

/// <summary>Reads leaves and events side by side, each once, in one snapshot and without writing anything.</summary>
internal sealed class LogReading : IAsyncDisposable
{
    private const int ChunkSize = 512;
    private const int Sampled = 1000;

    private const string LeafQuery =
        "select position, event_id, seq_id, salt, content_hash, leaf_hash, recorded_at from ledger.ledger_leaf";

    private const string EventQuery =
        "select seq_id, id, stream_id, version, type, bdata, timestamp from ledger.mt_events";

    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlConnection _leaves;
    private readonly NpgsqlConnection _events;
    private readonly List<NpgsqlConnection> _more = [];
    private readonly string _snapshot;

    private LogReading(NpgsqlDataSource source, NpgsqlConnection leaves, NpgsqlConnection events, string snapshot) =>
        (_source, _leaves, _events, _snapshot) = (source, leaves, events, snapshot);

    public static async Task<LogReading> OpenAsync(string connectionString, CancellationToken cancel)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString)
        {
            CommandTimeout = 0,
            ReadBufferSize = 64 * 1024,
        };
        var source = NpgsqlDataSource.Create(builder);
        var leaves = await source.OpenConnectionAsync(cancel);
        await ExecuteAsync(leaves, "begin isolation level repeatable read read only", cancel);
        await using var export = new NpgsqlCommand("select pg_export_snapshot()", leaves);
        var snapshot = (string)(await export.ExecuteScalarAsync(cancel))!;
        return new LogReading(source, leaves, await JoinAsync(source, snapshot, cancel), snapshot);
    }

    public async Task<LogHeadRow?> HeadAsync(CancellationToken cancel)
    {
        await using var select = new NpgsqlCommand(
            """
            select coalesce(l.position + 1, 0), h.origin, coalesce(l.governance_position, -1)
            from ledger.ledger_head h left join lateral
                (select position, governance_position from ledger.ledger_leaf order by position desc limit 1) l on true
            """,
            _leaves
        );
        await using var reader = await select.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel)
            ? new LogHeadRow(reader.GetInt64(0), reader.GetString(1), reader.GetInt64(2))
            : null;
    }

    /// <summary>
    /// The checkpoints to open: a ledger signs one a second, and all of them would take hours. The last thousand, those
    /// that are timestamped, and of the rest one for each thousandth of the log: a log that continues the last one and
    /// disagrees with another is none that anybody signed.
    /// </summary>
    public async Task<List<(long Size, string Note)>> CheckpointsAsync(CancellationToken cancel)
    {
        await using var select = new NpgsqlCommand(
            $"""
            with last as (select size from ledger.ledger_checkpoint order by size desc limit 1),
            chosen as (
                (select size from ledger.ledger_checkpoint order by size desc limit {Sampled})
                union select size from ledger.ledger_anchor where kind = 1
                union select c.size from last, generate_series(0, {Sampled - 1}) part, lateral
                    (select size from ledger.ledger_checkpoint
                     where size >= last.size * part / {Sampled} order by size limit 1) c)
            select c.size, c.note || coalesce(
                (select string_agg(convert_from(a.proof, 'UTF8'), '') from ledger.ledger_anchor a
                 where a.size = c.size and a.kind = 0), '')
            from ledger.ledger_checkpoint c join chosen using (size) order by c.size
            """,
            _leaves
        );
        await using var reader = await select.ExecuteReaderAsync(cancel);
        var checkpoints = new List<(long, string)>();
        while (await reader.ReadAsync(cancel))
        {
            checkpoints.Add((reader.GetInt64(0), reader.GetString(1)));
        }

        return checkpoints;
    }

    public async Task<byte[]?> LeafHashAsync(long position, CancellationToken cancel)
    {
        await using var select = new NpgsqlCommand(
            "select leaf_hash from ledger.ledger_leaf where position = $1",
            _leaves
        )
        {
            Parameters = { new() { Value = position } },
        };
        return (byte[]?)await select.ExecuteScalarAsync(cancel);
    }

    public async Task<List<(long Size, byte[] Response)>> TimestampsAsync(CancellationToken cancel)
    {
        await using var select = new NpgsqlCommand(
            "select size, proof from ledger.ledger_anchor where kind = 1 order by size",
            _leaves
        );
        await using var reader = await select.ExecuteReaderAsync(cancel);
        var timestamps = new List<(long, byte[])>();
        while (await reader.ReadAsync(cancel))
        {
            timestamps.Add((reader.GetInt64(0), reader.GetFieldValue<byte[]>(1)));
        }

        return timestamps;
    }

    public IAsyncEnumerable<List<LeafRow>> LeavesAsync(long from, CancellationToken cancel) =>
        ChunksAsync(
            _leaves,
            string.Create(CultureInfo.InvariantCulture, $"{LeafQuery} where position >= {from} order by position"),
            reader => new LeafRow(
                reader.GetInt64(0),
                reader.GetGuid(1),
                reader.GetInt64(2),
                reader.GetFieldValue<byte[]>(3),
                reader.GetFieldValue<byte[]>(4),
                reader.GetFieldValue<byte[]>(5),
                reader.GetDateTime(6)
            ),
            cancel
        );

    public IAsyncEnumerable<List<EventRow>> EventsAsync(long after, CancellationToken cancel) =>
        ChunksAsync(
            _events,
            string.Create(CultureInfo.InvariantCulture, $"{EventQuery} where seq_id > {after} order by seq_id"),
            reader => new EventRow(
                reader.GetInt64(0),
                reader.GetGuid(1),
                reader.GetString(2),
                reader.GetInt64(3),
                reader.GetString(4),
                reader.IsDBNull(5) ? null : reader.GetFieldValue<byte[]>(5),
                reader.GetDateTime(6)
            ),
            cancel
        );

    /// <summary>Rows of another table, in the same snapshot, on a connection of their own.</summary>
    public async Task<IAsyncEnumerable<List<T>>> RowsAsync<T>(
        string sql,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancel
    )
    {
        var connection = await JoinAsync(_source, _snapshot, cancel);
        _more.Add(connection);
        return ChunksAsync(connection, sql, read, cancel);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _more)
        {
            await connection.DisposeAsync();
        }

        await _leaves.DisposeAsync();
        await _events.DisposeAsync();
        await _source.DisposeAsync();
    }

    private static async Task<NpgsqlConnection> JoinAsync(
        NpgsqlDataSource source,
        string snapshot,
        CancellationToken cancel
    )
    {
        var connection = await source.OpenConnectionAsync(cancel);
        await ExecuteAsync(connection, "begin isolation level repeatable read read only", cancel);
        await ExecuteAsync(connection, $"set transaction snapshot '{snapshot}'", cancel);
        return connection;
    }

    // Each side is read on a thread of its own, a chunk ahead of whoever uses it, without an await a row.
    private static async IAsyncEnumerable<List<T>> ChunksAsync<T>(
        NpgsqlConnection connection,
        string sql,
        Func<NpgsqlDataReader, T> read,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        var chunks = Channel.CreateBounded<List<T>>(2);
        var reading = Task.Run(
            async () =>
            {
                Exception? failure = null;
                try
                {
                    using var select = new NpgsqlCommand(sql, connection);
                    using var reader = select.ExecuteReader();
                    var chunk = new List<T>(ChunkSize);
                    while (reader.Read())
                    {
                        chunk.Add(read(reader));
                        if (chunk.Count == ChunkSize)
                        {
                            await chunks.Writer.WriteAsync(chunk, cancel);
                            chunk = new List<T>(ChunkSize);
                        }
                    }

                    await chunks.Writer.WriteAsync(chunk, cancel);
                }
                catch (Exception e)
                {
                    failure = e;
                }

                chunks.Writer.Complete(failure);
            },
            cancel
        );
        await foreach (var chunk in chunks.Reader.ReadAllAsync(cancel))
        {
            yield return chunk;
        }

        await reading;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
