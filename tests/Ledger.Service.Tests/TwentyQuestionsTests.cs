using Caf.Ledger.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Ledger.Integrity;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Merkle;
using Ledger.Tests;
using static Ledger.Tests.SampleRequests;

namespace Ledger.Service.Tests;

/// <summary>
/// One history, written by hand, played once over gRPC: what stands at each position is said in <see
/// cref="PlayAsync"/>.
/// </summary>
public sealed class TwentyQuestionsHistory(PostgresCluster cluster) : IAsyncLifetime
{
    internal RunningService Service { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Service = await RunningService.StartAsync(cluster);
        await PlayAsync(Service.Client);
    }

    public async Task DisposeAsync() => await Service.DisposeAsync();

    private static async Task PlayAsync(Client.LedgerClient client)
    {
        var (conventions, rights, use, procedures) = (
            client.Conventions,
            client.Habilitations,
            client.Consultations,
            client.Procedures
        );
        // 0 to 8: convention, formalities, contract 1, enrolment, opening, gestionnaire a1, agent c3, hab-1
        await client.UpToAGrantAsync();
        await conventions.AttachAgentAsync(
            new()
            {
                Context = By("agent-a1"),
                Convention = "conv-1",
                Agent = "agent-d4",
                Function = "social worker",
                From = "2026-01-12",
            }
        ); // 9
        await rights.GrantHabilitationAsync(Granted("hab-d4", "agent-d4")); // 10
        await conventions.AttachAgentAsync(
            new()
            {
                Context = By("agent-a1"),
                Convention = "conv-1",
                Agent = "agent-a1",
                Function = "head of service",
                From = "2026-01-12",
            }
        ); // 11
        await rights.GrantHabilitationAsync(Granted("hab-a1", "agent-a1")); // 12: to oneself
        await use.RecordConsultationAsync(
            Opened("agent-c3", "hab-1", "1204571", "2026-02-10T10:00:00Z", "AS-1", "poste-1")
        ); // 13
        await use.RecordConsultationAsync(
            Opened("agent-d4", "hab-d4", "1204571", "2026-03-10T10:00:00Z", string.Empty, "poste-2")
        ); // 14: the core case
        await use.RecordConsultationAsync(
            Opened("agent-z9", string.Empty, "3380019", "2026-03-04T10:00:00Z", "AS-2", "poste-3")
        ); // 15: a stranger
        await conventions.ReportDepartureAsync(
            new()
            {
                Context = By("agent-a1"),
                Convention = "conv-1",
                Agent = "agent-d4",
                LeftOn = "2026-03-01",
                SignalledOn = "2026-03-20",
            }
        ); // 16
        await rights.SuspendHabilitationAsync(
            new()
            {
                Context = By("agent-a1"),
                Habilitation = "hab-1",
                At = At("2026-04-01T08:00:00Z"),
                Precautionary = true,
                Reason = "inquiry",
            }
        ); // 17
        await use.RecordConsultationAsync(
            Opened("agent-c3", "hab-1", "3380019", "2026-04-02T10:00:00Z", "AS-3", "poste-1")
        ); // 18: while suspended
        await procedures.TakeStepAsync(
            Step(
                "p-1",
                "prestataire-declared",
                "2026-01-10",
                Party.Partenaire,
                ("prestataires", "Host SA"),
                ("places", "Lille"),
                ("database-places", "Paris"),
                ("legal-regime", "RGPD"),
                ("tasks", "hosting")
            )
        ); // 19
        await procedures.TakeStepAsync(
            Step("p-1", "commitments-subscribed", "2026-02-01", Party.Partenaire, ("prestataire", "Host SA"))
        ); // 20
        await conventions.AmendConventionAsync(
            new()
            {
                Context = ByCaf(),
                Convention = "conv-1",
                Number = "1",
                SignedByCafOn = "2026-04-20",
                SignedByPartenaireOn = "2026-04-21",
                From = "2026-05-01",
                Text = "annex 3",
            }
        ); // 21
        await conventions.SignServiceContractAsync(
            new()
            {
                Context = ByCaf(),
                Convention = "conv-1",
                Version = "2",
                On = "2026-05-02",
                OpeningHours = "24/7",
                PasswordRules = "annex 3",
                TraceRetentionMonths = 24,
                TraceRequestProcess = "by portal",
            }
        ); // 22
        await procedures.TransferDossierAsync(
            new()
            {
                Context = ByCaf(),
                From = File("763", "1204571"),
                To = File("591", "5550001"),
                On = "2026-05-10",
            }
        ); // 23
        var elsewhere = Opened("agent-c3", "hab-1", "5550001", "2026-05-12T10:00:00Z", "AS-4", "poste-1");
        elsewhere.Consultation.Allocataire.Caf = "591";
        await use.RecordConsultationAsync(elsewhere); // 24: the same person, at her new Caf, outside the convention's
        await procedures.TakeStepAsync(
            Step("tr-1", "trace-request-filed", $"{TestPki.Now.AddDays(-1):yyyy-MM-dd}", Party.Partenaire)
        ); // 25
        await procedures.TakeStepAsync(Step("m-1", "meeting-requested", "2026-06-10", Party.Partenaire)); // 26
        await procedures.TakeStepAsync(
            Step("r-1", "annual-review-issued", "2026-06-15", Party.Caf, ("year", "2026"), ("digest", "abc"))
        ); // 27
        await conventions.RevokeGestionnaireAsync(
            new()
            {
                Context = By("agent-a1"),
                Convention = "conv-1",
                Agent = "agent-a1",
                From = "2026-07-01",
            }
        ); // 28
        await procedures.TakeStepAsync(
            Step(
                "i-1",
                "incident-reported",
                "2026-07-05",
                Party.Partenaire,
                ("occurred-on", "2026-06-30"),
                ("known-on", "2026-07-01")
            )
        ); // 29
    }

