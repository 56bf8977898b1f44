using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Rights;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Domain.Tests.Rules;

/// <summary>What a grant needs, when: art. 8, 9.1, 9.2.</summary>
public sealed class GrantTests
{
    private readonly BaseCase _case = new();

    [Fact]
    public void Its_conditions_hold_when_it_begins_on_its_first_day_and_not_before_it_is_made()
    {
        _case.Departs("a2", "2024-04-01");
        Refused(BaseCase.Granted("h2", "a2", at: "2024-05-01T09:00:00Z")).ShouldBe("agent-of-the-partenaire");
        _case.Grant(BaseCase.Granted("h2", "a2", at: "2024-03-01T09:00:00Z"));
    }

    [Fact]
    public void Its_end_is_after_its_first_day_and_after_it_is_made()
    {
        InvalidFieldException Invalid(HabilitationGranted granted) =>
            Should.Throw<InvalidFieldException>(() => _case.Grant(granted));
        Invalid(BaseCase.Granted(until: "2024-02-01")).Field.ShouldBe("until");
        Invalid(BaseCase.Granted(until: "2024-03-01", at: "2024-03-02T09:00:00Z")).Field.ShouldBe("until");
        _case.Grant(BaseCase.Granted(until: "2024-03-01", at: "2024-02-28T09:00:00Z"));
    }

    [Fact]
    public void Every_purpose_is_among_the_missions_and_the_enrolment()
    {
        _case.Enrol("2024-01-15", BaseCase.Whole, purposes: [BaseCase.AideSociale]);
        Refused(BaseCase.Granted(purposes: [BaseCase.AideSociale, BaseCase.Logement])).ShouldBe("purpose-enrolled");
        Refused(BaseCase.Granted(purposes: [Purpose.Parse("curiosity")])).ShouldBe("purpose-among-missions");
    }

    [Fact]
    public void It_is_to_oneself_only_for_the_same_person_of_the_partner()
    {
        var given = new BaseCase(HabilitationMode.Centralise);
        given.Attach("caf-admin");
        given.Do(
            BaseCase.G1,
            new RequestHabilitation(
                new(BaseCase.Conv, BaseCase.H1, BaseCase.Caf0.Id, Cdap, BaseCase.T1, "needed", Day("2024-01-11"))
            )
        );
        (
            (HabilitationGranted)given.Do(BaseCase.Caf0, new GrantHabilitation(BaseCase.Granted(agent: "caf-admin")))
        ).ToOneself.ShouldBeFalse();
        _case.Attach("g1");
        (
            (HabilitationGranted)_case.Do(BaseCase.G1, new GrantHabilitation(BaseCase.Granted(agent: "g1")))
        ).ToOneself.ShouldBeTrue();
    }

    [Fact]
    public void Nothing_is_done_to_a_rectified_grant()
    {
        _case.Rectify(_case.Grant());
        var at = BaseCase.Moment("2024-05-01");
        ICommand[] acts =
        [
            new SuspendHabilitation(new(BaseCase.H1, at, true, "x")),
            new LiftSuspension(new(BaseCase.H1, at, "x")),
            new ModifyHabilitation(new(BaseCase.H1, at, [BaseCase.Logement], null, null, "x")),
            new RevokeHabilitation(new(BaseCase.H1, at, "x")),
            new ReviewHabilitation(new(BaseCase.H1, at, "x")),
        ];
        acts.ShouldAllBe(act => _case.Refused(BaseCase.G1, act, null) == "grant-stands");
        _case.Refused(BaseCase.Caf0, new InvalidateHabilitation(new(BaseCase.H1, at, "x"))).ShouldBe("grant-stands");
    }

    [Fact]
    public void An_expired_right_is_granted_anew_and_not_modified_back_to_life()
    {
        _case.Grant(BaseCase.Granted(until: "2024-04-01"));
        _case
            .Refused(
                BaseCase.G1,
                new ModifyHabilitation(
                    new(BaseCase.H1, BaseCase.Moment("2024-04-01"), null, null, Day("2024-12-31"), "x")
                )
            )
            .ShouldBe("not-expired");
        _case.Modify("2024-03-20", BaseCase.G1, until: "2024-05-01");
        var putOff = _case.World.Next - 1;
        _case.Modify("2024-04-20", BaseCase.G1, until: "2024-12-31");
        _case.Consult().Authorised.ShouldBeTrue();
        _case.Rectify(putOff);
        _case.Consult().Reasons.ShouldBe([Reason.HabilitationExpired]);
    }

    private string Refused(HabilitationGranted granted) => _case.Refused(BaseCase.G1, new GrantHabilitation(granted));
}
