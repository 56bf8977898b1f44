using Ledger.Domain.Common;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Merkle;
using Ledger.Store.Embedded;
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
        var first = (await ledger.Publisher.PublishAsync(CancellationToken.None))!;
        await Task.WhenAll(Enumerable.Range(5000, 300).Select(i => ledger.ConsultAsync(i)));
        var second = (await ledger.Publisher.PublishAsync(CancellationToken.None))!;
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
                .Select(_ =>
                    new CheckpointPublisher(ledger.Database, TestLedger.Signer).PublishAsync(CancellationToken.None)
                )
        );
        again.Distinct().Count().ShouldBe(1);
        (
            await PostgresCluster.QueryAsync<long>(
                ledger.ConnectionString,
                "select count(*) from ledger.ledger_checkpoint"
            )
        ).ShouldBe(1);
        Checkpoint
            .Open(
                (await CheckpointPublisher.LatestAsync(ledger.Database, CancellationToken.None))!,
                TestLedger.Signer.Verifier
            )
            .ShouldBe(again[0]);
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
    public async Task A_cluster_left_running_is_taken_over_and_one_stopped_is_started_again()
    {
        var folder = Directory.CreateTempSubdirectory("ledger-pg-").FullName;
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_001_001);
        var path = Path.Combine(folder, "pg");
        try
        {
            var left = await EmbeddedPostgres.StartAsync(path, CancellationToken.None);
            var process = left.ProcessId;
            var taken = await EmbeddedPostgres.StartAsync(path, CancellationToken.None);
            taken.ProcessId.ShouldBe(process);
            await PostgresCluster.ExecuteAsync(taken.ConnectionString, "create table kept ()");
            await taken.DisposeAsync();
            await using var again = await EmbeddedPostgres.StartAsync(path, CancellationToken.None);
            await PostgresCluster.ExecuteAsync(again.ConnectionString, "select from kept");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_pseudonym_is_the_same_within_a_month_another_in_the_next_and_shared_through_the_folder()
    {
        var folder = Directory.CreateTempSubdirectory("ledger-keys-").FullName;
        try
        {
            var (caf, matricule) = (CafCode.Parse("763"), Matricule.Parse("1204571"));
            var (one, other) = (new PseudonymKeys(folder), new PseudonymKeys(folder));
            var march = one.In(SampleHistory.At("2026-03-10T10:00:00Z"), caf, matricule);
            other.In(SampleHistory.At("2026-03-31T21:59:59Z"), caf, matricule).ShouldBe(march);
            var april = other.In(SampleHistory.At("2026-03-31T22:00:00Z"), caf, matricule);
            april.Value.ShouldNotBe(march.Value);
            april.Epoch.ShouldBe("2026-04");
            one.All(caf, matricule).ShouldBe([march, april]);
            one.In(SampleHistory.At("2026-03-10T10:00:00Z"), CafCode.Parse("591"), matricule)
                .Value.ShouldNotBe(march.Value);
            Directory
                .EnumerateFiles(folder)
                .ShouldAllBe(f => File.GetUnixFileMode(f) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
