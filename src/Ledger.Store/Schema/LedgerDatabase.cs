using JasperFx;
using JasperFx.Events;
using Marten;
using Npgsql;

namespace Ledger.Store.Schema;

/// <summary>
/// The database of one ledger: Marten's event tables and the log's own beside them, all in the schema <c>ledger</c>.
/// </summary>
public sealed class LedgerDatabase : IAsyncDisposable
{
    private const string Schema = "ledger";

    /// <summary>Opens a database that is or will be a ledger's. Connects to nothing yet.</summary>
    public LedgerDatabase(string connectionString)
    {
        Source = new NpgsqlDataSourceBuilder(connectionString).Build();
        Marten = DocumentStore.For(options =>
        {
            options.Connection(Source);
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

    /// <summary>The connections.</summary>
    public NpgsqlDataSource Source { get; }

    /// <summary>Marten on the same connections.</summary>
    public DocumentStore Marten { get; }

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

    /// <summary>Creates the ledger of this origin. The origin is fixed for ever.</summary>
    /// <exception cref="LedgerStateException">There is already a ledger.</exception>
    public async Task CreateAsync(string origin, CancellationToken cancel)
    {
        if (await OriginAsync(cancel) is { } existing)
        {
            throw new LedgerStateException($"This database already holds the ledger '{existing}'.");
        }

        await MigrateAsync(cancel);
        await using var head = Source.CreateCommand("insert into ledger.ledger_head (origin) values ($1)");
        head.Parameters.Add(new() { Value = origin });
        await head.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Brings the schema to this version. Adds, never removes.</summary>
    public async Task MigrateAsync(CancellationToken cancel)
    {
        await Marten.Storage.ApplyAllConfiguredChangesToDatabaseAsync(AutoCreate.CreateOrUpdate);
        using var script = new StreamReader(typeof(LedgerDatabase).Assembly.GetManifestResourceStream("ledger.sql")!);
        await using var command = Source.CreateCommand(await script.ReadToEndAsync(cancel));
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Marten.Dispose();
        await Source.DisposeAsync();
    }
}

/// <summary>The database is not in a state in which the ledger may run: the message says what disagrees.</summary>
public sealed class LedgerStateException(string message) : Exception(message);

/// <summary>
/// PostgreSQL cannot be reached, or dropped the connection. What was asked may be asked again with the same request id.
/// </summary>
public sealed class StoreUnavailableException(Exception cause)
    : Exception(
        "The database is unavailable. Ask again with the same request id: nothing is ever recorded twice.",
        cause
    );
