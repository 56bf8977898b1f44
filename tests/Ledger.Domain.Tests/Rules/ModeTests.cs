using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Rights;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Domain.Tests.Rules;

/// <summary>Who manages the rights, and what is asked of the Caf: art. 9.1.</summary>
public sealed class ModeTests
{
    private static readonly HabilitationId H1 = BaseCase.H1;

    [Fact]
    public void A_change_of_mode_takes_effect_no_earlier_than_the_day_on_which_it_is_recorded()
    {
        var given = new BaseCase();
        given.World.Clock = At("2024-03-01T10:00:00Z");
        given.Grant();
        given.Refused(BaseCase.Caf0, Change("2024-02-29")).ShouldBe("mode-from-its-recording");
        given.Do(BaseCase.Caf0, Change("2024-03-01"));
        given.World.Clock = At("2024-07-01T10:00:00Z");
        given.Consult().Authorised.ShouldBeTrue();
    }

    [Fact]
    public void A_grant_made_and_recorded_earlier_on_the_day_of_the_change_stays_right()
    {
        var given = new BaseCase();
        given.World.Clock = At("2024-03-01T10:00:00Z");
        given.Grant(BaseCase.Granted(at: "2024-03-01T09:00:00Z"));
        given.Do(BaseCase.Caf0, Change("2024-03-01"));
        given.Consult().Authorised.ShouldBeTrue();
    }

    [Fact]
    public void A_grant_in_centralise_does_not_precede_its_request_and_falls_with_its_rectification()
    {
        var given = new BaseCase(HabilitationMode.Centralise);
        var request = Request(given, "2024-01-20");
        given
            .Refused(BaseCase.Caf0, new GrantHabilitation(BaseCase.Granted(at: "2024-01-19T09:00:00Z")))
            .ShouldBe("request-before-grant");
        given.Grant(BaseCase.Granted(at: "2024-01-21T09:00:00Z"), BaseCase.Caf0);
        given.Consult().Authorised.ShouldBeTrue();
        given.Consult().Because.ShouldContain(request);
        given.Rectify(request);
        given.Consult().Reasons.ShouldBe([Reason.GrantorNotEntitled]);
        given.Consult().Because.ShouldContain(given.World.Next - 1);
    }

    [Fact]
    public void A_request_is_judged_by_the_office_at_the_day_on_which_it_was_received()
    {
        var given = new BaseCase(HabilitationMode.Centralise);
        given.EndOffice("g1", "2024-03-01");
        given.Refused(BaseCase.G1, new RequestHabilitation(Asked("2024-03-01"))).ShouldBe("gestionnaire-in-office");
        Request(given, "2024-02-29");
    }

    [Fact]
    public void Asked_again_after_a_refusal_it_can_be_granted()
    {
        var given = new BaseCase(HabilitationMode.Centralise);
        Request(given, "2024-01-20");
        given.Do(BaseCase.Caf0, new RefuseHabilitation(new(BaseCase.Conv, H1, "no need", Day("2024-01-21"))));
        given
            .Refused(BaseCase.Caf0, new GrantHabilitation(BaseCase.Granted(at: "2024-01-22T09:00:00Z")))
            .ShouldBe("request-of-the-partenaire");
        Request(given, "2024-01-25");
        given.Grant(BaseCase.Granted(at: "2024-01-26T09:00:00Z"), BaseCase.Caf0);
        given.Consult().Authorised.ShouldBeTrue();
    }

    private static ChangeHabilitationMode Change(string from) =>
        new(new(BaseCase.Conv, HabilitationMode.Centralise, Day(from), "audit"));

    private static HabilitationRequested Asked(string on) =>
        new(BaseCase.Conv, H1, AgentId.Parse("a1"), Cdap, BaseCase.T1, "needed", Day(on));

    private static long Request(BaseCase given, string on)
    {
        given.Do(BaseCase.G1, new RequestHabilitation(Asked(on)));
        return given.World.Next - 1;
    }
}
