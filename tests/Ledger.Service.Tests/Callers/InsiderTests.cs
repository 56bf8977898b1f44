using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Client;
using Ledger.Integrity.Checkpoints;
using Ledger.Service.Keys;
using Ledger.Service.Tests.Keys;
using Ledger.Store.Keys;
using Ledger.Store.Schema;
using Ledger.Tests;
using Ledger.Verify;
using Ledger.Verify.Scanning;
using Npgsql;
using static Ledger.Service.Tests.Callers.GuardedService;
using static Ledger.Tests.SampleRequests;

namespace Ledger.Service.Tests.Callers;

/// <summary>The insider, played: what each can do with what she has, and what she cannot.</summary>
[Collection(PostgresTests.Name)]
public sealed class InsiderTests(PostgresCluster cluster) : IAsyncLifetime
{
    private const string OtherSiret = "21330063500017";

    private GuardedService _service = null!;
    private LedgerClient _portal = null!;
    private bool _isUnsound;

    public async Task InitializeAsync()
    {
        _service = await GuardedService.StartAsync(cluster);
        using var admin = await _service.WithTokenAsync(new Token("caf-admin", ["administrateur"], ["763"]));
        await admin.Conventions.SignConventionAsync(Convention());
        _portal = _service.WithCertificate(_service.Pki.Client("portail"));
        await _portal.Consultations.RecordConsultationAsync(Covered());
    }

    public async Task DisposeAsync()
    {
        _portal.Dispose();
        if (_isUnsound)
        {
            await Should.ThrowAsync<LedgerStateException>(async () => await _service.DisposeAsync());
            return;
        }

        await _service.DisposeAsync();
    }

    [Fact]
    public async Task With_the_writer_s_password_she_adds_what_is_never_signed_and_what_she_changes_is_found()
    {
        // She can change what follows from the log, which is found; she cannot take anything away.
        await PostgresCluster.ExecuteAsync(Writer(), "update ledger.usage set agent = 'agent-z9'");
        (await VerifyAsync()).ShouldHaveSingleItem().Column.ShouldBe("usage.agent");
        foreach (
            var denied in new[]
            {
                "update ledger.ledger_leaf set salt = salt",
                "delete from ledger.ledger_checkpoint",
                "update ledger.ledger_checkpoint set note = 'x'",
                "alter table ledger.mt_events disable trigger all",
            }
        )
        {
            (
                await Should.ThrowAsync<PostgresException>(() => PostgresCluster.ExecuteAsync(Writer(), denied))
            ).SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege, denied);
        }

