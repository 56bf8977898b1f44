using EvolveDb;
using EvolveDb.Configuration;
using JasperFx;
using Ledger.Store.Reading;
using Ledger.Store.ReadModels;
using Npgsql;

namespace Ledger.Store.Schema;

/// <summary>Where a database stands.</summary>
/// <param name="Applied">The number of its last migration; 0 for none.</param>
/// <param name="Pending">The migrations that it has not.</param>
/// <param name="HasTheseReadModels">Whether its read models are those of this program.</param>
public sealed record SchemaStatus(int Applied, IReadOnlyList<Migration> Pending, bool HasTheseReadModels)
{
    /// <summary>Whether this program may run on it.</summary>
    public bool IsFit => Pending.Count == 0 && HasTheseReadModels && !IsLater;

    /// <summary>Whether a later program has migrated it.</summary>
    public bool IsLater => Applied > SchemaScripts.Migrations[^1].Number;
}

/// <summary>
/// The migrations of a ledger's database: Marten's own tables by Marten, the log's by numbered scripts (Evolve), and the
/// read models by making them again from the log.
/// </summary>
public sealed class SchemaMigrations(LedgerDatabase database)
{
    private const string Schema = "ledger";
    private const string Table = "migration";

    /// <summary>Where the database stands. Changes nothing.</summary>
    public async Task<SchemaStatus> StatusAsync(CancellationToken cancel)
    {
        var applied = await IsThereAsync(Table, cancel) ? await AppliedAsync(cancel) : 0;
        var fingerprint = await IsThereAsync("read_models", cancel)
            ? await TextAsync("select fingerprint from ledger.read_models", cancel)
            : null;
        return new SchemaStatus(
            applied,
            [.. SchemaScripts.Migrations.Where(m => m.Number > applied)],
            fingerprint == SchemaScripts.Fingerprint
        );
    }

    /// <summary>Refuses a database that is not as this program needs it.</summary>
    /// <exception cref="LedgerStateException">It is of an earlier or a later program.</exception>
    public async Task RequireFitAsync(CancellationToken cancel)
    {
        var status = await StatusAsync(cancel);
        RequireNotLater(status);
        if (!status.IsFit)
        {
            throw new LedgerStateException(
                $"The database is of an earlier program (migration {status.Applied}, this one needs "
                    + $"{SchemaScripts.Migrations[^1].Number}): run 'ledger db migrate', then start again."
            );
        }
    }

    /// <summary>Brings the database to where this program needs it. What is done already is not done again.</summary>
    /// <returns>The migrations that were applied.</returns>
    /// <exception cref="LedgerStateException">It is of a later program, or the role may not change it.</exception>
    public async Task<IReadOnlyList<Migration>> MigrateAsync(CancellationToken cancel)
    {
        var status = await StatusAsync(cancel);
        RequireNotLater(status);

        // Nothing is locked where nothing has to change: a dump or a reader is no reason not to start.
        if (status.Pending.Count > 0)
        {
            try
            {
                await database.Marten.Storage.ApplyAllConfiguredChangesToDatabaseAsync(AutoCreate.CreateOrUpdate);
                await Task.Run(Evolve, cancel);
            }
            catch (Exception e) when (e.GetBaseException() is PostgresException why && e is not PostgresException)
            {
                throw new LedgerStateException(Explained(why));
            }
            catch (EvolveException e)
            {
                throw new LedgerStateException($"The migrations cannot be applied: {e.Message}");
            }
        }

        if (!status.HasTheseReadModels)
        {
            await MakeReadModelsAsync(cancel);
        }

        return status.Pending;
    }

    /// <summary>Gives the roles of the ledger their rights on what was made since.</summary>
    public async Task GrantAsync(CancellationToken cancel)
    {
        await using var grant = database.Source.CreateCommand("call ledger.grant_roles()");
        await grant.ExecuteNonQueryAsync(cancel);
    }

    private static void RequireNotLater(SchemaStatus status)
    {
        if (status.IsLater)
        {
            throw new LedgerStateException(
                $"The database is of a later program (migration {status.Applied}, this one knows "
                    + $"{SchemaScripts.Migrations[^1].Number}): run that program."
            );
        }
    }

    private static string Explained(PostgresException why)
    {
        const string needs =
            " The role that makes them needs the right to create in the database, or in its schema 'ledger'.";
        return $"The tables of the ledger cannot be made: {why.MessageText}."
            + (why.SqlState == PostgresErrorCodes.InsufficientPrivilege ? needs : string.Empty);
    }

    private void Evolve()
    {
        using var connection = new NpgsqlConnection(database.Source.ConnectionString);
        new Evolve(connection)
        {
            EmbeddedResourceAssemblies = [typeof(SchemaMigrations).Assembly],
            EmbeddedResourceFilters = [SchemaScripts.MigrationPrefix],
            Schemas = [Schema],
            MetadataTableSchema = Schema,
            MetadataTableName = Table,
            IsEraseDisabled = true,
            TransactionMode = TransactionKind.CommitAll,
            // PostgreSQL lets one at a time migrate.
            EnableClusterMode = true,
        }.Migrate();
    }

    private async Task MakeReadModelsAsync(CancellationToken cancel)
    {
        if (await IsThereAsync("usage", cancel))
        {
            await ReadModelRebuild.RunAsync(database, cancel);
        }
        else
        {
            await using var create = database.Source.CreateCommand(SchemaScripts.ReadModels(Schema));
            await create.ExecuteNonQueryAsync(cancel);
        }

        await using var note = database.Source.CreateCommand(
            "insert into ledger.read_models (fingerprint) values ($1) "
                + "on conflict (one) do update set fingerprint = excluded.fingerprint"
        );
        note.Parameters.Add(new() { Value = SchemaScripts.Fingerprint });
        await note.ExecuteNonQueryAsync(cancel);
    }

    private async Task<int> AppliedAsync(CancellationToken cancel) =>
        int.Parse(
            await TextAsync(
                $"select coalesce(max(version::int), 0)::text from ledger.{Table} where success and version ~ '^[1-9]'",
                cancel
            ) ?? "0",
            System.Globalization.CultureInfo.InvariantCulture
        );

    private async Task<bool> IsThereAsync(string table, CancellationToken cancel)
    {
        await using var exists = database.Source.CreateCommand("select to_regclass($1) is not null");
        exists.Parameters.Add(new() { Value = $"{Schema}.{table}" });
        return (bool)(await exists.ExecuteScalarAsync(cancel))!;
    }

    private async Task<string?> TextAsync(string sql, CancellationToken cancel)
    {
        await using var select = database.Source.CreateCommand(sql);
        return (await select.RowsAsync(r => r.GetString(0), cancel)).FirstOrDefault();
    }
}
