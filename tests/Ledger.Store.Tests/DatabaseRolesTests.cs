using Ledger.Store.Schema;
using Ledger.Tests;
using Npgsql;

namespace Ledger.Store.Tests;

/// <summary>What whoever has the password of a role can do, and what not.</summary>
[Collection(PostgresTests.Name)]
public sealed class DatabaseRolesTests(PostgresCluster cluster) : IAsyncLifetime
{
    private const string Unlocked = "set default_transaction_read_only = off";

    private static readonly string[] Log =
    [
        "mt_events",
        "ledger_head",
        "ledger_leaf",
        "ledger_tile",
        "ledger_checkpoint",
        "ledger_anchor",
        "epoch",
    ];

    private string _superuser = null!;
    private string _writer = null!;
    private string _reader = null!;

    public async Task InitializeAsync()
    {
        (_superuser, _writer) = await cluster.CreateLedgerAsync(TestLedger.Signer.Verifier.Name);
        var roles = DatabaseRoles.Of(new NpgsqlConnectionStringBuilder(_superuser).Database!);
        _reader = PostgresCluster.As(_superuser, roles.Reader, "reader");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task The_writer_changes_nothing_in_the_log_and_no_trigger()
    {
        foreach (var table in Log)
        {
            await DeniedAsync(_writer, $"delete from ledger.{table}");
            await DeniedAsync(_writer, $"truncate ledger.{table}");
            await DeniedAsync(_writer, $"alter table ledger.{table} disable trigger all");
            await DeniedAsync(_writer, $"drop table ledger.{table} cascade");
            await DeniedAsync(_writer, $"create trigger mine before insert on ledger.{table} execute function now()");
            await DeniedAsync(_writer, $"create rule mine as on insert to ledger.{table} do instead nothing");
        }

        foreach (
            var change in new[]
            {
                "update ledger.mt_events set type = type",
                "update ledger.ledger_head set origin = 'another'",
                "update ledger.ledger_leaf set salt = salt",
                "update ledger.ledger_checkpoint set note = note",
                "update ledger.epoch set key_check = key_check",
                "drop trigger refuse_change on ledger.mt_events",
                "drop function ledger.refuse_change() cascade",
                "create or replace function ledger.refuse_change() returns trigger language plpgsql as 'begin return new; end'",
                "set session_replication_role = replica",
                "alter role current_user superuser",
                "create role mine",
                "create table ledger.mine (n int)",
                "create schema mine",
                "insert into ledger.ledger_head values (true, 'x')",
                "insert into ledger.database_role values ('writer', 'x')",
                "call ledger.grant_roles()",
                "copy ledger.ledger_leaf from '/dev/null'",
            }
        )
        {
            await DeniedAsync(_writer, change);
        }

        // The one column that its right to lock the row comes with: the trigger refuses it.
        (await SqlStateAsync(_writer, "update ledger.ledger_head set one = one")).ShouldBe("23001");
    }

    [Fact]
    public async Task The_reader_reads_everything_and_changes_nothing()
    {
        foreach (var table in Log.Append("usage").Append("event_tag").Append("rule_state"))
        {
            (await SqlStateAsync(_reader, $"select count(*) from ledger.{table}")).ShouldBeNull();
            foreach (var change in new[] { $"delete from ledger.{table}", $"truncate ledger.{table}" })
            {
                (await SqlStateAsync(_reader, change)).ShouldBeOneOf("42501", "25006");
                (await SqlStateAsync(_reader, Unlocked, change)).ShouldBe("42501");
            }
        }
    }

    [Fact]
    public async Task Each_role_has_its_password_and_a_stranger_to_the_database_is_let_in_nowhere()
    {
        (await SqlStateAsync(PostgresCluster.As(_writer, Name(_writer), "reader"), "select 1")).ShouldBe("28P01");
        (await SqlStateAsync(PostgresCluster.As(_writer, Name(_superuser), ""), "select 1")).ShouldNotBeNull();
        var (other, _) = await cluster.CreateLedgerAsync(TestLedger.Signer.Verifier.Name);
        var there = new NpgsqlConnectionStringBuilder(_writer)
        {
            Database = new NpgsqlConnectionStringBuilder(other).Database,
        };
        (await SqlStateAsync(there.ConnectionString, "select 1")).ShouldBe("42501");
    }

    [Fact]
    public async Task Read_models_made_again_are_the_writer_s_and_the_reader_s_as_before()
    {
        var owner = DatabaseRoles.Of(new NpgsqlConnectionStringBuilder(_superuser).Database!).AsOwner(_superuser);
        await using (var database = new LedgerDatabase(owner))
        {
            await ReadModels.ReadModelRebuild.RunAsync(database, CancellationToken.None);
        }

        (await SqlStateAsync(_writer, "delete from ledger.usage")).ShouldBeNull();
        (await SqlStateAsync(_reader, "select count(*) from ledger.usage")).ShouldBeNull();
        (await SqlStateAsync(_reader, Unlocked, "delete from ledger.usage")).ShouldBe("42501");
    }

    private static string Name(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString).Username!;

    private static async Task DeniedAsync(string connectionString, string sql) =>
        (await SqlStateAsync(connectionString, sql)).ShouldBe("42501", sql);

    private static async Task<string?> SqlStateAsync(string connectionString, params string[] sql)
    {
        try
        {
            await PostgresCluster.ExecuteAsync(connectionString, sql);
            return null;
        }
        catch (PostgresException e)
        {
            return e.SqlState;
        }
        catch (NpgsqlException)
        {
            return "08000";
        }
    }
}
