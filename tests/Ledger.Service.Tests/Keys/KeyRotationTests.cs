using Caf.Ledger.V1;
using Ledger.Client;
using Ledger.Domain.Common;
using Ledger.Integrity.Checkpoints;
using Ledger.Service.Keys;
using Ledger.Store.Keys;
using Ledger.Store.Publishing;
using Ledger.Store.Schema;
using Ledger.Tests;
using Ledger.Verify;
using Ledger.Verify.Folders;
using Ledger.Verify.Scanning;
using static Ledger.Tests.SampleRequests;
using Actor = Ledger.Domain.Common.Actor;
using Finding = Ledger.Verify.Finding;

namespace Ledger.Service.Tests.Keys;

/// <summary>Another key signs: who pinned the old one follows, and whoever stole it gains nothing.</summary>
[Collection(PostgresTests.Name)]
public sealed class KeyRotationTests(PostgresCluster cluster) : IAsyncLifetime
{
    private static readonly Actor Operator = new(AgentId.Parse("operator-1"), CafCode.Parse("763"), null);

    private RunningService _service = null!;

    private NoteVerifier Old => _service.Key;

    public async Task InitializeAsync()
    {
        _service = await RunningService.StartAsync(cluster);
        await _service.Client.UpToAGrantAsync();
        await UseAsync(_service.Client);
    }

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Fact]
    public async Task While_both_sign_who_pinned_the_old_key_needs_nothing_and_who_pinned_the_new_reads_all_of_it()
    {
        await using var beside = await _service.BesideAsync();
        var next = await RotateAsync(TimeSpan.FromDays(30));
        foreach (var client in new[] { _service.Client, beside.Client })
        {
            var ack = await UseAsync(client);
            foreach (var pinned in new[] { Old, next })
            {
                await client.ReceiptAsync(ack, pinned);
            }
        }

        await UntilRecordedAsync();
        await UseAsync(_service.Client);
        foreach (var pinned in new[] { Old, next })
        {
            (await VerifyAsync(pinned)).ShouldBeEmpty();
        }

        (await VerifyAsync(Old, follows: false))
            .ShouldHaveSingleItem("the old key signs as well, and the log says that another took over")
            .Column.ShouldBe("successions");
        (await VerifyAsync(next, follows: false)).ShouldNotBeEmpty("what the old key signed alone is nobody's");
        var published = await _service.Client.Integrity.GetCheckpointAsync(new());
        (published.Vkey, published.Successions.Count).ShouldBe((next.ToString(), 1));
        (await Should.ThrowAsync<LedgerStateException>(() => RotateAsync(TimeSpan.FromDays(1)))).Message.ShouldContain(
            "under way"
        );
    }

    [Fact]
    public async Task Once_the_new_key_signs_alone_every_proof_leads_to_it_from_the_old()
    {
        var next = await RotateAsync(TimeSpan.Zero);
        var ack = await UseAsync(_service.Client);
        await UntilRecordedAsync();
        await UseAsync(_service.Client);
        await _service.Client.ReceiptAsync(ack, Old);
        (await VerifyAsync(Old)).ShouldBeEmpty();
        (await VerifyAsync(next)).ShouldBeEmpty();
        (await VerifyAsync(Old, follows: false)).ShouldContain(f => f.Column == "checkpoint");

        // Who followed once remembers: a log that says nothing of it is not believed.
        var path = Path.Combine(Directory.CreateTempSubdirectory("ledger-memory-").FullName, "memory");
        var followed = LogKeys.Following(
            Old,
            await RecordedSuccessions.AllAsync(_service.ConnectionString, CancellationToken.None)
        );
        var note = (await _service.Client.Integrity.GetCheckpointAsync(new())).Checkpoint;
        new Memory(path).Keep(followed, note);
        var remembered = LogKeys.Following(Old, new Memory(path).Successions());
        remembered.Followed.ShouldBe(next.ToString());
        new Memory(path).Recall(remembered)!.Size.ShouldBe(followed.Open(note).Size);

        // Evidence carries the way, and so does what is exported.
        using var page = new MemoryStream();
        await _service.Client.ExportEvidenceAsync(
            new ExportEvidenceRequest
            {
                Asking = Asking(),
                Account = new Account { Siret = SampleRequests.Siret, Agent = "agent-c3" },
            },
            page
        );
        var text = System.Text.Encoding.UTF8.GetString(page.ToArray());
        foreach (var pinned in new[] { Old, next })
        {
            EvidenceVerifier.Run(text, s => LogKeys.Following(pinned, s), null, null).IsIssuedPage.ShouldBeTrue();
        }

        Should.Throw<FormatException>(() => EvidenceVerifier.Run(text, Old, null, null));
        var folder = Directory.CreateTempSubdirectory("ledger-export-").FullName;
        await using var database = new LedgerDatabase(_service.ConnectionString);
        await FolderExport.WriteAsync(
            database,
            await Successions.FollowAsync(database, Old, CancellationToken.None),
            folder,
            CancellationToken.None
        );
        var keys = LogKeys.Following(Old, FolderVerifier.SuccessionsIn(folder));
        FolderVerifier.Run(folder, new Trust(keys), null).Findings.ShouldBeEmpty();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Who_stole_the_old_key_signs_nothing_that_a_verifier_who_follows_believes()
    {
        await RotateAsync(TimeSpan.Zero);
        await UseAsync(_service.Client);
        await UntilRecordedAsync();
        await UseAsync(_service.Client);
        var copy = await cluster.CopyDatabaseAsync(_service.ConnectionString);
        await PostgresCluster.ExecuteAsync(copy, Attacker.TriggersOff);
        await Attacker.RechainAsync(copy, _service.Signer);
        (await VerifyAsync(copy, Old, follows: true)).ShouldContain(f => f.Column == "checkpoint");
    }

    [Fact]
    public async Task Who_stole_a_revoked_key_rewrites_nothing_of_what_it_signed_before()
    {
        var before = await cluster.CopyDatabaseAsync(_service.ConnectionString);
        var ack = await UseAsync(_service.Client);
        var receipt = await _service.Client.ReceiptAsync(ack, Old);
        var next = await RotateAsync(TimeSpan.Zero, revokes: true);
        await UseAsync(_service.Client);
        await UntilRecordedAsync();
        var keys = LogKeys.Following(
            next,
            await RecordedSuccessions.AllAsync(_service.ConnectionString, CancellationToken.None)
        );
        Should
            .Throw<FormatException>(() =>
                TlogProof.Parse(receipt.Receipt).Verify(new Ledger.Integrity.Hash256(ack.LeafHash.ToByteArray()), keys)
            )
            .Message.ShouldContain("revoked since");

        // A shorter past, and another one as long as what she may sign.
        await PostgresCluster.ExecuteAsync(before, Attacker.TriggersOff);
        await Attacker.RechainAsync(before, _service.Signer);
        (await RunAsync(before, keys)).ShouldContain(f => f.Kind == FindingKind.Truncated);
        var copy = await cluster.CopyDatabaseAsync(_service.ConnectionString);
        await PostgresCluster.ExecuteAsync(
            copy,
            Attacker.TriggersOff,
            "delete from ledger.mt_events where type = 'signing-key-rotated.v1'",
            "delete from ledger.ledger_leaf l where not exists (select from ledger.mt_events e where e.seq_id = l.seq_id)",
            "update ledger.ledger_leaf set salt = decode(repeat('00', 16), 'hex') where position = 8"
        );
        await Attacker.RechainAsync(copy, _service.Signer);
        (await RunAsync(copy, keys)).ShouldContain(f => f.Kind == FindingKind.Forked);
    }

    [Fact]
    public async Task A_folder_that_loses_its_rotations_signs_nothing_until_they_are_back()
    {
        var next = await RotateAsync(TimeSpan.FromDays(30));
        await UseAsync(_service.Client);
        await UntilRecordedAsync();
        var (file, aside) = (
            Path.Combine(_service.Keys, "rotations.json"),
            Path.Combine(_service.Keys, "rotations.aside")
        );
        File.Move(file, aside);
        (await Should.ThrowAsync<Grpc.Core.RpcException>(() => UseAsync(_service.Client))).StatusCode.ShouldBe(
            Grpc.Core.StatusCode.DataLoss
        );
        File.Move(aside, file);
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        for (var signs = false; !signs; )
        {
            try
            {
                await UseAsync(_service.Client);
                signs = true;
            }
            catch (Grpc.Core.RpcException)
            {
                await Task.Delay(100, bound.Token);
            }
        }

        (await VerifyAsync(next)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_signer_that_lost_its_memory_remembers_what_was_published()
    {
        var file = Path.Combine(_service.Keys, "checkpoint.signed");
        var signed = await File.ReadAllTextAsync(file);
        File.Delete(file);
        await using var again = await _service.BesideAsync();
        (await File.ReadAllTextAsync(file)).ShouldBe(signed);
    }

    [Fact]
    public async Task A_key_that_is_revoked_signs_no_more_and_is_followed_by_nobody()
    {
        var next = await RotateAsync(TimeSpan.FromDays(30), revokes: true);
        await UseAsync(_service.Client);
        await UntilRecordedAsync();
        await UseAsync(_service.Client);
        (await VerifyAsync(next)).ShouldBeEmpty();
        (await Should.ThrowAsync<RevokedKeyException>(() => VerifyAsync(Old))).Message.ShouldContain("was revoked");
        SignedNote
            .Parse((await _service.Client.Integrity.GetCheckpointAsync(new())).Checkpoint)
            .SignatureOf(Old)
            .ShouldBeNull();
        new KeyInventory(_service.Keys, new FileVault(), TimeProvider.System)
            .All(isTried: true)
            .Where(k => k.Use == "checkpoint")
            .Select(k => (k.Name, k.State, k.Problem))
            .ShouldBe([(Old.ToString(), "revoked", null), (next.ToString(), "signs", null)]);
    }

    [Fact]
    public async Task A_service_that_starts_again_goes_on_with_the_new_key_though_the_old_one_is_destroyed()
    {
        var next = await RotateAsync(TimeSpan.Zero);
        await UseAsync(_service.Client);
        await UntilRecordedAsync();
        File.Delete(SigningKey.PathIn(_service.Keys));
        await using var again = await _service.BesideAsync();
        await UseAsync(again.Client);
        (await VerifyAsync(next)).ShouldBeEmpty();
        new KeyInventory(_service.Keys, new FileVault(), TimeProvider.System)
            .All(isTried: true)
            .Where(k => k.Use == "checkpoint")
            .Select(k => (k.State, k.Place, k.Problem))
            .ShouldBe([("retired", "gone", null), ("signs", "file", null)]);
    }

    [Fact]
    public async Task A_key_folder_of_before_does_not_start_and_one_that_forgot_what_was_signed_is_not_rotated()
    {
        var before = Directory.CreateTempSubdirectory("ledger-keys-").FullName;
        foreach (var file in Directory.GetFiles(_service.Keys, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(before, Path.GetRelativePath(_service.Keys, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        await RotateAsync(TimeSpan.FromDays(30));
        await UseAsync(_service.Client);
        await UntilRecordedAsync();
        (await Should.ThrowAsync<LedgerStateException>(() => _service.BesideAsync(before))).Message.ShouldContain(
            "rotations.json"
        );
        File.Delete(Path.Combine(before, "checkpoint.signed"));
        (
            await Should.ThrowAsync<LedgerStateException>(() =>
                new KeyRotation(before, new FileVault(), TimeProvider.System).RunAsync(
                    Operator,
                    "at its time",
                    TimeSpan.Zero,
                    revokes: false,
                    CancellationToken.None
                )
            )
        ).Message.ShouldContain("checkpoint.signed");
        Directory.Delete(before, recursive: true);
    }

    private Task<NoteVerifier> RotateAsync(TimeSpan overlap, bool revokes = false) =>
        new KeyRotation(_service.Keys, new FileVault(), TimeProvider.System).RunAsync(
            Operator,
            "at its time",
            overlap,
            revokes,
            CancellationToken.None
        );

    private static async Task<Acknowledgement> UseAsync(LedgerClient client)
    {
        var request = Consultation();
        request.Context.Covered = true;
        return (await client.Consultations.RecordConsultationAsync(request)).Acknowledgement;
    }

    // Whichever node sees it first records it, once.
    private Task UntilRecordedAsync() =>
        PostgresCluster.UntilAsync(
            _service.ConnectionString,
            "select count(*) = 1 from ledger.mt_events where type = 'signing-key-rotated.v1'"
        );

    private Task<IReadOnlyList<Finding>> VerifyAsync(NoteVerifier pinned, bool follows = true) =>
        VerifyAsync(_service.ConnectionString, pinned, follows);

    private static async Task<IReadOnlyList<Finding>> VerifyAsync(string database, NoteVerifier pinned, bool follows)
    {
        var found = follows ? await RecordedSuccessions.AllAsync(database, CancellationToken.None) : [];
        return await RunAsync(database, LogKeys.Following(pinned, found));
    }

    private static async Task<IReadOnlyList<Finding>> RunAsync(string database, LogKeys keys) =>
        (
            await DatabaseVerifier.RunAsync(database, new Trust(keys), logOnly: false, null, CancellationToken.None)
        ).Findings;
}
