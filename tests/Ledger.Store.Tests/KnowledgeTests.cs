using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Store.Anomalies;
using Ledger.Store.Appending;
using Ledger.Store.ReadModels;
using Ledger.Store.Schema;
using Ledger.Tests;
using Npgsql;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Store.Tests;

/// <summary>What a node knows is what the log says, whatever happened to the log.</summary>
[Collection(PostgresTests.Name)]
public sealed class KnowledgeTests(PostgresCluster cluster)
{
    // What a failover to a replica does that had not received the last commit: the grant.
    private const string LoseTheGrant = """
        set session_replication_role = replica;
        delete from ledger.mt_streams where id = (select stream_id from ledger.mt_events order by seq_id desc limit 1);
        delete from ledger.mt_events where seq_id = (select seq_id from ledger.ledger_leaf where position = 8);
        delete from ledger.event_tag where position = 8;
        delete from ledger.ledger_leaf where position = 8;
        delete from ledger.habilitation_right;
        reset session_replication_role
        """;

    [Fact]
    public async Task What_a_failover_lost_is_forgotten_by_the_node_that_knew_it()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        ledger.Replica.Known.Position.ShouldBe(8);
        await PostgresCluster.ExecuteAsync(ledger.ConnectionString, LoseTheGrant);
        (await VerdictAsync(ledger, 3000)).Authorised.ShouldBeFalse();
        ledger.Replica.Known.Position.ShouldBe(7);
        (await ledger.KnownAsync()).Latest.Habilitations.ShouldBeEmpty();
    }

    [Fact]
    public async Task Another_fact_in_the_place_of_a_lost_one_is_learnt_in_its_place()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        await PostgresCluster.ExecuteAsync(ledger.ConnectionString, LoseTheGrant);
        await using var elsewhere = TestLedger.Open(ledger.ConnectionString);
        var departed = await elsewhere.DoAsync(
            4000,
            By(Principal),
            new ReportDeparture(new(Convention, Agent, Day("2026-02-01"), Day("2026-02-01")))
        );
        departed.Position.ShouldBe(8);
        (await ledger.KnownAsync()).Latest.Habilitations.ShouldBeEmpty("the question before the first batch");
        (await VerdictAsync(ledger, 3000)).Authorised.ShouldBeFalse();
        ledger.Replica.Known.Facts.Last().Event.ShouldBeOfType<AgentDeparted>();
    }

    [Fact]
    public async Task A_log_whose_facts_cannot_all_be_found_decides_nothing_and_says_what_to_do()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        await PostgresCluster.ExecuteAsync(
            ledger.ConnectionString,
            "delete from ledger.event_tag where position = 8 and tag = 'knowledge'"
        );
        await using var restarted = TestLedger.Open(ledger.ConnectionString);
        (await Should.ThrowAsync<LedgerStateException>(() => restarted.ConsultAsync(3000))).Message.ShouldContain(
            "ledger rebuild"
        );
        await ReadModelRebuild.RunAsync(ledger.Database, CancellationToken.None);
        (await VerdictAsync(restarted, 3001)).Authorised.ShouldBeTrue();
    }

    [Fact]
    public async Task Of_two_rebuilds_at_once_one_is_refused_and_no_row_is_lost()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 20);
        await using var other = new LedgerDatabase(ledger.ConnectionString);
        await using (var busy = new NpgsqlConnection(ledger.ConnectionString))
        {
            // A reader keeps the tables from changing places, so the first rebuild is surely under way.
            await busy.OpenAsync();
            await using var reading = await busy.BeginTransactionAsync();
            await using (var hold = new NpgsqlCommand("lock table ledger.usage in access share mode", busy, reading))
            {
                await hold.ExecuteNonQueryAsync();
            }

            var first = ReadModelRebuild.RunAsync(ledger.Database, CancellationToken.None);
            await PostgresCluster.UntilAsync(
                ledger.ConnectionString,
                "select exists (select from pg_locks where locktype = 'advisory' and granted)"
            );
            await Should.ThrowAsync<LedgerStateException>(() =>
                ReadModelRebuild.RunAsync(other, CancellationToken.None)
            );
            await ledger.ConsultAsync(4000);
            await reading.RollbackAsync();
            (await first).ShouldBe(30);
        }

        (await PostgresCluster.QueryAsync<long>(ledger.ConnectionString, "select count(*) from ledger.usage")).ShouldBe(
            21
        );
        await ledger.PublishAsync();
        (await ledger.VerifyAsync()).Findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_question_about_an_instant_waits_for_the_batch_that_read_its_clock_before()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        await using var batch = new NpgsqlConnection(ledger.ConnectionString);
        await batch.OpenAsync();
        var writing = await batch.BeginTransactionAsync();
        DateTimeOffset clock;
        await using (
            var head = new NpgsqlCommand("select clock_timestamp() from ledger.ledger_head for update", batch, writing)
        )
        {
            clock = new DateTimeOffset((DateTime)(await head.ExecuteScalarAsync())!);
        }

        var asked = ledger.History.SnapshotAtAsync(clock, CancellationToken.None);
        await PostgresCluster.UntilAsync(
            ledger.ConnectionString,
            "select exists (select from pg_stat_activity where wait_event_type = 'Lock' "
                + "and datname = current_database())"
        );
        asked.IsCompleted.ShouldBeFalse();
        await writing.RollbackAsync();
        (await asked).At.ShouldBe(8);
        await Should.ThrowAsync<InvalidFieldException>(() =>
            ledger.History.SnapshotAtAsync(clock.AddHours(1), CancellationToken.None)
        );
    }

    [Fact]
    public async Task Where_the_clock_was_set_back_the_last_instant_recorded_has_no_answer_yet()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        await PostgresCluster.ExecuteAsync(
            ledger.ConnectionString,
            """
            set session_replication_role = replica;
            update ledger.ledger_leaf set recorded_at = now() + interval '1 hour' where position = 8
            """
        );
        var last = new DateTimeOffset(
            await PostgresCluster.QueryAsync<DateTime>(
                ledger.ConnectionString,
                "select recorded_at from ledger.ledger_leaf where position = 8"
            )
        );
        await Should.ThrowAsync<InvalidFieldException>(() =>
            ledger.History.SnapshotAtAsync(last, CancellationToken.None)
        );
        (await ledger.History.SnapshotAtAsync(last.AddTicks(-10), CancellationToken.None)).At.ShouldBe(7);
    }

    [Fact]
    public async Task Rules_that_fail_in_the_middle_go_on_from_where_they_were_saved()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        await ledger.ConsultByStrangerAsync(3000);
        var stopped = TestLedger.Open(ledger.ConnectionString);
        await stopped.Writer.DisposeAsync();
        var node = new Guid(1, 0, 0, new byte[8]);
        var failing = new AnomalyWatcher(ledger.Database, ledger.Replica, stopped.Writer, ledger.History, node);
        await Should.ThrowAsync<StoreUnavailableException>(() => failing.ObserveAsync(CancellationToken.None));
        await failing.StopAsync(CancellationToken.None);
        var next = new AnomalyWatcher(
            ledger.Database,
            ledger.Replica,
            ledger.Writer,
            ledger.History,
            new Guid(2, 0, 0, new byte[8])
        );
        (await next.ObserveAsync(CancellationToken.None)).ShouldBe(1);
        await stopped.DisposeAsync();
    }

    [Fact]
    public async Task Rules_that_are_said_to_be_ahead_of_the_log_see_all_of_it_again()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        await Watcher(1).ObserveAsync(CancellationToken.None);
        await ledger.ConsultByStrangerAsync(3000);
        await PostgresCluster.ExecuteAsync(
            ledger.ConnectionString,
            "update ledger.rule_state set position = 99999999, state = '\\x7b7d', leased_until = '-infinity'"
        );
        (await Watcher(2).ObserveAsync(CancellationToken.None)).ShouldBe(1);

        AnomalyWatcher Watcher(int node) =>
            new(ledger.Database, ledger.Replica, ledger.Writer, ledger.History, new Guid(node, 0, 0, new byte[8]));
    }

    [Fact]
    public async Task A_rebuild_leaves_whoever_might_read_the_tables_what_she_might_read()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 3);
        await PostgresCluster.ExecuteAsync(
            ledger.ConnectionString,
            "create role \"Éléonore's\" login; create role others",
            "grant usage on schema ledger to \"Éléonore's\", public",
            "grant select on all tables in schema ledger to \"Éléonore's\"",
            "grant select on ledger.usage to public",
            "grant select, insert on ledger.alert to others with grant option"
        );
        var before = await GrantsAsync();
        await ReadModelRebuild.RunAsync(ledger.Database, CancellationToken.None);
        (await GrantsAsync()).ShouldBe(before);
        await PostgresCluster.ExecuteAsync(
            ledger.ConnectionString,
            "set role \"Éléonore's\"; select count(*) from ledger.access_right; reset role"
        );

        Task<string> GrantsAsync() =>
            PostgresCluster.QueryAsync<string>(
                ledger.ConnectionString,
                """
                select string_agg(c.relname || ' ' || a.grantee || ' ' || a.privilege_type || a.is_grantable, ','
                                  order by c.relname collate "C", a.grantee, a.privilege_type collate "C")
                from pg_class c, aclexplode(c.relacl) a
                where relnamespace = 'ledger'::regnamespace and relkind in ('r', 'v')
                """
            );
    }

    [Fact]
    public async Task A_lost_table_of_streams_is_told_to_whoever_acts_alone_and_made_again_by_a_rebuild()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 3);
        await PostgresCluster.ExecuteAsync(
            ledger.ConnectionString,
            "set session_replication_role = replica; delete from ledger.mt_streams; reset session_replication_role"
        );
        var told = await Should.ThrowAsync<LedgerStateException>(() => SuspendAsync(4000));
        told.Message.ShouldContain("ledger rebuild");
        await ledger.ConsultAsync(4001);
        await ReadModelRebuild.RunAsync(ledger.Database, CancellationToken.None);
        await SuspendAsync(4002);
        await ledger.ConsultAsync(4003);
        await ledger.PublishAsync();
        (await ledger.VerifyAsync()).Findings.ShouldBeEmpty();

        Task<Acknowledgement> SuspendAsync(int request) =>
            ledger.DoAsync(
                request,
                By(Principal),
                new SuspendHabilitation(new(HabC3, At("2026-04-01T10:00:00Z"), false, "leave"))
            );
    }

    private static async Task<Verdict> VerdictAsync(TestLedger ledger, int request) =>
        ((ConsultationRecorded)(await ledger.ConsultAsync(request)).Event).Verdict;
}
