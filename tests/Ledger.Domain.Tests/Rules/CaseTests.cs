using Ledger.Domain.Common;
using Ledger.Domain.Control;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Domain.Tests.Rules;

/// <summary>The cases that questions rest on: art. 7.</summary>
public sealed class CaseTests
{
    private static readonly Actor OfAnotherCaf = new(AgentId.Parse("investigator-9"), CafCode.Parse("591"), null);

    private readonly World _world = World.UpToAGrant();

    [Fact]
    public void A_question_rests_on_a_request_for_traces_or_a_control_that_is_open_at_the_asker_s_Caf()
    {
        Take("tr-1", "trace-request-filed", "2026-05-01");
        Take("c-1", "investigation-opened", "2026-05-01");
        Take("audit-1", "audit-opened", "2026-05-01");
        Ask("tr-1");
        Ask("c-1");
        Should.Throw<UnknownException>(() => Ask("audit-1"));
        Should.Throw<UnknownException>(() => Ask("nothing"));
        Should.Throw<UnknownException>(() => Ask("c-1", OfAnotherCaf));
        _world.Refuses(ByCaf, Question(null)).Rule.ShouldBe("case-required");

        Take("tr-1", "trace-request-decided", "2026-05-02", (DetailNames.Outcome, "granted"));
        Ask("tr-1");
        Take("tr-1", "trace-request-delivered", "2026-05-03");
        _world.Refuses(ByCaf, Question("tr-1")).Rule.ShouldBe("case-open");
    }

    [Fact]
    public void A_case_is_open_for_three_months_or_until_the_day_that_its_last_step_says()
    {
        _world.Clock = At("2026-08-01T12:00:00Z");
        Take("c-1", "investigation-opened", "2026-05-01");
        Take("tr-1", "trace-request-filed", "2026-05-01", (DetailNames.ExpiresOn, "2026-07-31"));
        Ask("c-1");
        _world.Refuses(ByCaf, Question("tr-1")).Rule.ShouldBe("case-open");
        Take(
            "tr-1",
            "trace-request-decided",
            "2026-07-30",
            (DetailNames.Outcome, "granted"),
            (DetailNames.ExpiresOn, "2026-08-31")
        );
        Ask("tr-1");
        _world.Clock = At("2026-08-01T22:00:00Z");
        _world.Refuses(ByCaf, Question("c-1")).Rule.ShouldBe("case-open");
        Should
            .Throw<InvalidFieldException>(() =>
                Take("c-2", "investigation-opened", "2026-05-01", (DetailNames.ExpiresOn, "soon"))
            )
            .Field.ShouldBe("details[expires-on]");
    }

    [Fact]
    public void A_case_whose_opening_was_rectified_is_none()
    {
        Take("c-1", "investigation-opened", "2026-05-01");
        _world.Do(ByCaf, new Rectify(_world.Next - 1, "by mistake"));
        Should.Throw<UnknownException>(() => Ask("c-1"));
    }

    private static ConsultTraces Question(string? inCase) =>
        new("who-did-access", "{}", inCase is null ? null : ProcedureId.Parse(inCase), null, 0, NeedsCase: true);

    private void Ask(string inCase, Actor? by = null) =>
        ((TracesConsulted)_world.Do(by ?? ByCaf, Question(inCase))).TraceRequest.ShouldBe(ProcedureId.Parse(inCase));

    private void Take(string procedure, string step, string on, params (string Name, string Value)[] details) =>
        _world.Do(
            ByCaf,
            new TakeStep(
                step,
                new ProcedureStep(
                    ProcedureId.Parse(procedure),
                    Convention,
                    Party.Caf,
                    Day(on),
                    "text",
                    details.ToDictionary(d => d.Name, d => d.Value),
                    []
                )
            )
        );
}
