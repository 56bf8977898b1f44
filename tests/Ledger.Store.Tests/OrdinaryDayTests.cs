using Ledger.Domain.Common;
using Ledger.Domain.Knowing;
using Ledger.Store.Anomalies;
using Ledger.Store.Keys;
using Ledger.Store.Pseudonyms;
using Ledger.Store.Publishing;
using Ledger.Store.Schema;
using Ledger.Tests;
using Npgsql;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Store.Tests;

/// <summary>What nobody does on purpose, and what may not stop, blind or mislead the ledger.</summary>
[Collection(PostgresTests.Name)]
public sealed class OrdinaryDayTests(PostgresCluster cluster)
{
    [Fact]
    public async Task A_command_that_fails_in_whatever_way_concerns_itself_alone()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        var (good, bad) = (new List<Task>(), new List<Task>());
        for (var i = 0; i < 60; i++)
        {
            good.Add(ledger.ConsultAsync(3000 + i));
            bad.Add(ledger.DoAsync(5000 + i, ByCaf, new Failing(i % 2 == 0)));
        }

        await Task.WhenAll(good);
        foreach (var failed in bad)
        {
            await Should.ThrowAsync<ArgumentOutOfRangeException>(() => failed);
        }

        await ledger.PublishAsync();
        (await ledger.VerifyAsync()).Findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_PostgreSQL_refuses_for_good_is_refused_to_its_sender_alone()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        await PostgresCluster.ExecuteAsync(
            ledger.ConnectionString,
            "alter table ledger.usage add constraint never check (agent <> 'poison')"
        );
        var (good, bad) = (new List<Task>(), new List<Task>());
        for (var i = 0; i < 60; i++)
        {
            good.Add(ledger.ConsultAsync(3000 + i));
            bad.Add(
                ledger.ConsultAsync(
                    5000 + i,
                    consultation: Consultation(5000 + i, use: Use("2026-03-10T10:00:00Z", AgentId.Parse("poison")))
                )
            );
        }

        await Task.WhenAll(good);
        foreach (var failed in bad)
        {
            await Should.ThrowAsync<Exception>(() => failed);
        }

