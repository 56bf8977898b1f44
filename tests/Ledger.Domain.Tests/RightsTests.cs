using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Rights;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Domain.Tests;

public sealed class RightsTests
{
    [Fact]
    public void The_core_case_authorised_as_known_then_and_irregular_as_known_now()
    {
        var world = World.UpToAGrant();
        var use = Use("2026-03-10T10:00:00Z", claimed: HabC3);

        var then = Judgement.Of(use, world.Known);
        var departed = (AgentDeparted)world.Do(By(Principal), new ReportDeparture(Departure));
        var now = Judgement.Of(use, world.Known);

        then.Authorised.ShouldBeTrue();
        then.Because.ShouldBe([0, 1, 2, 4, 5, 6, 7, 8]);
        now.Authorised.ShouldBeFalse();
        now.Reasons.ShouldBe([Reason.AgentDeparted]);
        now.Because.ShouldContain(9);
        departed.DelayInDays.ShouldBe(19);
        Judgement.Of(use, world.Known.AsKnownAt(8)).ShouldBeEquivalentTo(then);
    }

    [Theory]
    [InlineData("2026-01-14T09:59:59Z", Reason.HabilitationNotBegun)]
    [InlineData("2026-01-14T22:59:59Z", Reason.HabilitationNotBegun)]
    [InlineData("2026-01-14T23:00:00Z", null)]
    [InlineData("2026-02-28T22:59:59Z", null)]
    [InlineData("2026-02-28T23:00:00Z", Reason.AgentDeparted)]
    public void Days_begin_at_midnight_in_Paris_and_intervals_are_half_open(string at, Reason? missing)
    {
        var world = World.UpToAGrant();
        world.Do(By(Principal), new ReportDeparture(Departure));
        Judgement.Of(Use(at), world.Known).Reasons.ShouldBe(missing is { } reason ? [reason] : []);
    }

    [Fact]
    public void A_suspension_takes_the_right_away_until_it_is_lifted()
    {
        var world = World.UpToAGrant();
        world.Do(By(Principal), new SuspendHabilitation(new(HabC3, At("2026-02-02T08:00:00Z"), true, "inquiry")));
        world.Do(By(Principal), new LiftSuspension(new(HabC3, At("2026-02-09T08:00:00Z"), "closed")));

        Judgement.Of(Use("2026-02-02T07:59:59Z"), world.Known).Authorised.ShouldBeTrue();
        Judgement.Of(Use("2026-02-02T08:00:00Z"), world.Known).Reasons.ShouldBe([Reason.HabilitationSuspended]);
        Judgement.Of(Use("2026-02-09T08:00:00Z"), world.Known).Authorised.ShouldBeTrue();
    }

    [Fact]
    public void A_gestionnaire_whose_office_turns_out_to_have_ended_before_the_grant_gave_nothing()
    {
        var world = World.UpToAGrant();
        Judgement.Of(Use("2026-02-02T08:00:00Z"), world.Known).Authorised.ShouldBeTrue();
        world.Do(ByCaf, new RevokeGestionnaire(Convention, Principal, Day("2026-01-13")), "letter");
        Judgement.Of(Use("2026-02-02T08:00:00Z"), world.Known).Reasons.ShouldBe([Reason.GrantorNotEntitled]);
    }

    [Fact]
    public void A_gestionnaire_who_leaves_office_after_the_grant_takes_nothing_away()
    {
        var world = World.UpToAGrant();
        world.Do(ByCaf, new RevokeGestionnaire(Convention, Principal, Day("2026-01-20")), "letter");
        Judgement.Of(Use("2026-02-02T08:00:00Z"), world.Known).Authorised.ShouldBeTrue();
    }

    [Fact]
    public void Every_reason_is_given_at_once()
    {
        var world = World.UpToAGrant();
        world.Do(ByCaf, new CloseService(new(Convention, Cdap, Day("2026-02-01"), "audit")));
        world.Do(By(Principal), new RevokeHabilitation(new(HabC3, At("2026-02-03T00:00:00Z"), "over")));
        world.Do(By(Principal), new ReportDeparture(Departure));
        Judgement
            .Of(Use("2026-03-10T10:00:00Z", purpose: Purpose.Parse("accueil")), world.Known)
            .Reasons.ShouldBe([
                Reason.ServiceNotOpen,
                Reason.AgentDeparted,
                Reason.HabilitationRevoked,
                Reason.PurposeNotEnrolled,
                Reason.PurposeNotGranted,
            ]);
    }

