using Ledger.Store.Embedded;
using Ledger.Store.Schema;
using Npgsql;

namespace Ledger.Tests;

/// <summary>One private PostgreSQL cluster for a run of an assembly's tests; a database for whoever asks.</summary>
public sealed class PostgresCluster : IAsyncLifetime
{
    /// <summary>The password of a ledger's writer.</summary>
    public const string WriterPassword = "marked-password-of-the-writer";

    private readonly string _folder = Directory.CreateTempSubdirectory("ledger-tests-").FullName;
    private readonly Dictionary<string, string> _made = [];
    private int _databases;

    public EmbeddedPostgres Server { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        // PostgreSQL's own user passes through, and sees nothing else.
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_001_001);
        Server = await EmbeddedPostgres.StartAsync(Path.Combine(_folder, "pg"), CancellationToken.None);
    }

    /// <summary>A new empty database.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"t{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync(Server.ConnectionString, $"create database {name}");
        return Server.ConnectionStringTo(name);
    }

    /// <summary>A new ledger with the roles that a service has.</summary>
    /// <returns>The database by its superuser, and by the writer.</returns>
    public async Task<(string Superuser, string Writer)> CreateLedgerAsync(string origin)
    {
        var superuser = await CreateDatabaseAsync();
        var roles = DatabaseRoles.Of(new NpgsqlConnectionStringBuilder(superuser).Database!);
        await roles.MakeAsync(
            superuser,
            new Dictionary<string, string> { ["writer"] = WriterPassword, ["reader"] = "reader" },
            CancellationToken.None
        );
        await using var database = new LedgerDatabase(roles.AsOwner(superuser));
        await database.CreateAsync(origin, CancellationToken.None);
        await roles.GrantAsync(database, CancellationToken.None);
        return (superuser, As(superuser, roles.Writer, WriterPassword));
    }

    /// <summary>The same database by another role.</summary>
    public static string As(string connectionString, string role, string password) =>
        new NpgsqlConnectionStringBuilder(connectionString)
        {
            Username = role,
            Password = password,
            Passfile = null,
        }.ConnectionString;

    /// <summary>A copy of a database. Whoever is connected to it is cut off: a template is copied alone.</summary>
    public async Task<string> CopyDatabaseAsync(string connectionString)
    {
        var (source, name) = (
            new NpgsqlConnectionStringBuilder(connectionString).Database,
            $"t{Interlocked.Increment(ref _databases)}"
        );
        await ExecuteAsync(
            Server.ConnectionString,
            $"alter database {source} allow_connections false",
            $"select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '{source}'",
            $"create database {name} template {source}",
            $"alter database {source} allow_connections true",
            $"alter database {name} allow_connections true"
        );
        return Server.ConnectionStringTo(name);
    }

    /// <summary>A copy of a database that is made once and kept as it was.</summary>
    public async Task<string> CopyOnceMadeAsync(string key, Func<Task<string>> make)
    {
        if (!_made.TryGetValue(key, out var made))
        {
            _made[key] = made = await make();
        }

        return await CopyDatabaseAsync(made);
    }

    public static async Task ExecuteAsync(string connectionString, params string[] statements)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        foreach (var statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    public static async Task<T> QueryAsync<T>(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Waits until a query says true; half a minute at most.</summary>
    public static async Task UntilAsync(string connectionString, string sql)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await QueryAsync<bool>(connectionString, sql))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(25), bound.Token);
        }
    }

    public async Task DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await Server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>Test classes that share the cluster run one after another.</summary>
[CollectionDefinition(Name)]
public sealed class PostgresTests : ICollectionFixture<PostgresCluster>
{
    public const string Name = "postgres";
}
