using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Client;
using Ledger.Files;
using Ledger.Tests;
using static Ledger.Service.Tests.Callers.GuardedService;
using static Ledger.Tests.SampleRequests;

namespace Ledger.Service.Tests.Callers;

/// <summary>People, and programmes in their name, are known by their access tokens.</summary>
[Collection(PostgresTests.Name)]
public sealed class TokenTests(PostgresCluster cluster) : IAsyncLifetime
{
    private static readonly Allocataire File763 = new() { Caf = "763", Matricule = "1204571" };

    private GuardedService _service = null!;

    public async Task InitializeAsync() => _service = await GuardedService.StartAsync(cluster);

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Fact]
    public async Task A_person_is_herself_and_the_event_says_who_recorded_it()
    {
        using var admin = await _service.WithTokenAsync(new Token("caf-admin", ["administrateur"], ["763"]));
        await admin.Conventions.SignConventionAsync(Convention());

        var another = Convention();
        another.Context.Actor.Id = "caf-admin-2";
        (await RefusedAsync(() => admin.Conventions.SignConventionAsync(another).ResponseAsync)).ShouldBe(
            (StatusCode.PermissionDenied, "actor-is-the-caller")
        );
        var speaking = Convention();
        speaking.Context.Actor.Kind = ActorKind.Programme;
        speaking.Context.Actor.Id = "robot";
        speaking.Context.Actor.BearerId = "caf-admin";
        (await RefusedAsync(() => admin.Conventions.SignConventionAsync(speaking).ResponseAsync)).ShouldBe(
            (StatusCode.PermissionDenied, "actor-is-the-caller")
        );
        using var dpo = await _service.WithTokenAsync(new Token("dpo-1", ["dpo"], ["763"]));
        using var replay = dpo.History.Replay(
            new()
            {
                Asking = By763("dpo-1"),
                Account = new() { Siret = Siret },
            }
        );
        (await replay.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
        replay.ResponseStream.Current.RecordedBy.ShouldBe("oidc.caf-admin");
    }

    [Fact]
    public async Task A_programme_names_itself_and_the_person_in_whose_name_it_calls()
    {
        using var robot = await _service.WithTokenAsync(
            new Token("agent-c3", ["portal"], ["763"], [Siret], Programme: "robot-1")
        );
        await robot.Consultations.RecordConsultationAsync(ByRobot("robot-1", "agent-c3"));
        foreach (
            var refused in new[] { Consultation(), ByRobot("robot-2", "agent-c3"), ByRobot("robot-1", "agent-d4") }
        )
        {
            (await RefusedAsync(() => robot.Consultations.RecordConsultationAsync(refused).ResponseAsync)).ShouldBe(
                (StatusCode.PermissionDenied, "actor-is-the-caller")
            );
        }

        var anothers = ByRobot("robot-1", "agent-c3");
        anothers.Consultation.Agent = "agent-d4";
        (await RefusedAsync(() => robot.Consultations.RecordConsultationAsync(anothers).ResponseAsync)).ShouldBe(
            (StatusCode.PermissionDenied, "agent-is-the-caller")
        );
    }

    [Fact]
    public async Task A_token_expired_not_yet_valid_for_another_audience_or_of_another_provider_is_unknown()
    {
        var gestionnaire = new Token("agent-a1", ["gestionnaire"], [], [Siret]);
        await using var another = await TestProvider.StartAsync(_service.Pki);
        var tokens = new List<string>
        {
            await _service.Provider.GiveAsync(gestionnaire with { Audience = "another" }),
            await another.GiveAsync(gestionnaire),
            await _service.Provider.GiveAsync(gestionnaire with { Sirets = ["no siret"] }),
            await _service.Provider.GiveAsync(gestionnaire with { Programme = "no identifier of one" }),
            Unsigned(await _service.Provider.GiveAsync(gestionnaire)),
        };
        await using var late = await GuardedService.StartAsync(cluster, TestPki.Now.AddMinutes(-11));
        foreach (var token in tokens)
        {
            using var client = _service.WithToken(token);
            (
                await RefusedAsync(() =>
                    client.Conventions.AttachAgentAsync(new() { Context = By("agent-a1") }).ResponseAsync
                )
            ).Code.ShouldBe(StatusCode.Unauthenticated);
        }

        using var expired = await late.WithTokenAsync(gestionnaire);
        (
            await RefusedAsync(() =>
                expired.Conventions.AttachAgentAsync(new() { Context = By("agent-a1") }).ResponseAsync
            )
        ).Code.ShouldBe(StatusCode.Unauthenticated);
    }

    [Fact]
    public async Task An_investigator_asks_within_an_open_case_of_her_Caf_and_the_question_names_it()
    {
        using var investigator = await _service.WithTokenAsync(new Token("investigator-1", ["investigator"], ["763"]));
        using var other = await _service.WithTokenAsync(new Token("investigator-9", ["investigator"], ["591"]));
        (await AskAsync(investigator, "investigator-1", string.Empty)).ShouldBe(
            (StatusCode.FailedPrecondition, "case-required")
        );
        (await AskAsync(investigator, "investigator-1", "never-opened")).Code.ShouldBe(StatusCode.NotFound);

        await OpenAsync(investigator, "investigator-1", "763", "control-1");
        (await AskAsync(investigator, "investigator-1", "control-1")).Code.ShouldBe(StatusCode.OK);

        await OpenAsync(other, "investigator-9", "591", "control-9");
        (await AskAsync(investigator, "investigator-1", "control-9")).Code.ShouldBe(StatusCode.NotFound);
        (await AskAsync(other, "investigator-9", "control-9", "591")).ShouldBe(
            (StatusCode.PermissionDenied, "own-caf")
        );
        (await AskAsync(other, "investigator-9", "control-9", "763")).ShouldBe(
            (StatusCode.PermissionDenied, "actor-in-scope")
        );

        var end = Step("investigator-1", "763", "control-1", "investigation-closed");
        end.Details["outcome"] = "nothing";
        await investigator.Procedures.TakeStepAsync(end);
        (await AskAsync(investigator, "investigator-1", "control-1")).ShouldBe(
            (StatusCode.FailedPrecondition, "case-open")
        );

        using var dpo = await _service.WithTokenAsync(new Token("dpo-1", ["dpo"], ["763"]));
        var reads = await dpo.History.ListTraceReadsAsync(new() { Asking = By763("dpo-1"), Allocataire = File763 });
        reads.Reads.Select(r => (r.Actor.Id, r.TraceRequest)).ShouldBe([("investigator-1", "control-1")]);
    }

    [Fact]
    public async Task An_answer_is_the_business_of_the_asker_s_Caf_alone()
    {
        using var admin = await _service.WithTokenAsync(new Token("caf-admin", ["administrateur"], ["763"]));
        await admin.Conventions.SignConventionAsync(Convention());
        using var certificate = _service.Pki.Client("portail");
        using var portal = _service.WithCertificate(certificate);
        await portal.Consultations.RecordConsultationAsync(Consultation());

        using var here = await _service.WithTokenAsync(new Token("dpo-1", ["dpo"], ["763"]));
        using var elsewhere = await _service.WithTokenAsync(new Token("dpo-9", ["dpo"], ["591"]));
        (await CountsAsync(here, "dpo-1", "763")).ShouldBe((1, 2, 2));
        (await CountsAsync(elsewhere, "dpo-9", "591")).ShouldBe((0, 0, 0));
        (
            await RefusedAsync(() =>
                elsewhere
                    .History.ListIrregularConsultationsAsync(
                        new()
                        {
                            Asking = AskingAs("dpo-9", "591"),
                            Scope = new() { Caf = "763" },
                        }
                    )
                    .ResponseAsync
            )
        ).ShouldBe((StatusCode.PermissionDenied, "own-caf"));
        (
            await RefusedAsync(() =>
                elsewhere
                    .History.DraftAnnualReviewAsync(new() { Asking = AskingAs("dpo-9", "591"), Convention = "conv-1" })
                    .ResponseAsync
            )
        ).Code.ShouldBe(StatusCode.NotFound);
    }

    [Fact]
    public async Task With_callers_set_up_nobody_is_local()
    {
        System.IO.File.Exists(LocalTokenFile.Of(_service.Running.Address)!).ShouldBeFalse();
        await using var open = await RunningService.StartAsync(cluster);
        var local = (await System.IO.File.ReadAllTextAsync(LocalTokenFile.Of(open.Address)!)).Trim();
        using var client = _service.WithToken(local);
        (
            await RefusedAsync(() =>
                client.Conventions.AttachAgentAsync(new() { Context = By("agent-a1") }).ResponseAsync
            )
        ).Code.ShouldBe(StatusCode.Unauthenticated);
    }

    [Fact]
    public async Task The_local_token_is_the_owner_s_alone_short_lived_of_one_service_and_gone_with_it()
    {
        string file;
        await using (var one = await RunningService.StartAsync(cluster))
        await using (var other = await RunningService.StartAsync(cluster))
        {
            file = LocalTokenFile.Of(one.Address)!;
            System.IO.File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            var token = new Microsoft.IdentityModel.JsonWebTokens.JsonWebToken(
                (await System.IO.File.ReadAllTextAsync(file)).Trim()
            );
            (token.ValidTo - token.ValidFrom).ShouldBe(TimeSpan.FromMinutes(10));
            await one.Client.Conventions.SignConventionAsync(Convention());
            using var mistaken = new LedgerClient(other.Address, new() { TokenFile = file });
            (
                await RefusedAsync(() => mistaken.Conventions.SignConventionAsync(Convention()).ResponseAsync)
            ).Code.ShouldBe(StatusCode.Unauthenticated);
        }

        System.IO.File.Exists(file).ShouldBeFalse();
    }

    [Fact]
    public void A_token_is_not_sent_in_clear_to_another_machine() =>
        Should
            .Throw<ArgumentException>(() =>
                new LedgerClient(new Uri("http://ledger.example:5080"), new() { TokenFile = "some.token" })
            )
            .Message.ShouldContain("TLS only");

    private static async Task<(long Uses, long Story, long Conventions)> CountsAsync(
        LedgerClient client,
        string who,
        string caf
    )
    {
        var story = 0;
        using var replay = client.History.Replay(
            new()
            {
                Asking = AskingAs(who, caf),
                Account = new() { Siret = Siret },
            }
        );
        await foreach (var _ in replay.ResponseStream.ReadAllAsync())
        {
            story++;
        }

        return (
            (await client.History.ListIrregularConsultationsAsync(new() { Asking = AskingAs(who, caf) }))
                .Consultations
                .Count,
            story,
            (await client.History.ListDeadlinesAsync(new() { Asking = AskingAs(who, caf) })).Findings.Count
        );
    }

    private static RecordConsultationRequest ByRobot(string robot, string bearer)
    {
        var request = Consultation();
        request.Context.Actor.Kind = ActorKind.Programme;
        (request.Context.Actor.Id, request.Context.Actor.BearerId) = (robot, bearer);
        request.Consultation.Programme = robot;
        return request;
    }

    private static async Task<(StatusCode Code, string Rule)> AskAsync(
        LedgerClient client,
        string who,
        string inCase,
        string caf = "763"
    )
    {
        var asking = AskingAs(who, caf);
        asking.TraceRequest = inCase;
        try
        {
            await client.History.WhoDidAccessAsync(new() { Asking = asking, Allocataire = File763 });
            return (StatusCode.OK, string.Empty);
        }
        catch (RpcException e)
        {
            return (e.StatusCode, RuleOf(e));
        }
    }

    private static async Task OpenAsync(LedgerClient client, string who, string caf, string id) =>
        await client.Procedures.TakeStepAsync(Step(who, caf, id, "investigation-opened"));

    private static TakeStepRequest Step(string who, string caf, string id, string step) =>
        new()
        {
            Context = AskingAs(who, caf).Context,
            Procedure = id,
            Step = step,
            By = Party.Caf,
            On = $"{TestPki.Now.AddDays(-1):yyyy-MM-dd}",
            Text = "on report of a neighbour",
        };

    private static Asking By763(string who) => AskingAs(who, "763");

    private static string Unsigned(string token) =>
        $"{Convert.ToBase64String("""{"alg":"none"}"""u8.ToArray()).TrimEnd('=')}.{token.Split('.')[1]}.";
}
