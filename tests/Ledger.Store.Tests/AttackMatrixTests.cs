using Ledger.Integrity;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Merkle;
using Ledger.Store.Publishing;
using Ledger.Store.Schema;
using Ledger.Tests;
using Ledger.Verify;

namespace Ledger.Store.Tests;

/// <summary>
/// What whoever holds the database, and even the signing key, may try: each attack leaves a log that agrees with
/// itself.
/// </summary>
[Collection(PostgresTests.Name)]
public sealed class AttackMatrixTests(PostgresCluster cluster)
{
    [Fact]
    public async Task The_last_event_deleted_is_found_by_the_signature()
    {
        var (copy, _) = await AttackedAsync(
            "delete from ledger.mt_events where seq_id = (select seq_id from ledger.ledger_leaf where position = 18)",
            "delete from ledger.ledger_leaf where position = 18"
        );
        var finding = (await TestLedger.VerifyAsync(copy)).Findings.Single();
        (finding.Kind, finding.Position).ShouldBe((FindingKind.Truncated, 18));
    }

    [Fact]
    public async Task Cut_off_signed_again_and_gone_on_with_is_found_by_memory_alone()
    {
        var (copy, remembered) = await AttackedAsync(
            "delete from ledger.mt_events where seq_id in (select seq_id from ledger.ledger_leaf where position >= 15)",
            "delete from ledger.ledger_leaf where position >= 15",
            "delete from ledger.usage where position >= 15",
            "update ledger.mt_streams set version = 6 where id like 'journal-%'"
        );
        await Attacker.RechainAsync(copy, TestLedger.Signer, 15);
        await GoOnAsync(copy, 10);
        await ForkedForThoseWhoRememberAsync(copy, remembered);
    }

    [Fact]
    public async Task An_old_backup_restored_and_gone_on_with_is_found_by_memory_alone()
    {
        var (live, backup) = await TwoAsync();
        var remembered = await GoOnAsync(live, 1);
        await GoOnAsync(backup, 3);
        await ForkedForThoseWhoRememberAsync(backup, remembered);
    }

    [Theory]
    [InlineData(
        "update ledger.mt_events set bdata = convert_to(replace(convert_from(bdata, 'UTF8'), 'agent-c3', "
            + "'agent-c4'), 'UTF8') where seq_id = (select seq_id from ledger.ledger_leaf where position = 12); "
            + "update ledger.usage set agent = 'agent-c4' where position = 12"
    )]
    [InlineData(
        "update ledger.mt_events set timestamp = timestamp - interval '1 day' where seq_id <= (select seq_id from "
            + "ledger.ledger_leaf where position = 12); update ledger.ledger_leaf set recorded_at = recorded_at - "
            + "interval '1 day' where position <= 12"
    )]
    public async Task Rewritten_or_back_dated_chained_anew_and_signed_with_the_key_is_found_by_memory_alone(
        string attack
    )
    {
        var (copy, remembered) = await AttackedAsync(attack);
        (await TestLedger.VerifyAsync(copy)).Findings.ShouldNotBeEmpty();
        await Attacker.RechainAsync(copy, TestLedger.Signer, 19);
        await ForkedForThoseWhoRememberAsync(copy, remembered);
    }

    [Fact]
    public async Task Two_views_for_two_verifiers_are_each_whole_and_forked_for_whoever_saw_the_other()
    {
        var (here, there) = await TwoAsync();
        var (one, two) = (await GoOnAsync(here, 1), await GoOnAsync(there, 1));
        await ForkedForThoseWhoRememberAsync(there, one);
        await ForkedForThoseWhoRememberAsync(here, two);
    }

    [Fact]
    public async Task Another_origin_or_another_key_cannot_pass_for_this_ledger()
    {
        var (copy, _) = await AttackedAsync("update ledger.ledger_head set origin = 'ledger.example/other'");
        await Should.ThrowAsync<CannotVerifyException>(() => TestLedger.VerifyAsync(copy));

        var (resigned, _) = await AttackedAsync("delete from ledger.ledger_checkpoint");
        await using (var database = new LedgerDatabase(resigned))
        {
            await new CheckpointPublisher(
                database,
                new NoteSigner(TestLedger.Signer.Verifier.Name, [.. Enumerable.Repeat((byte)9, 32)]),
                SignerMemory.Transient()
            ).PublishAsync(CancellationToken.None);
        }

        (await TestLedger.VerifyAsync(resigned)).Findings.ShouldContain(f =>
            f.Kind == FindingKind.Modified && f.Column == "checkpoint"
        );
    }

