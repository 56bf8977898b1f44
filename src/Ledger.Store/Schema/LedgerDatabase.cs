using JasperFx;
using JasperFx.Events;
using Marten;
using Npgsql;

namespace Ledger.Store.Schema;

/// <summary>
/// The database of one ledger: Marten's event tables and the log's own beside them, all in the schema <c>ledger</c>.
/// Writing and asking have connections of their own: however much is asked, whoever records finds one.
/// </summary>
public sealed class LedgerDatabase : IAsyncDisposable
{
    private const string Schema = "ledger";
    private const int WritingConnections = 4;

    /// <summary>Opens a database that is or will be a ledger's. Connects to nothing yet.</summary>
    /// <param name="connectionString">Where it is.</param>
    /// <param name="isReadOnly">Whether PostgreSQL is to refuse every change that is tried.</param>
    public LedgerDatabase(string connectionString, bool isReadOnly = false)
    {
        IsReadOnly = isReadOnly;
        if (isReadOnly)
        {
            var given = new NpgsqlConnectionStringBuilder(connectionString);
            connectionString = new NpgsqlConnectionStringBuilder(connectionString)
            {
                Options = $"{given.Options} -c default_transaction_read_only=on".Trim(),
            }.ConnectionString;
        }

        Source = new NpgsqlDataSourceBuilder(connectionString).Build();
        Writing = new NpgsqlDataSourceBuilder(
            new NpgsqlConnectionStringBuilder(connectionString)
            {
                MinPoolSize = 0,
                MaxPoolSize = WritingConnections,
            }.ConnectionString
        ).Build();
        Marten = DocumentStore.For(options =>
        {
            options.Connection(Writing);
            options.DatabaseSchemaName = Schema;
            options.AutoCreateSchemaObjects = AutoCreate.None;
            options.Events.DatabaseSchemaName = Schema;
            options.Events.StreamIdentity = StreamIdentity.AsString;
            // In this mode the time that the caller gives an event is the one stored: the ledger's, read under the
            // lock.
            options.Events.AppendMode = EventAppendMode.QuickWithServerTimestamps;
            options.Events.EnableUniqueIndexOnEventId = true;
            RecordedEvents.Register(options.Events);
            // Marten works inside the batch's transaction: once that has failed, asking again can only hide why.
            options.ConfigurePolly(_ => { });
        });
    }

    /// <summary>Whether PostgreSQL refuses every change that is tried here.</summary>
    public bool IsReadOnly { get; }

    /// <summary>The connections of whoever asks.</summary>
    public NpgsqlDataSource Source { get; }

    /// <summary>The connections of whoever writes: nobody who asks takes one.</summary>
    public NpgsqlDataSource Writing { get; }

    /// <summary>Marten on the connections of whoever writes.</summary>
    public DocumentStore Marten { get; }

    /// <summary>The migrations of its schema.</summary>
    public SchemaMigrations Migrations => new(this);

    /// <summary>Whether a ledger was created here, and of which origin.</summary>
    public async Task<string?> OriginAsync(CancellationToken cancel)
    {
        await using var exists = Source.CreateCommand("select to_regclass('ledger.ledger_head') is not null");
        if (await exists.ExecuteScalarAsync(cancel) is not true)
        {
            return null;
        }

        await using var origin = Source.CreateCommand("select origin from ledger.ledger_head");
        return (string?)await origin.ExecuteScalarAsync(cancel);
    }

    /// <summary>
    /// Creates the ledger of this origin, which is fixed for ever. What was begun before and not finished is gone on
    /// with.
    /// </summary>
    /// <exception cref="LedgerStateException">There is already a ledger, or the database is not fit for
    /// one.</exception>
    public async Task CreateAsync(string origin, CancellationToken cancel)
    {
        if (await OriginAsync(cancel) is { } existing)
        {
            throw new LedgerStateException($"This database already holds the ledger '{existing}'.");
        }

        await RequireFitAsync(cancel);
        await RequireFreeAsync(cancel);
        await Migrations.MigrateAsync(cancel);
        await using var head = Source.CreateCommand(
            "insert into ledger.ledger_head (origin) values ($1) on conflict do nothing"
        );
        head.Parameters.Add(new() { Value = origin });
        await head.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>
    /// Refuses a database in which a ledger would not work: another encoding, a schema of another version, a sequence
    /// that was set back.
    /// </summary>
    /// <exception cref="LedgerStateException">The message says what to do.</exception>
    public async Task RequireFitAsync(CancellationToken cancel)
    {
        await using var encoding = Source.CreateCommand("select current_setting('server_encoding')");
        if (await encoding.ExecuteScalarAsync(cancel) is not "UTF8" and var found)
        {
            throw new LedgerStateException(
                $"The database's encoding is {found}: a ledger needs UTF8 "
                    + "(create database … encoding 'UTF8' template template0)."
            );
        }

        if (!IsReadOnly && await OriginAsync(cancel) is not null)
        {
            await RequireSequenceAsync(cancel);
        }
    }

    /// <summary>Whether this role may do more to the log than add to it.</summary>
    public async Task<bool> MayChangeTheLogAsync(CancellationToken cancel)
    {
        await using var may = Source.CreateCommand(
            "select has_table_privilege('ledger.ledger_leaf', 'UPDATE, DELETE, TRUNCATE')"
        );
        return (bool)(await may.ExecuteScalarAsync(cancel))!;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Marten.Dispose();
        await Writing.DisposeAsync();
        await Source.DisposeAsync();
    }

    // A schema of that name that holds somebody else's tables is left alone. One that was begun has Marten's, and nothing
    // recorded yet.
    private async Task RequireFreeAsync(CancellationToken cancel)
    {
        await using var foreign = Source.CreateCommand(
            """
            select to_regclass('ledger.mt_events') is null and exists (
                select from pg_class where relnamespace = to_regnamespace('ledger') and relkind in ('r', 'p', 'v', 'm'))
            """
        );
        if (await foreign.ExecuteScalarAsync(cancel) is true)
        {
            throw new LedgerStateException(
                "The schema 'ledger' of this database holds tables of something else: a ledger needs one of its own."
            );
        }
    }

    // Marten's sequence and the log grow together. A sequence that was set back gives numbers a second time.
    private async Task RequireSequenceAsync(CancellationToken cancel)
    {
        await using var state = Source.CreateCommand(
            """
            select (select last_value from ledger.mt_events_sequence),
                   coalesce((select seq_id from ledger.mt_events order by seq_id desc limit 1), 0)
            """
        );
        await using var reader = await state.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        RequireSequence(reader.GetInt64(0), reader.GetInt64(1));
    }

    internal static void RequireSequence(long sequence, long last)
    {
        if (sequence < last)
        {
            throw new LedgerStateException(
                $"The sequence ledger.mt_events_sequence stands at {sequence}, and event {last} is recorded: "
                    + $"it was set back. Run: select setval('ledger.mt_events_sequence', {last})"
            );
        }
    }
}

/// <summary>The database is not in a state in which the ledger may run: the message says what disagrees.</summary>
public sealed class LedgerStateException(string message) : Exception(message);