    [Fact]
    public void An_agent_without_right_another_agents_right_and_an_unknown_right_are_told_apart()
    {
        var known = World.UpToAGrant().Known;
        var stranger = AgentId.Parse("agent-z9");
        Judgement.Of(Use("2026-03-10T10:00:00Z", stranger), known).Reasons.ShouldBe([Reason.NoHabilitation]);
        Judgement
            .Of(Use("2026-03-10T10:00:00Z", stranger, HabC3), known)
            .Reasons.ShouldBe([Reason.HabilitationOfAnotherAgent]);
        Judgement
            .Of(Use("2026-03-10T10:00:00Z", claimed: HabilitationId.Parse("none")), known)
            .Reasons.ShouldBe([Reason.HabilitationUnknown]);
        Judgement
            .Of(Use("2026-03-10T10:00:00Z") with { Profil = ProfilCode.Parse("T3") }, known)
            .Reasons.ShouldBe([Reason.ProfilNotGranted]);
        Judgement
            .Of(Use("2026-03-10T10:00:00Z") with { Caf = CafCode.Parse("591") }, known)
            .Reasons.ShouldBe([Reason.OutsidePerimeter]);
    }

    [Property(MaxTest = 200)]
    public Property The_order_in_which_facts_are_learnt_does_not_change_what_they_say_once_all_are_known() =>
        Prop.ForAll(
            LateFacts.Select(f => (f.ToList(), f.Reverse().ToList())).ToArbitrary(),
            orders =>
            {
                var (one, other) = (Learn(orders.Item1), Learn(orders.Item2));
                for (var day = 0; day < 150; day += 3)
                {
                    var at = LegalTime.StartOf(Day("2026-01-10").AddDays(day));
                    EffectiveAt(one, at).ShouldBe(EffectiveAt(other, at), at.ToString());
                }
            }
        );

    [Property(MaxTest = 100)]
    public Property The_timeline_covers_all_time_without_gap_or_overlap_and_no_two_neighbours_say_the_same() =>
        Prop.ForAll(
            LateFacts.ToArbitrary(),
            facts =>
            {
                var known = Learn(facts);
                var segments = known.RightsOf(known.Require(HabC3));
                segments[0].From.ShouldBe(DateTimeOffset.MinValue);
                segments[^1].Until.ShouldBe(DateTimeOffset.MaxValue);
                foreach (var (left, right) in segments.Zip(segments.Skip(1)))
                {
                    left.Until.ShouldBe(right.From);
                    (
                        left.Missing.SequenceEqual(right.Missing)
                        && left.Because.SequenceEqual(right.Because)
                        && left.Purposes.SequenceEqual(right.Purposes)
                    ).ShouldBeFalse();
                }
            }
        );

    // Facts about distinct days: of two about the same instant the last learnt speaks, and order then matters.
    private static Gen<LedgerEvent[]> LateFacts =>
        Gen.Shuffle(Enumerable.Range(0, 120).ToArray())
            .SelectMany(days =>
                Gen.Choose(0, 3)
                    .ListOf(8)
                    .Select(kinds =>
                        kinds
                            .Zip(
                                days,
                                (kind, day) =>
                                {
                                    var on = Day("2026-01-20").AddDays(day);
                                    LedgerEvent e = kind switch
                                    {
                                        0 => new AgentDeparted(Convention, SampleAgent, on, on),
                                        1 => new AgentAttached(Convention, SampleAgent, "again", on),
                                        2 => new ServiceClosed(Convention, Cdap, on, "why"),
                                        _ => new ServiceOpened(Convention, Cdap, on),
                                    };
                                    return e;
                                }
                            )
                            .ToArray()
                    )
            );

    private static AgentId SampleAgent => Agent;

    private static Knowledge Learn(IEnumerable<LedgerEvent> facts)
    {
        var world = World.UpToAGrant();
        var (known, position) = (world.Known, world.Next);
        foreach (var e in facts)
        {
            known = known.Learn(new Fact(position++, World.Now, new EventContext(ByCaf, Guid.Empty), e)).Known;
        }

        return known;
    }

    private static bool EffectiveAt(Knowledge known, DateTimeOffset at) =>
        known.RightsOf(known.Require(HabC3)).Last(s => s.From <= at).IsEffective;
}