    [Fact]
    public async Task A_receipt_of_another_ledger_of_another_place_or_with_another_path_does_not_hold()
    {
        await using var one = await TestLedger.WithHistoryAsync(cluster, 5);
        await using var other = await TestLedger.WithHistoryAsync(cluster, 5);
        var (receipt, leaf) = await ReceiptAsync(one, 12);
        var (elsewhere, _) = await ReceiptAsync(other, 12);
        receipt.Verify(leaf, TestLedger.Signer.Verifier);
        Should.Throw<FormatException>(() => elsewhere.Verify(leaf, TestLedger.Signer.Verifier));
        Should.Throw<FormatException>(() => (receipt with { Index = 11 }).Verify(leaf, TestLedger.Signer.Verifier));
        Should.Throw<FormatException>(() =>
            (receipt with { Path = elsewhere.Path }).Verify(leaf, TestLedger.Signer.Verifier)
        );
        Should.Throw<FormatException>(() =>
            (receipt with { Note = elsewhere.Note }).Verify(leaf, TestLedger.Signer.Verifier)
        );
        Should.Throw<FormatException>(() =>
            receipt.Verify(
                leaf,
                new NoteSigner(TestLedger.Signer.Verifier.Name, [.. Enumerable.Repeat((byte)9, 32)]).Verifier
            )
        );
    }

    private static async Task<(TlogProof Receipt, Hash256 Leaf)> ReceiptAsync(TestLedger ledger, long position)
    {
        var note = (await CheckpointPublisher.LatestAsync(ledger.Database, CancellationToken.None))!;
        var size = Checkpoint.Open(note, TestLedger.Signer.Verifier).Size;
        var path = await ledger.Database.Source.ProveAsync(ProofPlan.Inclusion(position, size), CancellationToken.None);
        return (
            new TlogProof(position, path, note),
            await ledger.Database.Source.LeafAsync(position, CancellationToken.None)
        );
    }

    // Whole for a first look, forked for whoever remembers: exactly one finding.
    private static async Task ForkedForThoseWhoRememberAsync(string connectionString, Checkpoint remembered)
    {
        var first = await TestLedger.VerifyAsync(connectionString);
        first.IsWhole.ShouldBeTrue(string.Join("; ", first.Findings.Select(f => f.Message)));
        var finding = (await TestLedger.VerifyAsync(connectionString, remembered)).Findings.Single();
        finding.Kind.ShouldBe(FindingKind.Forked, finding.Message);
    }

    private async Task<(string One, string Other)> TwoAsync()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 4);
        return (
            await cluster.CopyDatabaseAsync(ledger.ConnectionString),
            await cluster.CopyDatabaseAsync(ledger.ConnectionString)
        );
    }

    // Nine acts about rights at positions 0 to 8, ten consultations at 9 to 18, all signed, and remembered.
    private async Task<(string Copy, Checkpoint Remembered)> AttackedAsync(params string[] attack)
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 10);
        var remembered = await ledger.PublishAsync();
        var copy = await cluster.CopyDatabaseAsync(ledger.ConnectionString);
        await PostgresCluster.ExecuteAsync(copy, [Attacker.TriggersOff, .. attack]);
        return (copy, remembered);
    }

    // The service, started on what the attacker left, suspects nothing and goes on.
    private static async Task<Checkpoint> GoOnAsync(string connectionString, int consultations)
    {
        await using var database = new LedgerDatabase(connectionString);
        var publisher = TestLedger.PublisherOf(database);
        await publisher.RequireSoundAsync(CancellationToken.None);
        using (var replica = new Knowing.Replica(database))
        await using (var writer = new Appending.LedgerWriter(database, replica))
        {
            for (var i = 0; i < consultations; i++)
            {
                await TestLedger.ConsultAsync(writer, 7000 + i);
            }
        }

        return Checkpoint.Open((await publisher.PublishAsync(CancellationToken.None))!, TestLedger.Signer.Verifier);
    }
}
