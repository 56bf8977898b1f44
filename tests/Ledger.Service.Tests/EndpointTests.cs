using Caf.Ledger.V1;
using Google.Rpc;
using Grpc.Core;
using Ledger.Tests;
using static Ledger.Tests.SampleRequests;

namespace Ledger.Service.Tests;

/// <summary>Every way in records what it says, and names the field that breaks its rule.</summary>
[Collection(PostgresTests.Name)]
public sealed class EndpointTests(PostgresCluster cluster) : IAsyncLifetime
{
    private RunningService _service = null!;

    public async Task InitializeAsync()
    {
        _service = await RunningService.StartAsync(cluster);
        await _service.Client.UpToAGrantAsync();
    }

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Fact]
    public async Task Every_endpoint_of_the_life_of_a_convention_and_of_a_right_records_its_event()
    {
        var (c, h, p) = (_service.Client.Conventions, _service.Client.Habilitations, _service.Client.Procedures);
        await c.ReportFunctionChangeAsync(
            new()
            {
                Context = By("agent-a1"),
                Convention = "conv-1",
                Agent = "agent-c3",
                Function = "archives",
                From = "2026-02-01",
                SignalledOn = "2026-02-03",
            }
        );
        await c.RecordCredentialsAsync(
            new()
            {
                Context = ByCaf(),
                Convention = "conv-1",
                Agent = "agent-c3",
                Reference = "envelope 12",
                On = "2026-01-13",
            }
        );
        await c.DeclareAutomatonAsync(
            new()
            {
                Context = By("agent-a1"),
                Convention = "conv-1",
                Programme = "robot-1",
                Bearer = "agent-c3",
                From = "2026-02-01",
            }
        );
        await c.AmendConventionAsync(
            new()
            {
                Context = ByCaf(),
                Convention = "conv-1",
                Number = "1",
                SignedByCafOn = "2026-02-01",
                SignedByPartenaireOn = "2026-02-01",
                From = "2026-02-01",
                Text = "annex",
                Missions = { "aide-sociale", "logement" },
            }
        );
        await h.ModifyHabilitationAsync(
            new()
            {
                Context = By("agent-a1"),
                Habilitation = "hab-1",
                At = At("2026-02-01T00:00:00Z"),
                Perimeter = new() { Communes = new() { Codes = { "76575" } } },
                Reason = "own commune",
            }
        );
        await h.ReviewHabilitationAsync(
            new()
            {
                Context = By("agent-a1"),
                Habilitation = "hab-1",
                At = At("2026-02-02T00:00:00Z"),
                Outcome = "still needed",
            }
        );
        await c.ChangeHabilitationModeAsync(
            new()
            {
                Context = ByCaf(),
                Convention = "conv-1",
                Mode = HabilitationMode.Centralise,
                From = Tomorrow(),
                Reason = "audit",
            }
        );
        await h.InvalidateHabilitationAsync(
            new()
            {
                Context = ByCaf(),
                Habilitation = "hab-1",
                At = At("2026-03-04T00:00:00Z"),
                Reason = "misuse",
            }
        );
        await p.AttachDossierAsync(
            new()
            {
                Context = ByCaf(),
                Allocataire = new() { Caf = "763", Matricule = "1204571" },
                Commune = "76575",
                From = "2026-01-01",
            }
        );
        await p.PublishCatalogueAsync(
            new()
            {
                Context = ByCaf(),
                Version = "2",
                From = "2026-04-01",
                Entries =
                {
                    new CatalogueEntry
                    {
                        Service = "CDAP",
                        Profil = "T2",
                        Categories = { "identite" },
                    },
                },
            }
        );
        var rectified = await p.RectifyEventAsync(
            new()
            {
                Context = ByCaf(),
                Of = 9,
                Reason = "another agent",
            }
        );
        await c.TerminateConventionAsync(
            new()
            {
                Context = ByCaf(),
                Convention = "conv-1",
                From = "2026-05-01",
                Reason = "by agreement",
            }
        );
        rectified.Acknowledgement.Position.ShouldBe(19);

        var types = new List<string>();
        using var story = _service.Client.History.Replay(
            new()
            {
                Asking = Asking(),
                Account = new() { Siret = Siret },
                FromPosition = 9,
            }
        );
        await foreach (var step in story.ResponseStream.ReadAllAsync())
        {
            types.Add(step.Type.Split('.')[0]);
        }

        types.ShouldBe([
            "agent-function-changed",
            "credentials-issued",
            "automaton-declared",
            "convention-amended",
            "habilitation-modified",
            "habilitation-reviewed",
            "habilitation-mode-changed",
            "habilitation-invalidated",
            "rectification-made",
            "convention-terminated",
        ]);
        (await p.ListProcedureKindsAsync(new()))
            .Kinds.Single(k => k.Name == "meeting")
            .Deadlines.Select(d => (d.Months, d.Days))
            .ShouldBe([(1, 0), (0, 30)]);
    }

    [Fact]
    public async Task In_centralise_a_right_is_asked_for_refused_asked_for_again_and_granted_by_the_Caf()
    {
        var (c, h) = (_service.Client.Conventions, _service.Client.Habilitations);
        await _service.Client.UpToAnAgentAsync("conv-2", HabilitationMode.Centralise);
        await c.RequestHabilitationAsync(Asked("2026-03-02"));
        await c.RefuseHabilitationAsync(
            new()
            {
                Context = ByCaf(),
                Convention = "conv-2",
                Habilitation = "hab-2",
                Reason = "one is enough",
                On = "2026-03-03",
            }
        );
        await c.RequestHabilitationAsync(Asked("2026-03-05"));
        var grant = Grant("hab-2");
        (grant.Context, grant.Convention, grant.GrantedAt) = (ByCaf(), "conv-2", At("2026-03-04T10:00:00Z"));
        var early = await Should.ThrowAsync<RpcException>(async () => await h.GrantHabilitationAsync(grant));
        early.GetRpcStatus()!.GetDetail<ErrorInfo>()!.Reason.ShouldBe("request-before-grant");
        (grant.Context, grant.GrantedAt) = (ByCaf(), At("2026-03-06T10:00:00Z"));
        await h.GrantHabilitationAsync(grant);

        RequestHabilitationRequest Asked(string on) =>
            new()
            {
                Context = By("agent-a1"),
                Convention = "conv-2",
                Habilitation = "hab-2",
                Agent = "agent-c3",
                Service = "CDAP",
                Profil = "T2",
                Reason = "more work",
                On = on,
            };
    }

    [Fact]
    public async Task Every_fact_of_use_is_recorded_and_no_clear_matricule_is_kept()
    {
        var file = new Allocataire { Caf = "763", Matricule = "1204571" };
        RecordUsageRequest[] facts =
        [
            new() { AuthenticationSucceeded = new() },
            new() { AuthenticationFailed = new() { Reason = "wrong password" } },
            new()
            {
                SearchPerformed = new() { Criteria = { "matricule" }, Results = 1 },
            },
            new()
            {
                ConsultationRefused = new() { Allocataire = file, Reason = "closed" },
            },
            new()
            {
                DataExported = new() { Allocataire = file, Categories = { "identite" } },
            },
            new()
            {
                DataSupplied = new() { Allocataire = file, Categories = { "identite" } },
            },
        ];
        foreach (var fact in facts)
        {
            (fact.Context, fact.Caf, fact.Siret, fact.Agent, fact.OccurredAt) = (
                By("agent-c3"),
                "763",
                Siret,
                "agent-c3",
                At("2026-03-10T10:00:00Z")
            );
            (await _service.Client.Consultations.RecordUsageAsync(fact)).Acknowledgement.Position.ShouldBeGreaterThan(
                8
            );
        }

        await _service.Client.Procedures.TransferDossierAsync(
            new()
            {
                Context = ByCaf(),
                From = file,
                To = new() { Caf = "591", Matricule = "1204572" },
                On = "2026-04-01",
            }
        );
        var grant = Grant("hab-files");
        grant.Perimeter = new() { Files = new() { Allocataires = { file } } };
        await _service.Client.Habilitations.GrantHabilitationAsync(grant);
        await _service.Client.History.WhoCouldAccessAsync(new() { Asking = Asking(), Allocataire = file });
        var dump = await PostgresCluster.QueryAsync<string>(
            _service.ConnectionString,
            "select (select string_agg(convert_from(bdata, 'UTF8'), ' ') from ledger.mt_events) || (select "
                + "string_agg(t::text, ' ') from ledger.usage t) || (select string_agg(t::text, ' ') from "
                + "ledger.event_tag t)"
        );
        dump!.ShouldNotContain("120457");
    }

    [Fact]
    public async Task A_right_on_some_files_covers_them_and_no_other()
    {
        var grant = Grant("hab-files");
        grant.Perimeter = new()
        {
            Files = new()
            {
                Allocataires =
                {
                    new Allocataire { Caf = "763", Matricule = "1204571" },
                },
            },
        };
        await _service.Client.Habilitations.GrantHabilitationAsync(grant);
        foreach (
            var (matricule, reasons) in new[] { ("1204571", Array.Empty<string>()), ("7715204", ["outside-perimeter"]) }
        )
        {
            var request = Consultation(matricule);
            request.Consultation.Habilitation = "hab-files";
            (await _service.Client.Consultations.RecordConsultationAsync(request)).Verdict.Reasons.ShouldBe(reasons);
            var could = await _service.Client.History.WhoCouldAccessAsync(
                new()
                {
                    Asking = Asking(),
                    Allocataire = new() { Caf = "763", Matricule = matricule },
                    At = At("2026-03-10T10:00:00Z"),
                }
            );
            could.Rights.Select(r => r.Habilitation).ShouldBe(reasons.Length == 0 ? ["hab-1", "hab-files"] : ["hab-1"]);
        }
    }

    [Fact]
    public async Task A_field_that_breaks_its_rule_is_named()
    {
        var (c, h, p, u) = (
            _service.Client.Conventions,
            _service.Client.Habilitations,
            _service.Client.Procedures,
            _service.Client.Consultations
        );
        await FieldAsync(
            "mode",
            () =>
                c.ChangeHabilitationModeAsync(
                    new()
                    {
                        Context = ByCaf(),
                        Convention = "conv-1",
                        From = "2026-03-01",
                        Reason = "x",
                    }
                ).ResponseAsync
        );
        await FieldAsync(
            "bearer",
            () =>
                c.DeclareAutomatonAsync(
                    new()
                    {
                        Context = ByCaf(),
                        Convention = "conv-1",
                        Programme = "r",
                        From = "2026-03-01",
                    }
                ).ResponseAsync
        );
        await FieldAsync(
            "perimeter.communes.codes[0]",
            () =>
                h.ModifyHabilitationAsync(
                    new()
                    {
                        Context = ByCaf(),
                        Habilitation = "hab-1",
                        Perimeter = new() { Communes = new() { Codes = { "1" } } },
                        Reason = "x",
                    }
                ).ResponseAsync
        );
        await FieldAsync(
            "perimeter.files.allocataires",
            () =>
                h.ModifyHabilitationAsync(
                    new()
                    {
                        Context = ByCaf(),
                        Habilitation = "hab-1",
                        Perimeter = new() { Files = new() },
                        Reason = "x",
                    }
                ).ResponseAsync
        );
        await FieldAsync(
            "commune",
            () =>
                p.AttachDossierAsync(
                    new()
                    {
                        Context = ByCaf(),
                        Allocataire = new() { Caf = "763", Matricule = "1" },
                        Commune = "é",
                        From = "2026-01-01",
                    }
                ).ResponseAsync
        );
        await FieldAsync(
            "about",
            () =>
                p.TakeStepAsync(
                    new()
                    {
                        Context = ByCaf(),
                        Procedure = "a",
                        Step = "audit-opened",
                        Convention = "conv-1",
                        By = Party.Caf,
                        On = "2026-03-01",
                        Text = "x",
                        About = { 9999 },
                    }
                ).ResponseAsync
        );
        await FieldAsync(
            "step",
            () =>
                p.TakeStepAsync(
                    new()
                    {
                        Context = ByCaf(),
                        Procedure = "a",
                        Step = "dance",
                        Convention = "conv-1",
                        By = Party.Caf,
                        On = "2026-03-01",
                        Text = "x",
                    }
                ).ResponseAsync
        );
        await FieldAsync(
            "entries[0].categories",
            () =>
                p.PublishCatalogueAsync(
                    new()
                    {
                        Context = ByCaf(),
                        Version = "2",
                        From = "2026-04-01",
                        Entries =
                        {
                            new CatalogueEntry { Service = "CDAP", Profil = "T2" },
                        },
                    }
                ).ResponseAsync
        );
        await FieldAsync(
            "fact",
            () =>
                u.RecordUsageAsync(
                    new()
                    {
                        Context = By("agent-c3"),
                        Caf = "763",
                        Siret = Siret,
                        Agent = "agent-c3",
                        OccurredAt = At("2026-03-10T10:00:00Z"),
                    }
                ).ResponseAsync
        );
        await FieldAsync(
            "search_performed.criteria",
            () =>
                u.RecordUsageAsync(
                    new()
                    {
                        Context = By("agent-c3"),
                        Caf = "763",
                        Siret = Siret,
                        Agent = "agent-c3",
                        OccurredAt = At("2026-03-10T10:00:00Z"),
                        SearchPerformed = new(),
                    }
                ).ResponseAsync
        );
        await FieldAsync(
            "occurred_at",
            () =>
                u.RecordUsageAsync(
                    new()
                    {
                        Context = By("agent-c3"),
                        Caf = "763",
                        Siret = Siret,
                        Agent = "agent-c3",
                        OccurredAt = At("2126-03-10T10:00:00Z"),
                        AuthenticationSucceeded = new(),
                    }
                ).ResponseAsync
        );

        static async Task FieldAsync(string field, Func<Task> call) =>
            (await Should.ThrowAsync<RpcException>(call))
                .GetRpcStatus()!
                .GetDetail<BadRequest>()!
                .FieldViolations.Single()
                .Field.ShouldBe(field);
    }

    private static string Tomorrow() =>
        Domain.Common.LegalTime.DayOf(TimeProvider.System.GetUtcNow()).AddDays(1).ToString("yyyy-MM-dd");
}
