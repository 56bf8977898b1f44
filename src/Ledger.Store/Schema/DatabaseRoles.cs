using Npgsql;

namespace Ledger.Store.Schema;

/// <summary>
/// Who may do what to a ledger's database: its owner makes and migrates it, its writer only adds to the log, its reader
/// only reads. None is a superuser, so none gets past the triggers.
/// </summary>
/// <param name="Owner">Owns the schema.</param>
/// <param name="Writer">The service.</param>
/// <param name="Reader">The verifier, exports, analysts.</param>
public sealed record DatabaseRoles(string Owner, string Writer, string Reader)
{
    private static readonly string[] Kinds = ["owner", "writer", "reader"];

    private IEnumerable<(string Kind, string Name)> All => Kinds.Zip([Owner, Writer, Reader]);

    /// <summary>The roles of a database, named after it.</summary>
    public static DatabaseRoles Of(string database) =>
        new($"{database}_owner", $"{database}_writer", $"{database}_reader");

    /// <summary>The same database, by its owner.</summary>
    public string AsOwner(string connectionString) => As(connectionString, Owner);

    /// <summary>
    /// Makes the roles that are not there, and gives the owner its place in the database. Passwords reach the server as
    /// SCRAM verifiers: no log of its has them.
    /// </summary>
    /// <param name="connectionString">The database, by somebody who may make roles.</param>
    /// <param name="passwords">By kind: owner, writer, reader. A role without one cannot log in by password.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="LedgerStateException">Whoever connects may not make roles.</exception>
    public async Task MakeAsync(
        string connectionString,
        IReadOnlyDictionary<string, string> passwords,
        CancellationToken cancel
    )
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        try
        {
            foreach (var (kind, name) in All)
            {
                await RunAsync(
                    $"""
                    do $do$ begin
                        if to_regrole({Text(name)}) is null then create role {Name(name)} login; end if;
                    end $do$
                    """
                );
                if (passwords.TryGetValue(kind, out var password))
                {
                    await RunAsync($"alter role {Name(name)} password {Text(ScramVerifier.Of(password))}");
                }
            }

            var database = Name(connection.Database);
            await RunAsync(
                $"""
                alter role {Name(Reader)} set default_transaction_read_only = on;
                revoke all on database {database} from public;
                grant connect on database {database} to {Name(Owner)}, {Name(Writer)}, {Name(Reader)};
                grant create on database {database} to {Name(Owner)};
                grant {Name(Owner)} to current_user
                """
            );
            await transaction.CommitAsync(cancel);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new LedgerStateException(
                $"The roles of the ledger cannot be made: {e.MessageText}. They are made by a superuser, or by an owner "
                    + "of the database who may make roles (createrole)."
            );
        }

        async Task RunAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            await command.ExecuteNonQueryAsync(cancel);
        }
    }

    /// <summary>Gives the writer and the reader their rights in a ledger that is there.</summary>
    /// <param name="database">The ledger, by its owner.</param>
    /// <param name="cancel">Stops.</param>
    public async Task GrantAsync(LedgerDatabase database, CancellationToken cancel)
    {
        await using var note = database.Source.CreateCommand(
            "insert into ledger.database_role (kind, name) values ('writer', $1), ('reader', $2) "
                + "on conflict (kind) do update set name = excluded.name"
        );
        note.Parameters.Add(new() { Value = Writer });
        note.Parameters.Add(new() { Value = Reader });
        await note.ExecuteNonQueryAsync(cancel);
        await database.Migrations.GrantAsync(cancel);
    }

    // Whoever connects goes on as another whom she may be.
    private static string As(string connectionString, string role)
    {
        var connection = new NpgsqlConnectionStringBuilder(connectionString);
        connection.Options =
            $"{connection.Options} -c role={role.Replace(" ", "\\ ", StringComparison.Ordinal)}".Trim();
        return connection.ConnectionString;
    }

    private static string Name(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Text(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
