using Ledger.Domain.Common;
using Ledger.Integrity.Merkle;
using Ledger.Store.Embedded;
using Ledger.Store.Keys;
using Ledger.Store.Pseudonyms;
using Ledger.Store.Publishing;
using Ledger.Tests;

namespace Ledger.Store.Tests;

[Collection(PostgresTests.Name)]
public sealed class PublishingTests(PostgresCluster cluster)
{
    [Fact]
    public async Task Proofs_hold_across_tile_boundaries_for_every_checkpoint()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 500);
        var first = await ledger.PublishAsync();
        await Task.WhenAll(Enumerable.Range(5000, 300).Select(i => ledger.ConsultAsync(i)));
        var second = await ledger.PublishAsync();
        second.Size.ShouldBe(first.Size + 300);

        var consistency = await ledger.Database.Source.ProveAsync(
            ProofPlan.Consistency(first.Size, second.Size),
            CancellationToken.None
        );
        MerkleProof.VerifyConsistency(first.Size, second.Size, first.Root, second.Root, consistency).ShouldBeTrue();
        foreach (var position in new[] { 0, 255, 256, 511, 512, second.Size - 1 })
        {
            var leaf = await ledger.Database.Source.LeafAsync(position, CancellationToken.None);
            var proof = await ledger.Database.Source.ProveAsync(
                ProofPlan.Inclusion(position, second.Size),
                CancellationToken.None
            );
            MerkleProof.VerifyInclusion(position, second.Size, leaf, proof, second.Root).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task Nothing_new_gives_no_new_checkpoint_and_several_publishers_agree()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 20);
        var again = await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(_ => TestLedger.PublisherOf(ledger.Database).PublishAsync(CancellationToken.None))
        );
        again.Distinct().Count().ShouldBe(1);
        (
            await PostgresCluster.QueryAsync<long>(
                ledger.ConnectionString,
                "select count(*) from ledger.ledger_checkpoint"
            )
        ).ShouldBe(1);
        (await CheckpointPublisher.LatestAsync(ledger.Database, CancellationToken.None)).ShouldBe(again[0]);
    }

    [Fact]
    public async Task A_leaf_flipped_after_it_was_recorded_stops_publication()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 5);
        await ledger.ConsultAsync(1);
        await PostgresCluster.ExecuteAsync(
            ledger.ConnectionString,
            "alter table ledger.ledger_leaf disable trigger user",
            "update ledger.ledger_leaf set leaf_hash = decode(repeat('00', 32), 'hex') where position = 14"
        );
        await Should.ThrowAsync<Schema.LedgerStateException>(() =>
            ledger.Publisher.PublishAsync(CancellationToken.None)
        );
    }

    [Fact]
    public async Task A_folder_in_use_is_refused_and_a_cluster_that_was_stopped_is_started_again()
    {
        var folder = Directory.CreateTempSubdirectory("ledger-pg-").FullName;
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_001_001);
        var path = Path.Combine(folder, "pg");
        try
        {
            var first = await EmbeddedPostgres.StartAsync(path, CancellationToken.None);
            await Should.ThrowAsync<EmbeddedPostgresException>(() =>
                EmbeddedPostgres.StartAsync(path, CancellationToken.None)
            );
            await PostgresCluster.ExecuteAsync(first.ConnectionString, "create table kept ()");
            await first.DisposeAsync();
            await using var again = await EmbeddedPostgres.StartAsync(path, CancellationToken.None);
            await PostgresCluster.ExecuteAsync(again.ConnectionString, "select from kept");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_pseudonym_is_the_same_within_a_month_another_in_the_next_and_shared_through_the_folder()
    {
        await using var ledger = await TestLedger.CreateAsync(cluster);
        var folder = Directory.CreateTempSubdirectory("ledger-keys-").FullName;
        try
        {
            var (one, other) = (
                new PseudonymKeys(ledger.Database, ledger.Replica, folder, new FileVault(), TimeProvider.System),
                new PseudonymKeys(ledger.Database, ledger.Replica, folder, new FileVault(), TimeProvider.System)
            );
            await Task.WhenAll(one.OpenAsync(CancellationToken.None), other.OpenAsync(CancellationToken.None));
            var march = await one.OfAsync(SampleHistory.At("2026-03-10T10:00:00Z"));
            (await other.OfAsync(SampleHistory.At("2026-03-31T21:59:59Z"))).ShouldBe(march);
            var april = await other.OfAsync(SampleHistory.At("2026-03-31T22:00:00Z"));
            april.Value.ShouldNotBe(march.Value);
            april.Epoch.ShouldBe("2026-04");
            (await one.AllAsync(CancellationToken.None)).Select(k => k.Month).ShouldBe(["2026-03", "2026-04"]);
            var months = await one.OfAsync([march.Epoch, april.Epoch], CancellationToken.None);
            months.Behind(march).ShouldBe(SampleHistory.TheDossier.Pseudonym);
            months.Behind(april).ShouldBe(SampleHistory.TheDossier.Pseudonym);
            one.Dossier(CafCode.Parse("763"), Number).ShouldBe(other.Dossier(CafCode.Parse("763"), Number));
            one.Dossier(CafCode.Parse("591"), Number).ShouldNotBe(one.Dossier(CafCode.Parse("763"), Number));
            Directory
                .EnumerateFiles(folder)
                .ShouldAllBe(f => File.GetUnixFileMode(f) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_key_that_is_missing_another_or_open_to_others_is_refused_and_never_made_again()
    {
        await using var ledger = await TestLedger.CreateAsync(cluster);
        var folder = Directory.CreateTempSubdirectory("ledger-keys-").FullName;
        try
        {
            await (await OpenAsync()).OfAsync(SampleHistory.At("2026-03-10T10:00:00Z"));
            var key = Directory.EnumerateFiles(folder, "*2026-03*").Single();
            var bytes = await File.ReadAllBytesAsync(key);
            File.Delete(key);
            await RefusedAsync();
            await File.WriteAllBytesAsync(key, bytes);
            File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.GroupRead);
            await RefusedAsync();
            File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            bytes[0] ^= 1;
            await File.WriteAllBytesAsync(key, bytes);
            await RefusedAsync();
            await File.WriteAllBytesAsync(key, bytes[..5]);
            await RefusedAsync();
            bytes[0] ^= 1;
            await File.WriteAllBytesAsync(key, bytes);
            await (await OpenAsync()).OfAsync(SampleHistory.At("2026-03-10T10:00:00Z"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        async Task<PseudonymKeys> OpenAsync()
        {
            var keys = new PseudonymKeys(ledger.Database, ledger.Replica, folder, new FileVault(), TimeProvider.System);
            await keys.OpenAsync(CancellationToken.None);
            return keys;
        }

        Task RefusedAsync() =>
            Should.ThrowAsync<KeyUnavailableException>(async () =>
                await (await OpenAsync()).OfAsync(SampleHistory.At("2026-03-10T10:00:00Z"))
            );
    }

    private static readonly Matricule Number = Matricule.Parse("1204571");
}