        // She can put a row behind the log. It is found, and the service signs nothing any more, and says so.
        _isUnsound = true;
        var size = await SignedAsync();
        await PostgresCluster.ExecuteAsync(
            Writer(),
            """
            insert into ledger.ledger_leaf
            select position + 1, gen_random_uuid(), null, seq_id + 1, salt, content_hash, leaf_hash, now(), governance_position
            from ledger.ledger_leaf order by position desc limit 1
            """
        );
        (await VerifyAsync()).ShouldContain(f => f.Position == size);
        await Should.ThrowAsync<RpcException>(() =>
            _portal.Consultations.RecordConsultationAsync(Covered()).ResponseAsync
        );
        (await SignedAsync()).ShouldBe(size);
    }

    [HsmFact]
    public async Task With_the_operator_s_shell_and_not_the_device_she_neither_signs_nor_reads_a_month()
    {
        var device = new SoftHsm();
        using var vault = device.Open();
        var folder = Directory.CreateTempSubdirectory("ledger-keys-").FullName;
        var key = SigningKey.LoadOrMake(folder, "ledger.example/insider", vault);
        await File.WriteAllBytesAsync(Path.Combine(folder, "2026-03.key"), vault.Seal("2026-03", new byte[32]));
        key.Verifier.Verify([1], key.Sign([1])).ShouldBeTrue();

        Should.Throw<LedgerStateException>(() => KeyRing.Open(folder, new FileVault(), TimeProvider.System));
        Should.Throw<IOException>(() =>
            new FileVault().Open("2026-03", File.ReadAllBytes(Path.Combine(folder, "2026-03.key")))
        );
        foreach (var file in Directory.GetFiles(folder))
        {
            // Nothing in the folder is a seed of the key.
            var content = await File.ReadAllBytesAsync(file);
            for (var at = 0; at + NoteSigner.SeedSize <= content.Length; at++)
            {
                new NoteSigner(key.Verifier.Name, content.AsSpan(at, NoteSigner.SeedSize))
                    .Verifier.HasSameKeyAs(key.Verifier)
                    .ShouldBeFalse();
            }
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task With_a_stolen_certificate_she_records_use_in_its_scope_until_it_is_revoked_and_asks_nothing()
    {
        var stolen = _service.Pki.Client("portail");
        using var she = _service.WithCertificate(stolen);
        var forged = await she.Consultations.RecordConsultationAsync(Covered());
        forged.Acknowledgement.Position.ShouldBeGreaterThan(0, "it is recorded, under the portal's name");
        var elsewhere = Covered();
        elsewhere.Consultation.Siret = elsewhere.Context.Actor.Siret = OtherSiret;
        (await RefusedAsync(() => she.Consultations.RecordConsultationAsync(elsewhere).ResponseAsync)).ShouldBe(
            (StatusCode.PermissionDenied, "actor-in-scope")
        );
        (
            await RefusedAsync(() =>
                she.History.WhoDidAccessAsync(new() { Asking = Asking(), Allocataire = forgedFile() }).ResponseAsync
            )
        ).Code.ShouldBe(StatusCode.PermissionDenied);
        (
            await RefusedAsync(() => she.Habilitations.GrantHabilitationAsync(Grant(by: "caf-admin")).ResponseAsync)
        ).Code.ShouldNotBe(StatusCode.OK);

        _service.Pki.Revoke(TestPki.Now.AddDays(1), stolen);
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await CodeOfAsync(_service.WithCertificate(stolen)) != StatusCode.Unauthenticated)
        {
            await Task.Delay(250, bound.Token);
        }

        static Allocataire forgedFile() => new() { Caf = "763", Matricule = "1204571" };
    }

    [Fact]
    public async Task With_a_token_of_another_partner_or_of_another_Caf_she_changes_and_reads_nothing_here()
    {
        var size = await CountAsync();
        using var gestionnaire = await _service.WithTokenAsync(
            new Token("agent-a1", ["gestionnaire"], [], [OtherSiret])
        );
        (await RefusedAsync(() => gestionnaire.Habilitations.GrantHabilitationAsync(Grant()).ResponseAsync)).ShouldBe(
            (StatusCode.PermissionDenied, "actor-in-scope")
        );
        var asTheOther = Grant();
        asTheOther.Context.Actor.Siret = OtherSiret;
        (
            await RefusedAsync(() => gestionnaire.Habilitations.GrantHabilitationAsync(asTheOther).ResponseAsync)
        ).Code.ShouldBe(StatusCode.FailedPrecondition, "the convention is not hers");

        using var investigator = await _service.WithTokenAsync(new Token("inv-9", ["investigator"], ["591"]));
        (
            await RefusedAsync(() =>
                investigator
                    .History.WhoDidAccessAsync(
                        new()
                        {
                            Asking = AskingAs("inv-9", "591"),
                            Allocataire = new() { Caf = "763", Matricule = "1204571" },
                        }
                    )
                    .ResponseAsync
            )
        ).ShouldBe((StatusCode.PermissionDenied, "own-caf"));
        (await CountAsync()).ShouldBe(size);
    }

    [Fact]
    public async Task A_request_that_is_sent_again_by_whomever_is_recorded_once_and_stays_its_first_caller_s()
    {
        var request = Covered();
        var first = (await _portal.Consultations.RecordConsultationAsync(request)).Acknowledgement;
        var size = await CountAsync();
        using var again = _service.WithCertificate(_service.Pki.Client("portail"));
        var replayed = (await again.Consultations.RecordConsultationAsync(request)).Acknowledgement;
        (replayed.Repeated, replayed.Position, replayed.LeafHash).ShouldBe((true, first.Position, first.LeafHash));

        // Changed in one field it is no longer that request, and is refused.
        var changed = request.Clone();
        changed.Consultation.Agent = "agent-d4";
        (await RefusedAsync(() => again.Consultations.RecordConsultationAsync(changed).ResponseAsync)).Code.ShouldBe(
            StatusCode.AlreadyExists
        );

        // Whoever may not record it gets nothing for having heard it.
        using var gestionnaire = await _service.WithTokenAsync(
            new Token("agent-c3", ["gestionnaire"], [], [SampleRequests.Siret])
        );
        (
            await RefusedAsync(() => gestionnaire.Consultations.RecordConsultationAsync(request).ResponseAsync)
        ).Code.ShouldBe(StatusCode.PermissionDenied);
        (
            await RefusedAsync(() =>
                gestionnaire.Integrity.GetReceiptAsync(new() { RequestId = request.Context.RequestId }).ResponseAsync
            )
        ).Rule.ShouldBe("receipt-of-one-s-own");
        (await CountAsync()).ShouldBe(size);
    }

    private string Writer()
    {
        var roles = DatabaseRoles.Of(new NpgsqlConnectionStringBuilder(_service.Running.ConnectionString).Database!);
        return PostgresCluster.As(_service.Running.ConnectionString, roles.Writer, PostgresCluster.WriterPassword);
    }

    private static RecordConsultationRequest Covered()
    {
        var request = Consultation();
        request.Context.Covered = true;
        return request;
    }

    private static async Task<StatusCode> CodeOfAsync(LedgerClient client)
    {
        using (client)
        {
            try
            {
                await client.Integrity.GetCheckpointAsync(new());
                return StatusCode.OK;
            }
            catch (RpcException e)
            {
                return e.StatusCode;
            }
        }
    }

    private Task<long> CountAsync() =>
        PostgresCluster.QueryAsync<long>(_service.Running.ConnectionString, "select count(*) from ledger.ledger_leaf");

    private Task<long> SignedAsync() =>
        PostgresCluster.QueryAsync<long>(
            _service.Running.ConnectionString,
            "select max(size) from ledger.ledger_checkpoint"
        );

    private async Task<IReadOnlyList<Verify.Finding>> VerifyAsync() =>
        (
            await DatabaseVerifier.RunAsync(
                _service.Running.ConnectionString,
                new Trust(_service.Running.Key),
                logOnly: false,
                null,
                CancellationToken.None
            )
        ).Findings;
}
