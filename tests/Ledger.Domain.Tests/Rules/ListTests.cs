using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Questions;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Domain.Tests.Rules;

/// <summary>What the investigators' lists show, and what they leave out.</summary>
public sealed class ListTests
{
    private static readonly Actor G2 = BaseCase.Of("g2");

    private readonly BaseCase _case = new();

    [Fact]
    public void Acts_by_somebody_without_office_are_questionable_also_those_that_stand()
    {
        _case.Designate("g2", "2024-01-10");
        _case.Grant();
        _case.Suspend("2024-04-15", G2);
        _case.Lift("2024-05-01", G2);
        _case.Modify("2024-05-02", G2, purposes: [BaseCase.AideSociale, BaseCase.Logement]);
        QuestionableActs.Of(_case.World.Known).ShouldBeEmpty();
        _case.EndOffice("g2", "2024-04-01");
        QuestionableActs
            .Of(_case.World.Known)
            .Select(f => f.Kind)
            .ShouldBe(
                ["lift-without-office", "modification-without-office", "suspension-without-office"],
                ignoreOrder: true
            );
    }

    [Fact]
    public void A_gestionnaire_who_widens_a_right_of_her_own_is_flagged()
    {
        _case.Attach("g1");
        _case.Grant(BaseCase.Granted(agent: "g1"));
        _case.Modify("2024-03-01", BaseCase.G1, purposes: [BaseCase.AideSociale, BaseCase.Logement]);
        QuestionableActs
            .Of(_case.World.Known)
            .Select(f => f.Kind)
            .ShouldBe(["grant-to-oneself", "widening-of-ones-own"], ignoreOrder: true);
    }

    [Fact]
    public void A_rectified_grant_is_not_questionable()
    {
        _case.Attach("g1");
        _case.Rectify(_case.Grant(BaseCase.Granted(agent: "g1")));
        QuestionableActs.Of(_case.World.Known).ShouldBeEmpty();
    }

    [Fact]
    public void Use_after_an_end_lists_no_use_before_a_beginning()
    {
        _case.Grant();
        _case.Do(BaseCase.G1, new RevokeHabilitation(new(BaseCase.H1, BaseCase.Moment("2024-01-25"), "x")));
        IsAfterEnd("2024-01-26").ShouldBeFalse();
        IsAfterEnd("2024-02-26").ShouldBeTrue();
        _case.Do(BaseCase.Caf0, new CloseService(new(BaseCase.Conv, Cdap, Day("2024-05-01"), "x")));
        IsAfterEnd("2024-01-09").ShouldBeFalse();
    }

    [Fact]
    public void A_closed_service_has_ended_and_one_that_was_never_open_has_not()
    {
        var other = new BaseCase();
        other.Grant();
        other.Do(BaseCase.Caf0, new CloseService(new(BaseCase.Conv, Cdap, Day("2024-05-01"), "x")));
        Judged(other, "2024-06-01").ShouldBeTrue();
        Judged(other, "2024-04-01").ShouldBeFalse();
    }

    [Fact]
    public void Deadlines_as_of_a_day_know_the_steps_until_then_and_end_with_the_convention()
    {
        _case.Take("breach-noticed", "p1", "2024-03-01", Party.Caf, ("breaches", "passwords"));
        _case.Take("breach-remedied", "p1", "2024-03-20", Party.Partenaire);
        Kinds("2024-02-28").ShouldNotContain("breach");
        Kinds("2024-03-10").ShouldContain("breach");
        Kinds("2024-03-25").ShouldNotContain("breach");
        _case.Take("meeting-requested", "p2", "2024-05-20", Party.Caf);
        Kinds("2024-05-25").ShouldContain("meeting");
        _case.Do(BaseCase.Caf0, new TerminateConvention(new(BaseCase.Conv, Day("2024-06-01"), "by agreement")));
        Kinds("2024-05-25").ShouldContain("meeting");
        Kinds("2024-06-01").ShouldBeEmpty();
    }

    [Fact]
    public void A_wished_effect_later_than_three_months_is_the_end_that_is_shown()
    {
        _case.Take("termination-notified", "p1", "2024-03-15", Party.Caf, ("wished-on", "2024-09-01"));
        GovernanceQuestions
            .Deadlines(_case.World.Known, Day("2024-04-01"))
            .Single(f => f.Kind == "termination")
            .On.ShouldBe(Day("2024-09-01"));
    }

    [Fact]
    public void A_departure_signalled_in_time_and_signalled_again_is_no_delay()
    {
        _case.Departs("a1", "2024-03-01");
        _case.Departs("a1", "2024-03-01", signalled: "2024-03-20");
        GovernanceQuestions.ReportingDelays(_case.World.Known, 1).ShouldBeEmpty();
        _case.Attach("a1", "2024-05-01");
        _case.Departs("a1", "2024-06-01", signalled: "2024-06-05");
        GovernanceQuestions.ReportingDelays(_case.World.Known, 1).Single().Days.ShouldBe(4);
    }

    [Fact]
    public void A_prestataire_is_not_covered_after_the_end_of_the_convention()
    {
        _case.Take(
            "prestataire-declared",
            "p1",
            "2024-01-10",
            Party.Partenaire,
            ("prestataires", "Host SA"),
            ("places", "Lille"),
            ("database-places", "Paris"),
            ("legal-regime", "RGPD"),
            ("tasks", "hosting")
        );
        _case.Take("commitments-subscribed", "p1", "2024-02-01", Party.Partenaire, ("prestataire", "Host SA"));
        State("2024-08-01").ShouldBe("covered");
        _case.Do(BaseCase.Caf0, new TerminateConvention(new(BaseCase.Conv, Day("2024-09-01"), "by agreement")));
        State("2024-08-01").ShouldBe("covered");
        State("2024-09-01").ShouldBe("over");

        string State(string day) =>
            GovernanceQuestions.Prestataires(_case.World.Known, BaseCase.P0, Day(day)).Single().Kind;
    }

    private IEnumerable<string> Kinds(string day) =>
        GovernanceQuestions
            .Deadlines(_case.World.Known, Day(day))
            .Select(f => f.Kind)
            .Except(["tacit-renewal", "annual-review"]);

    private bool IsAfterEnd(string on) => Judged(_case, on);

    private static bool Judged(BaseCase of, string on)
    {
        var use = BaseCase.Use(on) with { Claimed = BaseCase.H1 };
        return AfterEnd.Is(use, Judgement.Of(use, of.World.Known), of.World.Known);
    }
}
