using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Tests;
using static Ledger.Tests.SampleRequests;

namespace Ledger.Service.Tests;

/// <summary>What a partner, a service and a case are at a moment.</summary>
[Collection(PostgresTests.Name)]
public sealed class PartnerAndCaseTests(PostgresCluster cluster) : IAsyncLifetime
{
    private RunningService _service = null!;

    public async Task InitializeAsync()
    {
        _service = await RunningService.StartAsync(cluster);
        await _service.Client.UpToAGrantAsync();
    }

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Fact]
    public async Task A_partner_is_told_with_its_convention_its_services_its_gestionnaires_and_its_rights()
    {
        var partner = await _service.Client.History.GetPartenaireAsync(
            new()
            {
                Asking = Asking(),
                Siret = Siret,
                At = At("2026-02-01T10:00:00Z"),
            }
        );
        var convention = partner.Conventions.ShouldHaveSingleItem();
        (convention.Number, convention.InForceFrom, convention.InForce, convention.EndsOn, convention.Mode).ShouldBe(
            ("2026-042", "2026-01-08", true, "", "delegue")
        );
        convention.Missions.ShouldBe(["aide-sociale"]);
        convention.Formalities.ShouldBeTrue();
        var service = convention.Services.ShouldHaveSingleItem();
        service.Service.ShouldBe("CDAP");
        service.Open.ShouldHaveSingleItem().Until.ShouldBeNull();
        service.Profils.ShouldContain("T2");
        var office = convention.Offices.ShouldHaveSingleItem();
        (office.Agent, office.Rank).ShouldBe(("agent-a1", "principal"));
        var right = partner.Habilitations.ShouldHaveSingleItem();
        (right.Agent, right.Profil, right.Effective).ShouldBe(("agent-c3", "T2", true));
        partner.Acts.Select(a => a.Type).ShouldContain("convention-signed.v1");
    }

    [Fact]
    public async Task Before_the_grant_began_the_right_is_told_with_what_stood_in_the_way()
    {
        var partner = await _service.Client.History.GetPartenaireAsync(
            new()
            {
                Asking = Asking(),
                Siret = Siret,
                At = At("2026-01-06T10:00:00Z"),
            }
        );
        partner.Conventions.ShouldHaveSingleItem().InForce.ShouldBeFalse();
        var right = partner.Habilitations.ShouldHaveSingleItem();
        right.Effective.ShouldBeFalse();
        right.Missing.ShouldContain("convention-not-in-force");
    }

    [Fact]
    public async Task A_service_is_told_with_the_partners_that_it_is_open_to_and_the_rights_to_it()
    {
        var cdap = await _service.Client.History.GetServiceAsync(new() { Asking = Asking(), Service = "CDAP" });
        cdap.Conventions.ShouldHaveSingleItem().Siret.ShouldBe(Siret);
        cdap.Habilitations.ShouldHaveSingleItem().Agent.ShouldBe("agent-c3");
        var other = await _service.Client.History.GetServiceAsync(new() { Asking = Asking(), Service = "AUTRE" });
        (other.Conventions.Count, other.Habilitations.Count).ShouldBe((0, 0));
    }

    [Fact]
    public async Task Another_caf_is_told_nothing_of_a_partner_of_this_one()
    {
        var partner = await _service.Client.History.GetPartenaireAsync(
            new() { Asking = Asking(caf: "751"), Siret = Siret }
        );
        (partner.Conventions.Count, partner.Habilitations.Count, partner.Acts.Count).ShouldBe((0, 0, 0));
    }

    [Fact]
    public async Task The_rights_of_a_partner_come_page_by_page_and_each_once_its_convention_once()
    {
        for (var i = 2; i <= 5; i++)
        {
            await _service.Client.Habilitations.GrantHabilitationAsync(Grant($"hab-{i}"));
        }

        var (seen, token) = (new List<string>(), string.Empty);
        do
        {
            var page = await _service.Client.History.GetPartenaireAsync(
                new()
                {
                    Asking = Asking(),
                    Siret = Siret,
                    Paging = new() { Size = 2, Token = token },
                }
            );
            page.Conventions.Count.ShouldBe(seen.Count == 0 ? 1 : 0);
            seen.AddRange(page.Habilitations.Select(h => h.Habilitation));
            token = page.NextPageToken;
        } while (token.Length > 0);

        seen.ShouldBe(["hab-1", "hab-2", "hab-3", "hab-4", "hab-5"]);
    }

    [Fact]
    public async Task A_case_is_told_with_its_steps_the_questions_asked_in_it_and_what_may_come_next()
    {
        await StepAsync("trace-request-filed", "case-1");
        await AskInAsync("case-1");
        await StepAsync("trace-request-noted", "case-1");

        var found = await _service.Client.History.GetCaseAsync(new() { Asking = Asking(), Case = "case-1" });
        (found.Case.Kind, found.Case.Status, found.Case.Waits).ShouldBe(("trace-request", CaseStatus.Open, true));
        found.Steps.Select(s => s.Type).ShouldBe(["trace-request-filed.v1", "trace-request-noted.v1"]);
        found.Questions.ShouldHaveSingleItem().Question.ShouldBe("who-did-access");
        found.NextSteps.ShouldBe(["trace-request-decided", "trace-request-noted"]);

        await AskInAsync("case-1");
        var first = await _service.Client.History.GetCaseAsync(Page(string.Empty));
        var second = await _service.Client.History.GetCaseAsync(Page(first.NextPageToken));
        (first.Questions.Count, first.Steps.Count).ShouldBe((1, 2));
        (second.Questions.Count, second.Steps.Count, second.NextPageToken).ShouldBe((1, 0, ""));

        await StepAsync("trace-request-decided", "case-1", ("outcome", "granted"));
        await StepAsync("trace-request-delivered", "case-1");
        var closed = await _service.Client.History.GetCaseAsync(new() { Asking = Asking(), Case = "case-1" });
        (closed.Case.Status, closed.Case.Waits, closed.NextSteps.Count).ShouldBe((CaseStatus.Closed, false, 0));

        static GetCaseRequest Page(string token) =>
            new()
            {
                Asking = Asking(),
                Case = "case-1",
                Paging = new() { Size = 1, Token = token },
            };
    }

    [Fact]
    public async Task Cases_are_listed_page_by_page_the_closed_ones_only_when_they_are_asked_for()
    {
        for (var i = 1; i <= 3; i++)
        {
            await StepAsync("investigation-opened", $"control-{i}");
        }

        await StepAsync("investigation-closed", "control-2", ("outcome", "nothing found"));
        (await CasesAsync(closed: false)).ShouldBe(["control-1", "control-3"]);
        (await CasesAsync(closed: true)).ShouldBe(["control-1", "control-2", "control-3"]);
        var other = await _service.Client.History.ListCasesAsync(new() { Asking = Asking(caf: "751"), Closed = true });
        other.Cases.ShouldBeEmpty();
        var refused = await Should.ThrowAsync<RpcException>(async () =>
            await _service.Client.History.GetCaseAsync(new() { Asking = Asking(caf: "751"), Case = "control-1" })
        );
        refused.StatusCode.ShouldBe(StatusCode.NotFound);
    }

    [Fact]
    public async Task A_closed_case_takes_no_more_notes_and_one_whose_opening_is_rectified_was_never_opened()
    {
        await StepAsync("investigation-opened", "control-1");
        await StepAsync("investigation-closed", "control-1", ("outcome", "nothing found"));
        var refused = await Should.ThrowAsync<RpcException>(() => StepAsync("investigation-noted", "control-1"));
        refused.Status.Detail.ShouldContain("'investigation-noted' does not come after 'investigation-closed'.");

        var opened = await StepAsync("investigation-opened", "control-2");
        await StepAsync("investigation-noted", "control-2");
        await _service.Client.Procedures.RectifyEventAsync(
            new()
            {
                Context = ByCaf(),
                Of = opened,
                Reason = "opened by mistake",
            }
        );
        (await CasesAsync(closed: true)).ShouldBe(["control-1"]);
        var asking = Asking();
        asking.TraceRequest = "control-2";
        var unknown = await Should.ThrowAsync<RpcException>(async () =>
            await _service.Client.History.ListDeadlinesAsync(new() { Asking = asking })
        );
        unknown.StatusCode.ShouldBe(StatusCode.NotFound);
    }

    [Fact]
    public async Task All_pages_of_an_answer_speak_of_the_moment_of_the_first_and_only_its_Caf_turns_them()
    {
        await _service.Client.Habilitations.GrantHabilitationAsync(Grant("hab-2"));
        var first = await _service.Client.History.GetPartenaireAsync(Page(string.Empty, "763"));
        var second = await _service.Client.History.GetPartenaireAsync(Page(first.NextPageToken, "763"));
        second.At.ShouldBe(first.At);
        second.Habilitations.ShouldHaveSingleItem().Habilitation.ShouldBe("hab-2");
        var refused = await Should.ThrowAsync<RpcException>(async () =>
            await _service.Client.History.GetPartenaireAsync(Page(first.NextPageToken, "751"))
        );
        refused.StatusCode.ShouldBe(StatusCode.InvalidArgument);

        static GetPartenaireRequest Page(string token, string caf) =>
            new()
            {
                Asking = Asking(caf: caf),
                Siret = Siret,
                Paging = new() { Size = 1, Token = token },
            };
    }

    [Fact]
    public async Task Whoever_runs_the_ledger_is_known_as_everybody_here()
    {
        var caller = await _service.Client.Callers.GetCallerAsync(new());
        (caller.Id, caller.EveryCaf, caller.EverySiret).ShouldBe(("local", true, true));
        caller.Roles.ShouldContain("investigator");
    }

    private async Task AskInAsync(string request)
    {
        var asking = Asking();
        asking.TraceRequest = request;
        await _service.Client.History.WhoDidAccessAsync(
            new()
            {
                Asking = asking,
                Allocataire = new() { Caf = "763", Matricule = "1204571" },
            }
        );
    }

    private async Task<List<string>> CasesAsync(bool closed)
    {
        var (seen, token) = (new List<string>(), string.Empty);
        do
        {
            var page = await _service.Client.History.ListCasesAsync(
                new()
                {
                    Asking = Asking(),
                    Closed = closed,
                    Paging = new() { Size = 1, Token = token },
                }
            );
            seen.AddRange(page.Cases.Select(c => c.Case));
            token = page.NextPageToken;
        } while (token.Length > 0);

        return seen;
    }

    private async Task<long> StepAsync(string step, string procedure, params (string Name, string Value)[] details)
    {
        var request = new TakeStepRequest
        {
            Context = ByCaf(),
            Procedure = procedure,
            Step = step,
            By = Party.Caf,
            On = Today(),
            Text = "about agent-c3",
        };
        foreach (var (name, value) in details)
        {
            request.Details.Add(name, value);
        }

        return (await _service.Client.Procedures.TakeStepAsync(request)).Acknowledgement.Position;
    }

    private static string Today() =>
        Ledger.Domain.Common.LegalTime.DayOf(TimeProvider.System.GetUtcNow()).ToString("yyyy-MM-dd");
}
