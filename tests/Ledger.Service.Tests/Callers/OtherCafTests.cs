using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Client;
using Ledger.Tests;
using static Ledger.Service.Tests.Callers.GuardedService;
using static Ledger.Tests.SampleRequests;

namespace Ledger.Service.Tests.Callers;

/// <summary>What somebody of one Caf tries on another's files.</summary>
[Collection(PostgresTests.Name)]
public sealed class OtherCafTests(PostgresCluster cluster) : IAsyncLifetime
{
    private static readonly Allocataire Theirs = new() { Caf = "763", Matricule = "1204571" };
    private static readonly Allocataire Ours = new() { Caf = "591", Matricule = "9999999" };

    private GuardedService _service = null!;
    private LedgerClient _portal = null!;

    public async Task InitializeAsync()
    {
        _service = await GuardedService.StartAsync(cluster);
        using var admin = await _service.WithTokenAsync(new Token("caf-admin", ["administrateur"], ["763"]));
        await admin.Conventions.SignConventionAsync(Convention());
        _portal = _service.WithCertificate(_service.Pki.Client("portail"));
        await _portal.Consultations.RecordConsultationAsync(Consultation());
    }

    public async Task DisposeAsync()
    {
        _portal.Dispose();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task A_mutation_that_only_one_Caf_declares_shows_it_nothing_of_the_other_s()
    {
        using var admin = await OfAsync("admin-9", "administrateur", "591");
        await admin.Procedures.TransferDossierAsync(
            new()
            {
                Context = AskingAs("admin-9", "591").Context,
                From = Theirs,
                To = Ours,
                On = "2026-06-01",
            }
        );
        using var dpo = await OfAsync("dpo-9", "dpo", "591");
        (
            await dpo.History.WhoDidAccessAsync(new() { Asking = AskingAs("dpo-9", "591"), Allocataire = Ours })
        ).Consultations.ShouldBeEmpty();
        (
            await dpo.History.WhoCouldAccessAsync(
                new()
                {
                    Asking = AskingAs("dpo-9", "591"),
                    Allocataire = Ours,
                    At = At("2026-03-10T10:00:00Z"),
                }
            )
        ).Rights.ShouldBeEmpty();
        var history = await dpo.History.GetFileHistoryAsync(
            new() { Asking = AskingAs("dpo-9", "591"), Allocataire = Ours }
        );
        (history.Rights.Count, history.Consultations.Count, history.Acts.Count).ShouldBe((0, 0, 0));
        var story = new List<string>();
        using (var replay = dpo.History.Replay(new() { Asking = AskingAs("dpo-9", "591"), Allocataire = Ours }))
        {
            await foreach (var step in replay.ResponseStream.ReadAllAsync())
            {
                story.Add(step.Type);
            }
        }

        story.ShouldNotContain("consultation-recorded.v1");

        // Once the Caf that she left says so too, her story is one.
        using var their = await OfAsync("admin-7", "administrateur", "763");
        await their.Procedures.TransferDossierAsync(
            new()
            {
                Context = AskingAs("admin-7", "763").Context,
                From = Theirs,
                To = Ours,
                On = "2026-06-01",
            }
        );
        (
            await dpo.History.WhoDidAccessAsync(new() { Asking = AskingAs("dpo-9", "591"), Allocataire = Ours })
        ).Consultations.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_month_s_key_and_the_catalogue_are_nobody_s_of_one_Caf()
    {
        foreach (var role in new[] { "investigator", "dpo", "administrateur" })
        {
            using var client = await OfAsync("someone", role, "591");
            (
                await RefusedAsync(() =>
                    client
                        .Retention.ApplyRetentionAsync(
                            new() { Context = AskingAs("someone", "591").Context, Reason = "x" }
                        )
                        .ResponseAsync
                )
            ).ShouldBe((StatusCode.PermissionDenied, role == "investigator" ? string.Empty : "every-caf"));
        }

        using var admin = await OfAsync("someone", "administrateur", "591");
        (
            await RefusedAsync(() =>
                admin
                    .Procedures.PublishCatalogueAsync(
                        new()
                        {
                            Context = AskingAs("someone", "591").Context,
                            Version = "x",
                            From = "2026-01-01",
                        }
                    )
                    .ResponseAsync
            )
        ).ShouldBe((StatusCode.PermissionDenied, "every-caf"));
        using var investigator = await OfAsync("someone", "investigator", "591");
        (
            await RefusedAsync(() =>
                investigator.Procedures.TakeStepAsync(Step("h-1", "legal-hold-placed")).ResponseAsync
            )
        ).ShouldBe((StatusCode.PermissionDenied, "step-of-the-role"));
    }

    [Fact]
    public async Task What_one_Caf_withholds_is_told_by_the_other()
    {
        using var investigator = await OfAsync("someone", "investigator", "591");
        var step = Step("secret-of-591", "disclosures-withheld");
        step.Details["basis"] = "requisition";
        step.Details["reference"] = "TJ 1";
        step.Details["siret"] = Siret;
        await investigator.Procedures.TakeStepAsync(step);
        using var dpo = await OfAsync("dpo-7", "dpo", "763");
        var told = await dpo.History.GetDisclosuresAsync(
            new() { Asking = AskingAs("dpo-7", "763"), Allocataire = Theirs }
        );
        told.Disclosures.ShouldHaveSingleItem();
        told.Withheld.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_receipt_is_given_to_whoever_recorded_and_to_a_verifier()
    {
        (await _portal.Integrity.GetReceiptAsync(new() { Position = 1 })).Entry.IsEmpty.ShouldBeFalse();
        (await RefusedAsync(() => _portal.Integrity.GetReceiptAsync(new() { Position = 0 }).ResponseAsync)).ShouldBe(
            (StatusCode.PermissionDenied, "receipt-of-one-s-own")
        );
        using var stranger = await _service.WithTokenAsync(
            new Token("agent-9", ["gestionnaire"], [], ["21330063500017"])
        );
        (await RefusedAsync(() => stranger.Integrity.GetReceiptAsync(new() { Position = 1 }).ResponseAsync)).ShouldBe(
            (StatusCode.PermissionDenied, "receipt-of-one-s-own")
        );
        using var verifier = await _service.WithTokenAsync(new Token("verifier-1", ["verifier"]));
        var given = await verifier.Integrity.GetReceiptAsync(new() { Position = 0 });
        (given.Entry.IsEmpty, given.Bundle).ShouldBe((false, string.Empty), "a verifier sees entries, and no content");
    }

    [Fact]
    public async Task A_question_asked_again_or_followed_ends_with_its_case()
    {
        using var investigator = await OfAsync("inv-7", "investigator", "763");
        await investigator.Procedures.TakeStepAsync(Step("control-1", "investigation-opened", "inv-7", "763"));
        var asking = AskingAs("inv-7", "763");
        asking.TraceRequest = "control-1";
        using var followed = investigator.History.Replay(
            new()
            {
                Asking = asking,
                Account = new() { Siret = Siret },
                Follow = true,
            }
        );
        (await followed.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
        var end = Step("control-1", "investigation-closed", "inv-7", "763");
        end.Details["outcome"] = "nothing";
        await investigator.Procedures.TakeStepAsync(end);
        (
            await RefusedAsync(async () =>
            {
                while (await followed.ResponseStream.MoveNext(CancellationToken.None)) { }

                return true;
            })
        ).ShouldBe((StatusCode.FailedPrecondition, "case-open"));
        (
            await RefusedAsync(async () =>
            {
                using var again = investigator.History.Replay(
                    new()
                    {
                        Asking = asking,
                        Account = new() { Siret = Siret },
                        Follow = true,
                    }
                );
                return await again.ResponseStream.MoveNext(CancellationToken.None);
            })
        ).ShouldBe((StatusCode.FailedPrecondition, "case-open"));
    }

    private Task<LedgerClient> OfAsync(string who, string role, string caf) =>
        _service.WithTokenAsync(new Token(who, [role], [caf]));

    private static TakeStepRequest Step(string id, string step, string who = "someone", string caf = "591") =>
        new()
        {
            Context = AskingAs(who, caf).Context,
            Procedure = id,
            Step = step,
            By = Party.Caf,
            On = $"{TestPki.Now.AddDays(-1):yyyy-MM-dd}",
            Text = "text",
        };
}
