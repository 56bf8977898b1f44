using System.Net;
using System.Net.Sockets;
using System.Text;
using Ledger.Domain.Anomalies;
using Ledger.Domain.Common;
using Ledger.Domain.Pseudonyms;
using Ledger.Domain.Retention;
using Ledger.Integrity;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Merkle;
using Ledger.Store.Appending;
using Ledger.Store.Keys;
using Ledger.Store.Pseudonyms;
using Ledger.Store.Schema;
using Ledger.Tests;
using Npgsql;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Store.Tests;

/// <summary>
/// A database in a state in which the ledger may not run, or from which it must recover, says so or does.
/// </summary>
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
    public async Task A_schema_that_holds_somebody_else_s_tables_is_left_alone()
    {
        var connection = await cluster.CreateDatabaseAsync();
        await PostgresCluster.ExecuteAsync(
            connection,
            "create schema ledger",
            "create table ledger.usage (x int, precious text)",
            "insert into ledger.usage values (1, 'kept')"
        );
        await using var database = new LedgerDatabase(connection);
        (
            await Should.ThrowAsync<LedgerStateException>(() =>
                database.CreateAsync(TestLedger.Signer.Verifier.Name, CancellationToken.None)
            )
        ).Message.ShouldContain("something else");
        (
            await PostgresCluster.QueryAsync<string>(
                connection,
                "select precious || count(*) over () from ledger.usage cross join pg_class where relname = 'usage'"
            )
        ).ShouldBe("kept1");
    }

    [Fact]
    public async Task A_role_that_may_not_create_is_told_so_in_one_line()
    {
        var connection = await cluster.CreateDatabaseAsync();
        await PostgresCluster.ExecuteAsync(connection, "create role weak login password 'weak'");
        var weak = new NpgsqlConnectionStringBuilder(connection)
        {
            Username = "weak",
            Password = "weak",
        }.ConnectionString;
        await using var database = new LedgerDatabase(weak);
        var told = await Should.ThrowAsync<LedgerStateException>(() =>
            database.CreateAsync(TestLedger.Signer.Verifier.Name, CancellationToken.None)
        );
        told.Message.ShouldContain("right to create");
        told.Message.Length.ShouldBeLessThan(300);
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
            select n, gen_random_uuid(), n + 1, decode(repeat('00', 16), 'hex'), sha256('c'), sha256(n::text::bytea),
                now(), -1
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
                    Particulars.None,
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
    public async Task Of_many_checkpoints_the_verifier_opens_the_latest_and_a_sample_of_the_others()
    {
        const int entries = 2500;
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, entries - 9);
        await ledger.PublishAsync();
        var tree = new Frontier();
        var (sizes, notes) = (new List<long>(), new List<string>());
        foreach (var leaf in await LeavesAsync())
        {
            tree.Append(new Hash256(leaf));
            sizes.Add(tree.Size);
            notes.Add(
                SignedNote
                    .Sign(
                        new Checkpoint(TestLedger.Signer.Verifier.Name, tree.Size, tree.Root()).ToBody(),
                        TestLedger.Signer
                    )
                    .ToString()
            );
        }

        await using (
            var insert = ledger.Database.Source.CreateCommand(
                "insert into ledger.ledger_checkpoint (size, note) select * from unnest($1, $2) on conflict do nothing"
            )
        )
        {
            insert.Parameters.Add(new() { Value = sizes.ToArray() });
            insert.Parameters.Add(new() { Value = notes.ToArray() });
            await insert.ExecuteNonQueryAsync();
        }

        // Of every 2.5 entries before the last thousand checkpoints one is opened: that of 2, and not that of 3.
        (await ledger.VerifyAsync()).Findings.ShouldBeEmpty();
        await SpoilAsync(3);
        (await ledger.VerifyAsync()).Findings.ShouldBeEmpty();
        await SpoilAsync(2);
        (await ledger.VerifyAsync()).Findings.ShouldNotBeEmpty();

        async Task<byte[][]> LeavesAsync() =>
            await PostgresCluster.QueryAsync<byte[][]>(
                ledger.ConnectionString,
                "select array_agg(leaf_hash order by position) from ledger.ledger_leaf"
            );
        Task SpoilAsync(int size) =>
            PostgresCluster.ExecuteAsync(
                ledger.ConnectionString,
                "set session_replication_role = replica",
                $"update ledger.ledger_checkpoint set note = 'spoilt' where size = {size}"
            );
    }

    [Fact]
    public async Task The_verifier_sends_no_start_up_parameter_that_a_pooler_refuses()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var verifying = TestLedger.VerifyAsync(
            $"Host=127.0.0.1;Port={((IPEndPoint)listener.LocalEndpoint).Port};Username=auditor;Database=ledger;"
                + "Ssl Mode=Disable"
        );
        using var connection = await listener.AcceptTcpClientAsync();
        var packet = new byte[4096];
        var read = await connection.GetStream().ReadAsync(packet);
        var words = Encoding.UTF8.GetString(packet, 8, read - 8).Split('\0');
        words.ShouldContain("auditor");

        // What PgBouncer takes in a start-up packet, besides the user and the database.
        words
            .Where((word, i) => i % 2 == 0 && word.Length > 0)
            .Except(["user", "database", "client_encoding", "datestyle", "timezone", "application_name"])
            .ShouldBeEmpty();
        connection.Close();
        await Should.ThrowAsync<Exception>(() => verifying);
    }

    [Fact]
    public async Task Only_the_log_says_that_a_month_s_key_was_destroyed()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        await ledger.KeepForAMonthAsync();
        var folder = Directory.CreateTempSubdirectory("ledger-keys-").FullName;
        try
        {
            using var keys = new PseudonymKeys(
                ledger.Database,
                ledger.Replica,
                folder,
                new FileVault(),
                TimeProvider.System
            );
            await keys.OpenAsync(CancellationToken.None);
            await OfAsync(keys, 3);
            await OfAsync(keys, 4);
            File.Delete(Path.Combine(folder, "2026-03.key"));
            using var after = new PseudonymKeys(
                ledger.Database,
                ledger.Replica,
                folder,
                new FileVault(),
                TimeProvider.System
            );
            await Should.ThrowAsync<KeyUnavailableException>(() => after.OpenAsync(CancellationToken.None));
            await DestroyAsync(5000, "2026-03");
            await after.OpenAsync(CancellationToken.None);
            (await after.AllAsync(CancellationToken.None)).Select(k => k.Month).ShouldBe(["2026-04"]);
            (await Should.ThrowAsync<KeyDestroyedException>(async () => await OfAsync(after, 3))).Message.ShouldContain(
                "destroyed"
            );
            File.Exists(Path.Combine(folder, "2026-04.key")).ShouldBeTrue();
            await DestroyAsync(5001, "2026-04");
            after.Forget();
            File.Exists(Path.Combine(folder, "2026-04.key")).ShouldBeFalse();
            await DestroyAsync(5002, "2026-02");
            await Should.ThrowAsync<KeyDestroyedException>(async () => await OfAsync(after, 2));
            File.Exists(Path.Combine(folder, "2026-02.key")).ShouldBeFalse("a month that never had a key gets none");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        Task DestroyAsync(int request, string month) =>
            ledger.DoAsync(
                request,
                ByCaf,
                new ApplyRetention(
                    ProcedureId.Parse($"retention-{request}"),
                    [month],
                    new HashSet<(long, string)>(),
                    long.MaxValue,
                    "at its lawful end"
                )
            );
    }

    [Fact]
    public async Task A_file_that_was_erased_has_another_pseudonym_on_every_node_and_its_keys_are_finished_by_any()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        var folder = Directory.CreateTempSubdirectory("ledger-keys-").FullName;
        try
        {
            using var one = new PseudonymKeys(
                ledger.Database,
                ledger.Replica,
                folder,
                new FileVault(),
                TimeProvider.System
            );
            using var other = new PseudonymKeys(
                ledger.Database,
                ledger.Replica,
                folder,
                new FileVault(),
                TimeProvider.System
            );
            await one.OpenAsync(CancellationToken.None);
            await other.OpenAsync(CancellationToken.None);
            var (erased, kept) = (Matricule.Parse("1204571"), Matricule.Parse("1204572"));
            var (before, unmoved) = (one.Dossier(Caf, erased), one.Dossier(Caf, kept));
            var derived = one.Derived("x");
            var copy = Directory.CreateTempSubdirectory("ledger-keys-").FullName;
            File.Copy(Path.Combine(folder, "dossiers.key"), Path.Combine(copy, "dossiers.key"));

            // What was prepared and not recorded changes nothing; what was recorded by a node that ended at once does.
            one.Without(Caf, kept);
            var erasure = one.Without(Caf, erased);
            one.Dossier(Caf, erased).ShouldBe(before);
            await EraseAsync(5000, erasure);
            var after = other.Dossier(Caf, erased);
            after.ShouldNotBe(before);
            other.Dossier(Caf, kept).ShouldBe(unmoved);
            (other.WasErased(Caf, erased), other.WasErased(Caf, kept)).ShouldBe((true, false));
            (one.Dossier(Caf, erased), one.Dossier(Caf, kept)).ShouldBe((after, unmoved));
            one.Derived("x").ShouldBe(derived);
            one.Forget();
            Directory.GetFiles(folder, "*.new").ShouldBeEmpty("what still knows the file is gone");
            using var later = new PseudonymKeys(
                ledger.Database,
                ledger.Replica,
                folder,
                new FileVault(),
                TimeProvider.System
            );
            await later.OpenAsync(CancellationToken.None);
            later.Dossier(Caf, erased).ShouldBe(after);

            // A copy of the database that lost the erasure goes on with the keys that know of it.
            var lost = later.Without(Caf, kept);
            File.Move(lost.Aside, Path.Combine(folder, "dossiers.key"), overwrite: true);
            using var adopted = new PseudonymKeys(
                ledger.Database,
                ledger.Replica,
                folder,
                new FileVault(),
                TimeProvider.System
            );
            await adopted.OpenAsync(CancellationToken.None);
            adopted.WasErased(Caf, kept).ShouldBeTrue();

            // Keys of before, from a backup, are not those of the ledger.
            File.Copy(Path.Combine(copy, "dossiers.key"), Path.Combine(folder, "dossiers.key"), overwrite: true);
            using var restored = new PseudonymKeys(
                ledger.Database,
                ledger.Replica,
                folder,
                new FileVault(),
                TimeProvider.System
            );
            (
                await Should.ThrowAsync<KeyUnavailableException>(() => restored.OpenAsync(CancellationToken.None))
            ).Message.ShouldContain("dossiers.key");
            Directory.Delete(copy, recursive: true);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        Task EraseAsync(int request, Erasure erasure) =>
            ledger.DoAsync(
                request,
                ByCaf,
                new EraseFile(new(erasure.Dossier, Caf), "D-1", "art. 17", erasure.Before, erasure.After)
            );
    }

    [Fact]
    public async Task A_key_folder_in_which_nothing_can_be_written_is_told_for_a_month_without_a_key_and_no_other()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        var folder = Directory.CreateTempSubdirectory("ledger-keys-").FullName;
        try
        {
            using var keys = new PseudonymKeys(
                ledger.Database,
                ledger.Replica,
                folder,
                new FileVault(),
                TimeProvider.System
            );
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
    }

    private static Task<Pseudonym> OfAsync(PseudonymKeys keys, int month) =>
        keys.OfAsync(new DateTimeOffset(2026, 3, 10, 10, 0, 0, TimeSpan.Zero).AddMonths(month - 3));
}
