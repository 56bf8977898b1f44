using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Rights;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Domain.Tests.Rules;

/// <summary>An act is judged by the office that its author had at its moment, as known now: art. 9.1.</summary>
public sealed class OfficeTests
{
    private static readonly Actor G2 = BaseCase.Of("g2");

    private readonly BaseCase _case = new();

    public OfficeTests()
    {
        _case.Designate("g2", "2024-01-10");
        _case.Grant();
    }

    [Fact]
    public void A_lift_by_somebody_whose_office_turns_out_to_have_ended_restores_nothing()
    {
        _case.Suspend("2024-04-15", BaseCase.G1);
        _case.Lift("2024-05-01", G2);
        _case.Consult().Authorised.ShouldBeTrue();
        _case.EndOffice("g2", "2024-04-01");
        var ended = _case.World.Next - 1;
        _case.Consult().Reasons.ShouldBe([Reason.HabilitationSuspended]);
        _case.Consult().Because.ShouldContain(ended);
    }

    [Fact]
    public void A_modification_by_somebody_without_office_narrows_and_does_not_widen()
    {
        _case.Modify("2024-05-01", G2, purposes: [BaseCase.Logement]);
        _case.Consult(purpose: BaseCase.Logement).Authorised.ShouldBeTrue();
        _case.EndOffice("g2", "2024-04-01");
        _case.Consult(purpose: BaseCase.Logement).Reasons.ShouldContain(Reason.PurposeNotGranted);
        _case.Consult().Reasons.ShouldContain(Reason.PurposeNotGranted);
    }

    [Fact]
    public void An_end_put_off_by_somebody_without_office_stays_where_it_was()
    {
        _case.Grant(BaseCase.Granted("h2", "a2", until: "2024-05-15"));
        _case.Do(
            G2,
            new ModifyHabilitation(
                new(HabilitationId.Parse("h2"), BaseCase.Moment("2024-05-01"), null, null, Day("2024-12-31"), "more")
            )
        );
        _case.Consult(agent: "a2").Authorised.ShouldBeTrue();
        _case.EndOffice("g2", "2024-04-01");
        _case.Consult(agent: "a2").Reasons.ShouldBe([Reason.HabilitationExpired]);
    }

    [Fact]
    public void A_suspension_by_somebody_whose_office_turns_out_to_have_ended_stands()
    {
        _case.Suspend("2024-05-01", G2);
        _case.EndOffice("g2", "2024-04-01");
        _case.Consult().Reasons.ShouldBe([Reason.HabilitationSuspended]);
    }

    [Fact]
    public void An_office_ends_at_its_holders_departure_and_does_not_come_back_with_the_agent()
    {
        _case.Attach("g2");
        _case.Departs("g2", "2024-04-01");
        _case
            .Refused(G2, new GrantHabilitation(BaseCase.Granted("h2", "a2", at: "2024-04-02T09:00:00Z")))
            .ShouldBe("gestionnaire-in-office");
        _case.Attach("g2", "2024-06-01");
        _case
            .Refused(G2, new GrantHabilitation(BaseCase.Granted("h2", "a2", at: "2024-06-02T09:00:00Z")))
            .ShouldBe("gestionnaire-in-office");
        _case.Designate("g2", "2024-07-01");
        _case.Grant(BaseCase.Granted("h2", "a2", at: "2024-07-02T09:00:00Z"), G2);
    }

    [Fact]
    public void A_departure_learnt_late_takes_away_what_its_agent_had_granted_since()
    {
        _case.Grant(BaseCase.Granted("h2", "a2", at: "2024-05-02T09:00:00Z"), G2);
        _case.Consult(agent: "a2").Authorised.ShouldBeTrue();
        _case.Departs("g2", "2024-05-01");
        _case.Consult(agent: "a2").Reasons.ShouldBe([Reason.GrantorNotEntitled]);
    }

    [Fact]
    public void A_departure_is_from_the_partner_and_ends_rights_and_offices_under_each_of_its_conventions()
    {
        var other = ConventionId.Parse("c2");
        _case.Sign(other);
        _case.Attach("a1", convention: other);
        _case.Do(
            BaseCase.G1,
            new DesignateGestionnaire(new(other, AgentId.Parse("g2"), GestionnaireRank.Principal, Day("2024-01-10")))
        );
        _case.Grant(BaseCase.Granted("h2") with { Convention = other }, G2);
        _case.Consult(claimed: "h2").Authorised.ShouldBeTrue();
        _case.Departs("a1", "2024-05-01");
        var departed = _case.World.Next - 1;
        _case.Consult(claimed: "h1").Reasons.ShouldBe([Reason.AgentDeparted]);
        _case.Consult(claimed: "h2").Reasons.ShouldBe([Reason.AgentDeparted]);
        _case.Rectify(departed);
        _case.Consult(claimed: "h2").Authorised.ShouldBeTrue();
        _case.Departs("g2", "2024-01-15");
        _case.Consult(claimed: "h2").Reasons.ShouldBe([Reason.GrantorNotEntitled]);
        _case.Consult(claimed: "h2", knownAt: _case.World.Next - 2).Authorised.ShouldBeTrue();
    }

    [Fact]
    public void A_convention_signed_later_knows_who_had_left_the_partner()
    {
        var other = ConventionId.Parse("c2");
        _case.Departs("a1", "2024-03-01");
        _case.Sign(other);
        _case.Attach("a1", convention: other);
        _case
            .Refused(BaseCase.Caf0, new GrantHabilitation(BaseCase.Granted("h2") with { Convention = other }))
            .ShouldBe("gestionnaire-in-office");
        _case.Do(
            BaseCase.G1,
            new DesignateGestionnaire(new(other, BaseCase.G1.Id, GestionnaireRank.Principal, Day("2024-01-10")))
        );
        _case
            .Refused(
                BaseCase.G1,
                new GrantHabilitation(BaseCase.Granted("h2", at: "2024-04-01T09:00:00Z") with { Convention = other })
            )
            .ShouldBe("agent-of-the-partenaire");
    }
}
