using Ledger.Domain.Anomalies;
using Ledger.Domain.Common;
using Ledger.Store.Appending;
using Ledger.Store.Pseudonyms;
using Ledger.Store.Schema;
using Ledger.Tests;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Store.Tests;

/// <summary>A database in a state in which the ledger may not run, or from which it must recover, says so or does.</summary>
[Collection(PostgresTests.Name)]
public sealed class DatabaseStateTests(PostgresCluster cluster)
{
    [Fact]
    public async Task A_database_that_is_not_in_UTF8_is_refused_before_anything_is_made_in_it()
    {
        await PostgresCluster.ExecuteAsync(
            cluster.Server.ConnectionString,
            "create database latin encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0"
        );
        var connection = cluster.Server.ConnectionStringTo("latin");
        await using var database = new LedgerDatabase(connection);
        (
            await Should.ThrowAsync<LedgerStateException>(() =>
                database.CreateAsync(TestLedger.Signer.Verifier.Name, CancellationToken.None)
            )
        ).Message.ShouldContain("UTF8");
        (
            await PostgresCluster.QueryAsync<long>(
                connection,
                "select count(*) from pg_namespace where nspname = 'ledger'"
            )
        ).ShouldBe(0);
    }

    [Fact]
    public async Task A_sequence_that_was_set_back_is_told_at_the_start_and_to_whoever_records_with_what_to_do()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 3);
        await PostgresCluster.ExecuteAsync(
            ledger.ConnectionString,
            "select setval('ledger.mt_events_sequence', 1, false)"
        );
        var told = await Should.ThrowAsync<LedgerStateException>(() => ledger.ConsultAsync(3000));
        told.Message.ShouldContain("select setval(");
        (
            await Should.ThrowAsync<LedgerStateException>(() => ledger.Database.RequireFitAsync(CancellationToken.None))
        ).Message.ShouldBe(told.Message);
        await PostgresCluster.ExecuteAsync(
            ledger.ConnectionString,
            told.Message[told.Message.IndexOf("select setval(", StringComparison.Ordinal)..]
        );
        await ledger.ConsultAsync(3000);
    }

    [Fact]
    public async Task A_tile_that_a_killed_publisher_left_out_at_any_level_is_made_by_the_next()
    {
        await using var ledger = await TestLedger.CreateAsync(cluster);
        await PostgresCluster.ExecuteAsync(
            ledger.ConnectionString,
            """
            insert into ledger.ledger_leaf
                (position, event_id, seq_id, salt, content_hash, leaf_hash, recorded_at, governance_position)
            select n, gen_random_uuid(), n + 1, decode(repeat('00', 16), 'hex'), sha256('c'), sha256(n::text::bytea), now(), -1
            from generate_series(0, 65535) n
            """
        );
        await TilesAsync();
        await PostgresCluster.ExecuteAsync(
            ledger.ConnectionString,
            "alter table ledger.ledger_tile disable trigger user",
            "delete from ledger.ledger_tile where level = 1 or index in (17, 255)"
        );
        await TilesAsync();

        async Task TilesAsync()
        {
            // The leaves are of no events, so nothing is signed; the tiles are made first.
            await Should.ThrowAsync<Exception>(() =>
                TestLedger.PublisherOf(ledger.Database).RequireSoundAsync(CancellationToken.None)
            );
            (
                await PostgresCluster.QueryAsync<string>(
                    ledger.ConnectionString,
                    "select string_agg(level || ':' || n, ' ' order by level) from "
                        + "(select level, count(*) n from ledger.ledger_tile group by level) t"
                )
            ).ShouldBe("0:256 1:1");
        }
    }

    [Fact]
    public async Task What_is_known_is_kept_when_a_batch_fails()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        var known = ledger.Replica.Known;
        await PostgresCluster.ExecuteAsync(
            ledger.ConnectionString,
            "alter table ledger.usage add constraint never check (false)"
        );
        await Should.ThrowAsync<Exception>(() => ledger.ConsultAsync(3000));
        ledger.Replica.Known.ShouldBeSameAs(known);
    }

    [Fact]
    public async Task Alerts_that_come_at_once_are_recorded_in_one_batch_or_a_few()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        var caller = new object();
        var answers = new List<Task<Acknowledgement>>();
        for (var i = 0; i < LedgerWriter.RoomForEach; i++)
        {
            var raise = new RaiseAlert(
                new Alert(
                    new AnomalyRule($"test-{i}", "1", Certain: false, "7"),
                    "For a test.",
                    [8],
                    Caf,
                    Commune,
                    Agent,
                    Day("2026-03-10")
                )
            );
            answers.Add(
                await ledger.Writer.EnqueueAsync(
                    AppendRequest.Of(raise.Context(), [], raise),
                    caller,
                    CancellationToken.None
                )
            );
        }

        var times = (await Task.WhenAll(answers)).Select(a => a.RecordedAt).Distinct().Count();
        times.ShouldBeLessThan(5);
    }

    [Fact]
    public async Task A_leaf_put_in_far_beyond_the_end_is_one_finding_and_no_more_than_that()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 3);
        await PostgresCluster.ExecuteAsync(
            ledger.ConnectionString,
            """
            insert into ledger.ledger_leaf
                (position, event_id, seq_id, salt, content_hash, leaf_hash, recorded_at, governance_position)
            select 4611686018427387904, gen_random_uuid(), 99999, salt, content_hash, leaf_hash, recorded_at, -1
            from ledger.ledger_leaf where position = 3
            """
        );
        var found = await ledger.VerifyAsync();
        found.Findings.ShouldNotBeEmpty();
        found.Findings.Count.ShouldBeLessThan(10);
    }

    [Fact]
    public async Task A_key_folder_in_which_nothing_can_be_written_is_told_for_a_month_without_a_key_and_no_other()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        var folder = Directory.CreateTempSubdirectory("ledger-keys-").FullName;
        try
        {
            using var keys = new PseudonymKeys(ledger.Database, folder, TimeProvider.System);
            await keys.OpenAsync(CancellationToken.None);
            await OfAsync(keys, 3);

            // No file can be made under a name that a folder has, whoever asks.
            Directory.CreateDirectory(Path.Combine(folder, "2026-04.key"));
            await Should.ThrowAsync<KeyUnavailableException>(async () => await OfAsync(keys, 4));
            await OfAsync(keys, 3);
            await OfAsync(keys, 5);
            Directory.Delete(Path.Combine(folder, "2026-04.key"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static ValueTask<Pseudonym> OfAsync(PseudonymKeys keys, int month) =>
            keys.InAsync(
                new DateTimeOffset(2026, month, 10, 10, 0, 0, TimeSpan.Zero),
                CafCode.Parse("763"),
                Matricule.Parse("1204571"),
                CancellationToken.None
            );
    }
}