    private static GrantHabilitationRequest Granted(string habilitation, string agent)
    {
        var grant = Grant(habilitation);
        grant.Agent = agent;
        return grant;
    }

    private static RecordConsultationRequest Opened(
        string agent,
        string habilitation,
        string matricule,
        string at,
        string file,
        string address
    )
    {
        var request = Consultation(matricule, at);
        request.Context = By(agent);
        (
            request.Consultation.Agent,
            request.Consultation.Habilitation,
            request.Consultation.BusinessFile,
            request.Consultation.Address
        ) = (agent, habilitation, file, address);
        return request;
    }

    private static TakeStepRequest Step(
        string procedure,
        string step,
        string on,
        Party by,
        params (string Name, string Value)[] details
    )
    {
        var request = new TakeStepRequest
        {
            Context = by == Party.Caf ? ByCaf() : By("agent-a1"),
            Procedure = procedure,
            Step = step,
            Convention = "conv-1",
            By = by,
            On = on,
            Text = "letter",
        };
        request.Details.Add(details.ToDictionary(d => d.Name, d => d.Value));
        return request;
    }

    internal static Allocataire File(string caf, string matricule) => new() { Caf = caf, Matricule = matricule };
}

/// <summary>The investigators' questions, each on that history, with the answer worked out from it.</summary>
[Collection(PostgresTests.Name)]
public sealed class TwentyQuestionsTests(TwentyQuestionsHistory history, PostgresCluster cluster)
    : IClassFixture<TwentyQuestionsHistory>
{
    private static readonly Allocataire X = TwentyQuestionsHistory.File("763", "1204571");
    private static readonly Allocataire XElsewhere = TwentyQuestionsHistory.File("591", "5550001");
    private static readonly Timestamp Core = At("2026-03-10T10:00:00Z");

    private AccessHistoryService.AccessHistoryServiceClient Ask => history.Service.Client.History;

    [Fact]
    public async Task Q1_who_could_see_X_at_T_and_through_which_chain_of_acts()
    {
        var answer = await Ask.WhoCouldAccessAsync(
            new()
            {
                Asking = Asking(),
                Allocataire = X,
                At = Core,
            }
        );
        answer.Rights.Select(r => r.Habilitation).ShouldBe(["hab-a1", "hab-1"]);
        var chain = answer.Rights[1].Because;
        chain.ShouldBe([0, 1, 2, 4, 5, 6, 7, 8]);
        answer
            .Acts.Where(a => chain.Contains(a.Position))
            .Select(a => a.Type)
            .ShouldBe([
                "convention-signed.v1",
                "cnil-formality-recorded.v1",
                "cnil-formality-recorded.v1",
                "enrolment-signed.v1",
                "service-opened.v1",
                "gestionnaire-designated.v1",
                "agent-attached.v1",
                "habilitation-granted.v1",
            ]);
        answer
            .Acts.Single(a => a.Position == 8)
            .Sentence.ShouldBe(
                French(
                    "Habilitation CDAP T2 accordée à agent-c3 par agent-a1 (partenaire 217_605_757_00012), à compter "
                        + "du 15 janvier 2026, sans terme, pour aide-sociale, sur tous les dossiers de la Caf : social "
                        + "aid."
                )
            );
        answer.Basis.KnownPosition.ShouldBeGreaterThanOrEqualTo(29);
    }

    [Fact]
    public async Task Q1_a_person_is_found_under_the_identity_that_she_had_at_that_moment()
    {
        (
            await Ask.WhoCouldAccessAsync(
                new()
                {
                    Asking = Asking(caf: "591"),
                    Allocataire = XElsewhere,
                    At = Core,
                }
            )
        ).Rights.Select(r => r.Habilitation).ShouldBe(["hab-a1", "hab-1"]);
        (
            await Ask.WhoCouldAccessAsync(
                new()
                {
                    Asking = Asking(),
                    Allocataire = X,
                    At = At("2026-05-11T00:00:00Z"),
                }
            )
        ).Rights.ShouldBeEmpty();
    }

    [Fact]
    public async Task Q2_the_same_as_known_before_the_departure_was_signalled()
    {
        var answer = await Ask.WhoCouldAccessAsync(
            new()
            {
                Asking = Asking(14),
                Allocataire = X,
                At = Core,
            }
        );
        answer.Rights.Select(r => r.Habilitation).ShouldBe(["hab-a1", "hab-1", "hab-d4"]);
        answer.Basis.KnownPosition.ShouldBe(14);
    }

    [Fact]
    public async Task Q3_who_did_under_every_identity_with_both_verdicts_and_the_core_case()
    {
        foreach (var file in new[] { X, XElsewhere })
        {
            var found = (
                await Ask.WhoDidAccessAsync(new() { Asking = Asking(caf: file.Caf), Allocataire = file })
            ).Consultations;
            // The Caf that she came to has not said so itself: the one that she left is not shown what became of her.
            found.Select(c => c.Position).ShouldBe(file == X ? [13, 14] : [13, 14, 24]);
            found[0].Categories.ShouldBe(["identite", "composition-familiale", "quotient-familial"]);
            (found[0].AsKnownThen.Authorised, found[0].AsKnownAt.Authorised).ShouldBe((true, true));
            (found[1].AsKnownThen.Authorised, string.Join(" ", found[1].AsKnownAt.Reasons)).ShouldBe(
                (true, "agent-departed")
            );
            found[1].Learnt.Single().Position.ShouldBe(16);
            found[1]
                .Learnt.Single()
                .Sentence.ShouldBe(
                    French(
                        "Départ d'agent-d4 le 1er mars 2026 ; signalé le 20 mars 2026, soit 19 jours après (art. 9.2)."
                    )
                );
            if (file != X)
            {
                found[2].AsKnownThen.Reasons.ShouldBe(["habilitation-suspended", "outside-perimeter"]);
            }
        }
    }

    [Fact]
    public async Task Q4_everything_that_an_agent_consulted_page_by_page()
    {
        var scope = new UsageScope { Siret = Siret, Agent = "agent-c3" };
        var first = await Ask.ListAgentConsultationsAsync(
            new()
            {
                Asking = Asking(),
                Scope = scope,
                Paging = new() { Size = 2 },
            }
        );
        first.Consultations.Select(c => c.Position).ShouldBe([13, 18]);
        var second = await Ask.ListAgentConsultationsAsync(
            new()
            {
                Asking = Asking(),
                Scope = scope,
                Paging = new() { Size = 2, Token = first.NextPageToken },
            }
        );
        second.Consultations.Select(c => c.Position).ShouldBe([24]);
        second.NextPageToken.ShouldBeEmpty();
    }

    [Fact]
    public async Task Q5_the_rights_of_an_agent_over_time_granted_by_whom_on_what_act()
    {
        var right = (
            await Ask.GetRightsTimelineAsync(
                new()
                {
                    Asking = Asking(),
                    Siret = Siret,
                    Agent = "agent-c3",
                }
            )
        ).Habilitations.Single();
        (right.Habilitation, right.GrantedBy.Id, right.GrantedPosition).ShouldBe(("hab-1", "agent-a1", 8));
        var effective = right.Segments.Where(s => s.Effective).ToList();
        (effective[0].From, effective[^1].Until).ShouldBe((At("2026-01-14T23:00:00Z"), At("2026-04-01T08:00:00Z")));
        right.Segments[^1].Missing.ShouldBe(["habilitation-suspended"]);
    }

    [Theory]
    [InlineData(VerdictFilter.Unspecified, new long[] { 15, 14, 18, 24 })]
    [InlineData(VerdictFilter.AsKnownThen, new long[] { 15, 18, 24 })]
    [InlineData(VerdictFilter.AsKnownAt, new long[] { 15, 14, 18, 24 })]
    [InlineData(VerdictFilter.Differing, new long[] { 14 })]
    public async Task Q6_consultations_with_no_effective_right_under_both_verdicts(
        VerdictFilter filter,
        long[] positions
    ) => (
            await Ask.ListIrregularConsultationsAsync(
                new()
                {
                    Asking = Asking(),
                    Scope = new() { Siret = Siret },
                    Filter = filter,
                }
            )
        ).Consultations.Select(c => c.Position).ShouldBe(positions);

    [Fact]
    public async Task Q7_use_after_a_departure_a_suspension_or_an_end() =>
        (await Ask.ListUseAfterEndAsync(new() { Asking = Asking() }))
            .Consultations.Select(c => c.Position)
            .ShouldBe([14, 18, 24]);

    [Fact]
    public async Task Q8_acts_by_someone_not_in_office_or_for_oneself()
    {
        var finding = (await Ask.ListQuestionableActsAsync(new() { Asking = Asking() })).Findings.Single();
        (finding.Kind, finding.Habilitation, finding.Agent).ShouldBe(("grant-to-oneself", "hab-a1", "agent-a1"));
        finding.Because.ShouldBe([12]);
    }

    [Fact]
    public async Task Q9_rights_held_and_not_used()
    {
        var dormant = await Ask.ListDormantHabilitationsAsync(
            new()
            {
                Asking = Asking(),
                At = At("2026-06-01T00:00:00Z"),
                Days = 90,
            }
        );
        dormant.Findings.Select(f => f.Habilitation).ShouldBe(["hab-a1"]);
    }

    [Fact]
    public async Task Q10_reporting_delays()
    {
        var delays = (await Ask.ListReportingDelaysAsync(new() { Asking = Asking() })).Findings;
        delays
            .Select(f => (f.Kind, f.Days, f.Because.Single()))
            .ShouldBe([("departure", 19, 16L), ("incident", 4, 29L)]);
        (await Ask.ListReportingDelaysAsync(new() { Asking = Asking(), AtLeast = 5 })).Findings.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Q11_consultations_for_no_business_file() =>
        (await Ask.ListConsultationsWithoutFileAsync(new() { Asking = Asking() }))
            .Consultations.Select(c => c.Position)
            .ShouldBe([14]);

    [Fact]
    public async Task Q12_disclosures_name_the_partner_and_withhold_the_staff_unless_decided()
    {
        var disclosures = (
            await Ask.GetDisclosuresAsync(new() { Asking = Asking(caf: "591"), Allocataire = XElsewhere })
        ).Disclosures;
        disclosures.Select(d => d.Position).ShouldBe([13, 14, 24]);
        disclosures.ShouldAllBe(d => d.Siret == Siret && d.Purpose == "aide-sociale" && d.Agent.Length == 0);
        var named = (
            await Ask.GetDisclosuresAsync(
                new()
                {
                    Asking = Asking(),
                    Allocataire = X,
                    StaffDecision = "decision 12",
                }
            )
        ).Disclosures;
        named.Select(d => d.Agent).ShouldBe(["agent-c3", "agent-d4"]);
    }

    [Fact]
    public async Task Q13_what_a_compromised_account_or_address_reached()
    {
        var account = await Ask.GetBlastRadiusAsync(
            new()
            {
                Asking = Asking(),
                Scope = new() { Siret = Siret, Agent = "agent-c3" },
            }
        );
        (account.Consultations, account.Files).ShouldBe((3, 3));
        account.Addresses.ShouldBe(["poste-1"]);
        account.Categories.ShouldBe(["composition-familiale", "identite", "quotient-familial"]);
        var address = await Ask.GetBlastRadiusAsync(
            new()
            {
                Asking = Asking(),
                Scope = new() { Address = "poste-2" },
            }
        );
        (address.Consultations, address.Accounts.Single().Agent).ShouldBe((1, "agent-d4"));
        (
            await Should.ThrowAsync<RpcException>(async () =>
                await Ask.GetBlastRadiusAsync(new() { Asking = Asking() })
            )
        ).StatusCode.ShouldBe(StatusCode.InvalidArgument);
    }

    [Theory]
    [InlineData("2026-07-09", "in-notice")]
    [InlineData("2026-07-10", "covered")]
    public async Task Q14_which_prestataire_was_covered_six_months_after_the_letter(string on, string state)
    {
        var finding = (
            await Ask.GetPrestataireCoverageAsync(
                new()
                {
                    Asking = Asking(),
                    Siret = Siret,
                    On = on,
                }
            )
        ).Findings.Single();
        finding.Kind.ShouldBe(state);
        finding.Because.ShouldBe([19, 20]);
    }

    [Fact]
    public async Task Q15_which_version_of_the_contract_governed()
    {
        (
            await Ask.GetContractInForceAsync(
                new()
                {
                    Asking = Asking(),
                    Siret = Siret,
                    On = "2026-03-01",
                }
            )
        ).Findings.Single().Because.ShouldBe([3]);
        var later = (
            await Ask.GetContractInForceAsync(
                new()
                {
                    Asking = Asking(),
                    Siret = Siret,
                    On = "2026-05-02",
                }
            )
        ).Findings;
        later
            .Select(f => (f.Kind, f.Because.Single()))
            .ShouldBe([("avenant", 21L), ("contract", 22L)], ignoreOrder: true);
    }

    [Fact]
    public async Task Q16_who_read_the_traces_every_question_is_recorded_before_it_is_answered()
    {
        var asking = Asking();
        asking.TraceRequest = "tr-1";
        var file = TwentyQuestionsHistory.File("763", "7715204");
        await Ask.WhoDidAccessAsync(new() { Asking = asking, Allocataire = file });
        var read = (
            await Ask.ListTraceReadsAsync(new() { Asking = Asking(caf: file.Caf), Allocataire = file })
        ).Reads.Single();
        (read.Question, read.Actor.Id, read.Actor.Caf, read.TraceRequest).ShouldBe(
            ("who-did-access", "investigator-1", "763", "tr-1")
        );
        read.Of.ShouldNotContain("7715204");
        read.Position.ShouldBeGreaterThan(29);
        (
            await Ask.ListTraceReadsAsync(
                new()
                {
                    Asking = Asking(),
                    Paging = new() { Size = 1000 },
                }
            )
        ).Reads.Count.ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task Q16_only_somebody_of_a_Caf_reads_the_traces_on_a_request_that_exists()
    {
        var partner = new Asking { Context = By("agent-a1") };
        (
            await Should.ThrowAsync<RpcException>(async () =>
                await Ask.WhoDidAccessAsync(new() { Asking = partner, Allocataire = X })
            )
        ).StatusCode.ShouldBe(StatusCode.FailedPrecondition);
        var asking = Asking();
        asking.TraceRequest = "tr-9";
        (
            await Should.ThrowAsync<RpcException>(async () =>
                await Ask.WhoDidAccessAsync(new() { Asking = asking, Allocataire = X })
            )
        ).StatusCode.ShouldBe(StatusCode.NotFound);
    }

    [Fact]
    public async Task Q17_what_changed_since_the_last_annual_review()
    {
        var changes = (
            await Ask.ListChangesSinceReviewAsync(new() { Asking = Asking(), Convention = "conv-1" })
        ).Findings;
        changes
            .Select(f => (f.Kind, f.Because.Single()))
            .ShouldBe([("gestionnaire-revoked.v1", 28L), ("incident-reported.v1", 29L)]);
        changes[0]
            .Sentence.ShouldBe(
                French(
                    "Fin des fonctions de gestionnaire d'agent-a1 à compter du 1er juillet 2026 ; le partenaire n'a plus de "
                        + "gestionnaire (art. 9.1)."
                )
            );
    }

    [Fact]
    public async Task Q18_open_deadlines()
    {
        (await DeadlinesAsync("2026-06-20")).ShouldBe([
            ("meeting", "2026-07-10", 20),
            ("prestataire", "2026-07-10", 20),
            ("tacit-renewal", "2027-01-08", 202),
        ]);

        // The incident was reported on 07-05: before, nobody knew of its term.
        (await DeadlinesAsync("2026-07-06")).ShouldContain(("incident", "2026-07-04", -2));
    }

    private async Task<List<(string Kind, string On, int Days)>> DeadlinesAsync(string on) =>
        [
            .. (
                await Ask.ListDeadlinesAsync(
                    new()
                    {
                        Asking = Asking(),
                        Siret = Siret,
                        On = on,
                    }
                )
            ).Findings.Select(f => (f.Kind, f.On, f.Days)),
        ];

    [Fact]
    public async Task Q19_proof_that_nothing_was_altered_inserted_or_removed_in_a_period()
    {
        var whole = await CoveredAsync(null);
        (whole.FirstPosition, whole.OldCheckpoint).ShouldBe((0, string.Empty));
        var key = history.Service.Key;
        var before = Checkpoint.Open(whole.Checkpoint, key);
        await Ask.ListAlertsAsync(new() { Asking = Asking() });
        var since = (await history.Service.Client.Integrity.GetCheckpointAsync(new())).Checkpoint;
        Checkpoint.Open(since, key).Size.ShouldBeGreaterThanOrEqualTo(before.Size);
        var recorded = (
            await Ask.ListTraceReadsAsync(
                new()
                {
                    Asking = Asking(),
                    Paging = new() { Size = 1000 },
                }
            )
        ).Reads[^1].RecordedAt;

        var later = await CoveredAsync(recorded);
        var (old, current) = (Checkpoint.Open(later.OldCheckpoint, key), Checkpoint.Open(later.Checkpoint, key));
        old.Size.ShouldBeLessThanOrEqualTo(later.FirstPosition);
        current.Size.ShouldBeGreaterThan(later.LastPosition);
        MerkleProof
            .VerifyConsistency(
                old.Size,
                current.Size,
                old.Root,
                current.Root,
                [.. later.ConsistencyProof.Select(h => new Hash256(h.ToByteArray()))]
            )
            .ShouldBeTrue();
    }

    [Fact]
    public async Task Q20_why_this_alert()
    {
        await using var watched = await RunningService.StartAsync(cluster, watchAnomalies: true);
        await watched.Client.UpToAGrantAsync();
        var request = Consultation("1204571", "2026-03-10T10:00:00Z");
        (request.Consultation.Agent, request.Consultation.Habilitation) = ("agent-z9", string.Empty);
        var irregular = (await watched.Client.Consultations.RecordConsultationAsync(request)).Acknowledgement.Position;
        var alert = await FoundAsync(watched, "no-right");
        var explained = await watched.Client.History.ExplainAlertAsync(
            new() { Asking = Asking(), Alert = alert.Alert_ }
        );
        (explained.Alert.Rule, explained.Alert.RuleVersion, explained.Alert.Certain).ShouldBe(("no-right", "1", true));
        explained.Alert.Sentence.ShouldBe(
            French(
                "agent-z9 a consulté un dossier sans droit : aucune habilitation pour ce service et ce profil (art. 9.2)."
            )
        );
        explained.Alert.Particulars["reasons"].ShouldBe("no-habilitation");
        explained.Acts.Single().Position.ShouldBe(irregular);

        await watched.Client.Procedures.QualifyAlertAsync(
            new()
            {
                Context = ByCaf(),
                Alert = alert.Alert_,
                Outcome = "confirmed",
                Reason = "a borrowed account",
            }
        );
        (
            await watched.Client.History.ExplainAlertAsync(new() { Asking = Asking(), Alert = alert.Alert_ })
        ).Alert.Outcome.ShouldBe("confirmed");
    }

    [Fact]
    public async Task Q20_a_use_that_a_late_signal_makes_irregular_is_told_when_it_is_learnt_once()
    {
        await using var watched = await RunningService.StartAsync(cluster, watchAnomalies: true);
        await watched.Client.UpToAGrantAsync();
        var used = (
            await watched.Client.Consultations.RecordConsultationAsync(Consultation("1204571", "2026-03-10T10:00:00Z"))
        )
            .Acknowledgement
            .Position;
        var departed = (
            await watched.Client.Conventions.ReportDepartureAsync(
                new()
                {
                    Context = By("agent-a1"),
                    Convention = "conv-1",
                    Agent = "agent-c3",
                    LeftOn = "2026-03-01",
                    SignalledOn = "2026-03-20",
                }
            )
        ).Acknowledgement.Position;
        await watched.Client.Habilitations.RevokeHabilitationAsync(
            new()
            {
                Context = By("agent-a1"),
                Habilitation = "hab-1",
                At = At("2026-03-20T10:00:00Z"),
                Reason = "gone",
            }
        );
        await watched.Client.Conventions.CloseServiceAsync(
            new()
            {
                Context = ByCaf(),
                Convention = "conv-1",
                Service = "CDAP",
                From = "2026-03-05",
                Reason = "late news",
            }
        );
        var alert = await FoundAsync(watched, "after-departure");
        alert.Sentence.ShouldBe(
            French(
                "agent-c3 a consulté un dossier sans droit : agent ayant quitté le partenaire (art. 9.2), ce que le "
                    + $"registre sait depuis la position {departed}."
            )
        );
        alert.Because.ShouldContain(used);
        (await watched.Client.History.ListAlertsAsync(new() { Asking = Asking() })).Alerts.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_story_is_told_of_a_file_an_agent_a_partner_and_a_service_resumes_and_goes_on_as_events_come()
    {
        (await StoryAsync(new() { Asking = Asking(caf: "591"), Allocataire = XElsewhere })).ShouldBe([13, 14, 23, 24]);
        (
            await StoryAsync(
                new()
                {
                    Asking = Asking(),
                    Account = new() { Siret = Siret, Agent = "agent-d4" },
                }
            )
        ).ShouldBe([9, 10, 14, 16]);
        (
            await StoryAsync(
                new()
                {
                    Asking = Asking(),
                    Account = new() { Siret = Siret },
                    FromPosition = 26,
                }
            )
        ).ShouldBe([26, 27, 28, 29]);
        (await StoryAsync(new() { Asking = Asking(), Service = "CDAP" })).ShouldBe([
            4,
            5,
            8,
            10,
            12,
            13,
            14,
            15,
            17,
            18,
            24,
        ]);

        using var live = Ask.Replay(
            new()
            {
                Asking = Asking(),
                Account = new() { Siret = Siret, Agent = "agent-new" },
                Follow = true,
            }
        );
        await Ask.ListAlertsAsync(new() { Asking = Asking() });
        var attached = await history.Service.Client.Conventions.AttachAgentAsync(
            new()
            {
                Context = By("agent-a1"),
                Convention = "conv-1",
                Agent = "agent-new",
                Function = "intern",
                From = "2026-07-01",
            }
        );
        (await live.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
        live.ResponseStream.Current.Position.ShouldBe(attached.Acknowledgement.Position);

        async Task<List<long>> StoryAsync(ReplayRequest request)
        {
            // A live test may have added an agent after position 29.
            var positions = new List<long>();
            using var call = Ask.Replay(request);
            await foreach (var step in call.ResponseStream.ReadAllAsync())
            {
                positions.Add(step.Position);
            }

            return [.. positions.Where(p => p <= 29)];
        }
    }

    [Fact]
    public async Task The_annual_review_counts_without_naming_and_judges_each_obligation()
    {
        var review = await Ask.DraftAnnualReviewAsync(
            new()
            {
                Asking = Asking(29),
                Convention = "conv-1",
                On = "2026-07-31",
            }
        );
        (review.From, review.Until).ShouldBe(("2026-01-08", "2027-01-08"));
        review.Digest.Length.ShouldBe(32);
        var lines = review.Lines.ToDictionary(l => $"{l.Section}: {l.Item} {l.Of}".TrimEnd(), l => l.Value);
        lines["grants: grants-by-profil CDAP T2"].ShouldBe("1-4");
        lines["use: consultations"].ShouldBe("5");
        lines["use: consultations-without-right"].ShouldBe("1-4");
        lines["signalling: longest-delay"].ShouldBe("19");
        lines["incidents: incidents-reported"].ShouldBe("1");
        lines["obligations: departures-signalled"].ShouldBe("not-kept");
        lines["obligations: granted-by-the-entitled"].ShouldBe("not-kept");
        lines["obligations: prestataires-committed"].ShouldBe("kept");
        lines["obligations: staff-aware"].ShouldBe("not-kept");
        review
            .Lines.Single(l => l.Item == "staff-aware")
            .Label.ShouldBe("Agents sensibilisés (art. 9.2)", "French unless another language is preferred");
        var english = await Ask.DraftAnnualReviewAsync(
            new()
            {
                Asking = Asking(29),
                Convention = "conv-1",
                On = "2026-07-31",
            },
            new Metadata { { "accept-language", "en" } }
        );
        english.Lines.Single(l => l.Item == "staff-aware").Label.ShouldBe("Staff made aware (art. 9.2)");
        english.Digest.ShouldBe(review.Digest, "the digest is over data, never over words");
        review.Lines.Where(l => l.Value == "1-4").ShouldAllBe(l => l.Because.Count == 0);
    }

    // The spaces that French wants, where a source has plain ones; '_' inside a number.
    private static string French(string text) => Presentation.Typography.French(text).Replace('_', '\u00A0');

    private static async Task<Alert> FoundAsync(RunningService watched, string rule)
    {
        for (var tries = 0; tries < 400; tries++)
        {
            if (
                (await watched.Client.History.ListAlertsAsync(new() { Asking = Asking(), Rule = rule })).Alerts
                is [var alert, ..]
            )
            {
                return alert;
            }

            await Task.Delay(25);
        }

        throw new TimeoutException("No alert came within ten seconds.");
    }

    private async Task<GetPeriodProofResponse> CoveredAsync(Timestamp? from)
    {
        for (var tries = 0; tries < 400; tries++)
        {
            var proof = await Ask.GetPeriodProofAsync(new() { Asking = Asking(), From = from });
            if (proof.Checkpoint.Length > 0 && (from is null || proof.OldCheckpoint.Length > 0))
            {
                return proof;
            }

            await Task.Delay(25);
        }

        throw new TimeoutException("No checkpoint covered the period within ten seconds.");
    }
}