        (await ledger.History.LastPositionAsync(CancellationToken.None)).ShouldBe(8 + 60);
    }

    [Fact]
    public async Task A_reader_s_lock_on_every_table_stops_no_first_consultation_of_a_month()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        await using var dump = new NpgsqlConnection(ledger.ConnectionString);
        await dump.OpenAsync();
        await using var transaction = await dump.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
        await using (
            var locks = new NpgsqlCommand(
                "lock table ledger.usage, ledger.event_tag, ledger.habilitation_right, ledger.partner_right, "
                    + "ledger.ledger_leaf, ledger.ledger_head, ledger.mt_events in access share mode",
                dump,
                transaction
            )
        )
        {
            await locks.ExecuteNonQueryAsync();
        }

        foreach (var month in Enumerable.Range(1, 12))
        {
            await ledger.ConsultAsync(3000 + month, $"2025-{month:00}-10T10:00:00Z");
        }

        await ledger.Database.Migrations.MigrateAsync(CancellationToken.None);
    }

    [Fact]
    public async Task The_head_s_row_is_never_written_again_so_an_open_snapshot_makes_it_no_dearer()
    {
        const string version = "select ctid::text || ' ' || xmin::text from ledger.ledger_head";
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        await ledger.ConsultAsync(3000);
        var before = await PostgresCluster.QueryAsync<string>(ledger.ConnectionString, version);
        for (var i = 1; i <= 50; i++)
        {
            await ledger.ConsultAsync(3000 + i);
        }

        (await PostgresCluster.QueryAsync<string>(ledger.ConnectionString, version)).ShouldBe(before);
    }

    [Fact]
    public async Task A_journal_goes_on_in_a_new_stream_after_so_many_batches_so_no_row_is_updated_all_day()
    {
        const string streams = """
            select string_agg(n::text, ' ' order by first) from (
                select count(*) n, min(seq_id) first from ledger.mt_events
                where type = 'consultation-recorded.v1' group by stream_id) s
            """;
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        for (var i = 0; i < 150; i++)
        {
            await ledger.ConsultAsync(3000 + i);
        }

        (await PostgresCluster.QueryAsync<string>(ledger.ConnectionString, streams)).ShouldBe("64 64 22");
        (await TestLedger.VerifyAsync(ledger.ConnectionString)).Findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_transaction_left_open_on_the_head_is_waited_for_seconds_and_not_for_ever()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        await using var stuck = new NpgsqlConnection(ledger.ConnectionString);
        await stuck.OpenAsync();
        await using var transaction = await stuck.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("select from ledger.ledger_head for update", stuck, transaction))
        {
            await hold.ExecuteNonQueryAsync();
        }

        await Should
            .ThrowAsync<StoreUnavailableException>(() => ledger.ConsultAsync(3000))
            .WaitAsync(TimeSpan.FromSeconds(30));
        await transaction.RollbackAsync();
        (await ledger.ConsultAsync(3000)).Position.ShouldBe(9);
    }

    [Fact]
    public async Task A_restored_copy_is_never_signed_beside_the_log_that_it_was_taken_from()
    {
        await using var made = await TestLedger.WithHistoryAsync(cluster, 3);
        var backup = await cluster.CopyDatabaseAsync(made.ConnectionString);
        await using var ledger = TestLedger.Open(await cluster.CopyDatabaseAsync(made.ConnectionString));
        var folder = Directory.CreateTempSubdirectory("ledger-keys-").FullName;
        try
        {
            await ledger.ConsultAsync(3000);
            var signer = new CheckpointPublisher(ledger.Database, TestLedger.Signer, SignerMemory.In(folder));
            await signer.PublishAsync(CancellationToken.None);
            await using var restored = TestLedger.Open(backup);
            var again = new CheckpointPublisher(restored.Database, TestLedger.Signer, SignerMemory.In(folder));
            await Should.ThrowAsync<RestoredCopyException>(() => again.RequireSoundAsync(CancellationToken.None));
            await restored.ConsultAsync(4000);
            await restored.ConsultAsync(4001);
            await Should.ThrowAsync<RestoredCopyException>(() => again.PublishAsync(CancellationToken.None));
            (await PostgresCluster.QueryAsync<long>(backup, "select max(size) from ledger.ledger_checkpoint")).ShouldBe(
                12
            );
            await ledger.ConsultAsync(3001);
            await signer.PublishAsync(CancellationToken.None);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_checkpoint_that_was_signed_and_not_yet_published_is_published_by_the_next()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 3);
        var folder = Directory.CreateTempSubdirectory("ledger-keys-").FullName;
        try
        {
            var signer = new CheckpointPublisher(ledger.Database, TestLedger.Signer, SignerMemory.In(folder));
            await ledger.ConsultAsync(3000);
            var note = await signer.PublishAsync(CancellationToken.None);
            await PostgresCluster.ExecuteAsync(
                ledger.ConnectionString,
                Attacker.TriggersOff,
                "delete from ledger.ledger_checkpoint where size = 13"
            );
            (await signer.PublishAsync(CancellationToken.None)).ShouldBe(note);
            (await CheckpointPublisher.LatestAsync(ledger.Database, CancellationToken.None)).ShouldBe(note);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Two_nodes_that_make_the_keys_of_many_months_at_once_agree_and_a_copied_folder_is_refused()
    {
        await using var ledger = await TestLedger.CreateAsync(cluster);
        await using var otherDatabase = new LedgerDatabase(ledger.ConnectionString);
        var folder = Directory.CreateTempSubdirectory("ledger-keys-").FullName;
        var copied = Directory.CreateTempSubdirectory("ledger-keys-").FullName;
        try
        {
            var nodes = new[]
            {
                new PseudonymKeys(ledger.Database, ledger.Replica, folder, new FileVault(), TimeProvider.System),
                new PseudonymKeys(otherDatabase, ledger.Replica, folder, new FileVault(), TimeProvider.System),
                new PseudonymKeys(otherDatabase, ledger.Replica, folder, new FileVault(), TimeProvider.System),
            };
            foreach (var month in Enumerable.Range(0, 60).Select(m => At("2020-01-15T10:00:00Z").AddMonths(m)))
            {
                var found = await Task.WhenAll(
                    Enumerable.Range(0, 12).Select(i => Task.Run(async () => await nodes[i % 3].OfAsync(month)))
                );
                found.Distinct().Count().ShouldBe(1, $"in {month:yyyy-MM}");
            }

            Directory.EnumerateFiles(folder, "*.new").ShouldBeEmpty();
            foreach (var file in Directory.EnumerateFiles(folder))
            {
                File.Copy(file, Path.Combine(copied, Path.GetFileName(file)));
            }

            var next = At("2026-01-15T10:00:00Z");
            await nodes[0].OfAsync(next);
            await Should.ThrowAsync<KeyUnavailableException>(async () =>
                await new PseudonymKeys(
                    otherDatabase,
                    ledger.Replica,
                    copied,
                    new FileVault(),
                    TimeProvider.System
                ).OfAsync(next)
            );
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
            Directory.Delete(copied, recursive: true);
        }
    }

    [Fact]
    public async Task The_rules_run_on_one_node_and_another_goes_on_where_they_stopped()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        AnomalyWatcher Node(byte id) =>
            new(ledger.Database, ledger.Replica, ledger.Writer, ledger.History, new Guid(id, 0, 0, new byte[8]));
        var (one, other) = (Node(1), Node(2));
        await ledger.ConsultByStrangerAsync(3000);
        (await one.ObserveAsync(CancellationToken.None)).ShouldBe(1);
        await ledger.ConsultByStrangerAsync(3001);
        (await other.ObserveAsync(CancellationToken.None)).ShouldBe(0, "the first node holds the lease");
        await one.StopAsync(CancellationToken.None);
        (await other.ObserveAsync(CancellationToken.None)).ShouldBe(1, "only what is new is told");
        (await PostgresCluster.QueryAsync<long>(ledger.ConnectionString, "select count(*) from ledger.alert")).ShouldBe(
            2
        );
    }

    // A rule with a mistake in it.
    private sealed record Failing(bool Changes) : ICommand
    {
        public bool ChangesKnowledge => Changes;

        public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now) =>
            throw new ArgumentOutOfRangeException(nameof(now));
    }
}
