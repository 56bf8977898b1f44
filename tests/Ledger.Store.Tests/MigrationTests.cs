using Ledger.Domain.Common;
using Ledger.Domain.Rights;
using Ledger.Store.Reading;
using Ledger.Store.Schema;
using Ledger.Tests;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Store.Tests;

[Collection(PostgresTests.Name)]
public sealed class MigrationTests(PostgresCluster cluster)
{
    // A ledger as the program before numbered migrations made it: a right, twenty uses, a departure and a mutation learnt
    // late, a question.
    private static readonly string Before = Path.Combine(AppContext.BaseDirectory, "Upgrade", "schema-2.dump");

    [Fact]
    public async Task A_database_of_the_program_before_is_refused_then_upgraded_whole_and_answers_as_it_did()
    {
        var connection = await cluster.CreateDatabaseAsync();
        await PostgresCluster.ExecuteAsync(connection, await File.ReadAllTextAsync(Before));
        await using (var ledger = TestLedger.Open(connection))
        {
            var migrations = ledger.Database.Migrations;
            (
                await Should.ThrowAsync<LedgerStateException>(() => migrations.RequireFitAsync(CancellationToken.None))
            ).Message.ShouldContain("ledger db migrate");
            (await migrations.MigrateAsync(CancellationToken.None)).Select(m => m.Number).ShouldBe([1, 2, 3]);
            await migrations.RequireFitAsync(CancellationToken.None);
            (await migrations.MigrateAsync(CancellationToken.None)).ShouldBeEmpty();
        }

        await using var upgraded = TestLedger.Open(connection);
        (await upgraded.VerifyAsync()).Findings.ShouldBeEmpty();
        var page = await upgraded.History.WhoDidAsync(
            [TheFile],
            LegalTime.Earliest,
            LegalTime.Latest,
            await upgraded.KnownAsync(),
            new Paging(100),
            CancellationToken.None
        );
        page.Items.Count.ShouldBe(20);
        page.Items.ShouldAllBe(c =>
            c.Event.Verdict.Authorised
            && c.AsKnownAt.Reasons.SequenceEqual(new[] { Reason.AgentDeparted, Reason.OutsidePerimeter })
        );
        await upgraded.ConsultAsync(5000);
        await upgraded.PublishAsync();
        (await upgraded.VerifyAsync()).Findings.ShouldBeEmpty();
        await MartenIsContentAsync(upgraded.Database);
    }

    [Fact]
    public async Task A_new_database_has_every_migration_and_Marten_finds_its_tables_as_it_wants_them()
    {
        await using var ledger = await TestLedger.CreateAsync(cluster);
        var status = await ledger.Database.Migrations.StatusAsync(CancellationToken.None);
        (status.IsFit, status.Pending.Count, status.Applied).ShouldBe((true, 0, 3));
        await MartenIsContentAsync(ledger.Database);
    }

    [Fact]
    public async Task Read_models_of_another_program_are_made_again()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 3);
        await PostgresCluster.ExecuteAsync(
            ledger.ConnectionString,
            "update ledger.read_models set fingerprint = 'another'",
            "drop index ledger.usage_file"
        );
        await Should.ThrowAsync<LedgerStateException>(() =>
            ledger.Database.Migrations.RequireFitAsync(CancellationToken.None)
        );
        await ledger.Database.Migrations.MigrateAsync(CancellationToken.None);
        await ledger.Database.Migrations.RequireFitAsync(CancellationToken.None);
        (
            await PostgresCluster.QueryAsync<bool>(
                ledger.ConnectionString,
                "select to_regclass('ledger.usage_file') is not null"
            )
        ).ShouldBeTrue();
        (await ledger.VerifyAsync()).Findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_database_of_a_later_program_is_refused_and_nothing_is_changed_in_it()
    {
        await using var ledger = await TestLedger.CreateAsync(cluster);
        await PostgresCluster.ExecuteAsync(
            ledger.ConnectionString,
            """
            insert into ledger.migration (type, version, description, name, checksum, installed_by, success)
            values (0, '99', 'later', 'V99__later.sql', '', 'somebody', true)
            """
        );
        foreach (
            var refused in new Func<Task>[]
            {
                () => ledger.Database.Migrations.RequireFitAsync(CancellationToken.None),
                () => ledger.Database.Migrations.MigrateAsync(CancellationToken.None),
            }
        )
        {
            (await Should.ThrowAsync<LedgerStateException>(refused)).Message.ShouldContain("later program");
        }
    }

    [Fact]
    public async Task A_migration_that_was_changed_after_it_was_applied_is_told()
    {
        await using var ledger = await TestLedger.CreateAsync(cluster);
        await PostgresCluster.ExecuteAsync(
            ledger.ConnectionString,
            "update ledger.migration set checksum = 'another' where version = '1'",
            "delete from ledger.migration where version in ('2', '3')",
            "drop table ledger.read_models"
        );
        (
            await Should.ThrowAsync<LedgerStateException>(() =>
                ledger.Database.Migrations.MigrateAsync(CancellationToken.None)
            )
        ).Message.ShouldContain("V1__log.sql");
    }

    private static Task MartenIsContentAsync(LedgerDatabase database) =>
        database.Marten.Storage.Database.AssertDatabaseMatchesConfigurationAsync(CancellationToken.None);
}
