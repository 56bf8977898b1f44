using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Rights;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Domain.Tests.Rules;

/// <summary>How a convention ends, and what is no longer done then: art. 17.</summary>
public sealed class EndOfConventionTests
{
    private readonly BaseCase _case = new();

    [Fact]
    public void After_the_end_nothing_new_is_granted_enrolled_amended_designated_or_changed_in_mode()
    {
        _case.World.Clock = At("2024-08-01T10:00:00Z");
        _case.Grant();
        _case.Do(BaseCase.Caf0, new TerminateConvention(new(BaseCase.Conv, Day("2024-07-01"), "by agreement")));
        var day = Day("2024-07-01");
        var conv = BaseCase.Conv;
        ICommand[] refused =
        [
            new GrantHabilitation(BaseCase.Granted("h2", "a2", at: "2024-07-02T09:00:00Z")),
            new GrantHabilitation(BaseCase.Granted("h2", "a2", from: "2024-07-01")),
        ];
        refused.ShouldAllBe(c => _case.Refused(BaseCase.G1, c, "letter") == "convention-ended");
        ICommand[] refusedToCaf =
        [
            new SignEnrolment(new(conv, Cdap, [BaseCase.T1], [BaseCase.AideSociale], BaseCase.Whole, day)),
            new AmendConvention(new(conv, "1", day, day, day, null, "text")),
            new DesignateGestionnaire(new(conv, AgentId.Parse("g2"), GestionnaireRank.Suppleant, day)),
            new ChangeHabilitationMode(new(conv, HabilitationMode.Centralise, Day("2024-08-02"), "audit")),
        ];
        refusedToCaf.ShouldAllBe(c => _case.Refused(BaseCase.Caf0, c, "letter") == "convention-ended");
    }

    [Fact]
    public void After_the_end_acts_that_narrow_and_facts_are_still_recorded()
    {
        _case.Grant();
        _case.Take("termination-notified", "p1", "2024-03-15", Party.Caf, ("wished-on", "2024-04-01"));
        _case.Consult("2024-06-14").Authorised.ShouldBeTrue();
        _case.Consult("2024-06-15").Reasons.ShouldBe([Reason.ConventionTerminated]);
        _case.Suspend("2024-07-01", BaseCase.Caf0);
        _case.Departs("a2", "2024-07-02");
        _case.Do(BaseCase.Caf0, new RevokeHabilitation(new(BaseCase.H1, BaseCase.Moment("2024-07-03"), "over")));
    }

    [Fact]
    public void A_remedy_cures_the_notice_before_it_and_no_other()
    {
        _case.Grant();
        _case.Take("breach-noticed", "p1", "2024-03-01", Party.Caf, ("breaches", "passwords"));
        var first = _case.World.Next - 1;
        _case.Take("breach-remedied", "p1", "2024-03-20", Party.Partenaire);
        _case.Consult().Authorised.ShouldBeTrue();
        _case.Rectify(first);
        _case.Take("breach-noticed", "p1", "2024-04-15", Party.Caf, ("breaches", "passwords again"));
        _case.Consult().Reasons.ShouldBe([Reason.ConventionTerminated]);
        _case.Consult("2024-05-14").Authorised.ShouldBeTrue();
    }

    [Fact]
    public void A_notice_whose_effect_would_precede_the_convention_ends_it_from_its_first_day()
    {
        _case.Grant();
        _case.Take("termination-notified", "p1", "2023-06-01", Party.Partenaire, ("wished-on", "2023-09-01"));
        _case.Consult().Reasons.ShouldBe([Reason.ConventionTerminated]);
        _case.Consult("2024-01-05").Reasons.ShouldContain(Reason.ConventionTerminated);
        _case.Consult("2024-01-04").Reasons.ShouldContain(Reason.ConventionNotInForce);
    }
}
