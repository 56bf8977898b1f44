using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Domain.Tests;

public sealed class RefusalTests
{
    private readonly World _world = World.UpToAGrant();

    [Fact]
    public void A_gestionnaire_revoked_before_can_no_longer_grant()
    {
        _world.Do(By(Principal), new RevokeGestionnaire(Convention, Principal, Day("2026-01-14")));
        ShouldBe(_world.Refuses(By(Principal), Grant(HabilitationId.Parse("hab-2"))), "gestionnaire-in-office", "9.1");
    }

    [Fact]
    public void The_Caf_does_not_grant_in_delegated_mode() =>
        ShouldBe(_world.Refuses(ByCaf, Grant(HabilitationId.Parse("hab-2"))), "gestionnaire-in-office", "9.1");

    [Fact]
    public void A_gestionnaire_of_another_partner_does_not_grant() =>
        ShouldBe(
            _world.Refuses(
                new Actor(Principal, null, Siret.Parse("35600000000048")),
                Grant(HabilitationId.Parse("hab-2"))
            ),
            "gestionnaire-in-office",
            "9.1"
        );

    [Fact]
    public void Only_the_Caf_grants_in_centralised_mode_and_cites_the_request()
    {
        var other = ConventionId.Parse("conv-2");
        var world = new World();
        foreach (var (actor, command) in UpToAGrant(other).SkipLast(1))
        {
            world.Do(
                actor,
                command is SignConvention sign
                    ? new SignConvention(sign.Event with { Mode = HabilitationMode.Centralise })
                    : command
            );
        }

        ShouldBe(world.Refuses(By(Principal), Grant(null, other)), "caf-grants-in-centralise", "9.1");
        ShouldBe(world.Refuses(ByCaf, Grant(null, other)), "request-of-the-partenaire", "9.1");
        var request = new HabilitationRequested(other, HabC3, Agent, Cdap, T2, "new in the service", Day("2026-01-13"));
        ShouldBe(world.Refuses(By(Agent), new RequestHabilitation(request)), "gestionnaire-in-office", "9.1");
        world.Do(By(Principal), new RequestHabilitation(request));
        ShouldBe(world.Refuses(By(Principal), new RequestHabilitation(request)), "habilitation-once", "9.1");
        ShouldBe(
            world.Refuses(ByCaf, new GrantHabilitation(Grant(null, other).Event with { Agent = Principal })),
            "request-of-the-partenaire",
            "9.1"
        );
        world.Do(ByCaf, Grant(null, other)).ShouldBeOfType<HabilitationGranted>();
    }

    [Fact]
    public void A_request_that_the_Caf_refused_is_not_granted()
    {
        _world.Clock = At("2026-02-01T08:00:00Z");
        _world.Do(
            ByCaf,
            new ChangeHabilitationMode(new(Convention, HabilitationMode.Centralise, Day("2026-02-01"), "audit"))
        );
        _world.Clock = World.Now;
        var asked = HabilitationId.Parse("hab-9");
        ShouldBe(
            _world.Refuses(ByCaf, new RefuseHabilitation(new(Convention, asked, "no need", Day("2026-02-03")))),
            "requested-first",
            "9.1"
        );
        _world.Do(
            By(Principal),
            new RequestHabilitation(new(Convention, asked, Agent, Cdap, T2, "needed", Day("2026-02-02")))
        );
        _world.Do(ByCaf, new RefuseHabilitation(new(Convention, asked, "no need", Day("2026-02-03"))));
        ShouldBe(
            _world.Refuses(
                ByCaf,
                new GrantHabilitation(Grant(asked).Event with { GrantedAt = At("2026-02-04T10:00:00Z") })
            ),
            "request-of-the-partenaire",
            "9.1"
        );
    }

    [Fact]
    public void A_purpose_outside_the_missions_is_refused()
    {
        var grant = Grant(HabilitationId.Parse("hab-2"));
        ShouldBe(
            _world.Refuses(
                By(Principal),
                new GrantHabilitation(grant.Event with { Purposes = [Purpose.Parse("curiosity")] })
            ),
            "purpose-among-missions",
            "8"
        );
    }

    [Fact]
    public void A_service_is_not_opened_before_the_formalities_of_both_parties()
    {
        var world = new World();
        foreach (
            var (actor, command) in UpToAGrant()
                .Take(5)
                .Where(c => c.Command is not RecordCnilFormality { Event.Party: Party.Partenaire })
        )
        {
            world.Do(actor, command);
        }

        ShouldBe(
            world.Refuses(ByCaf, new OpenService(new(Convention, Cdap, Day("2026-01-12")))),
            "formalities-before-opening",
            "12"
        );
    }

    [Fact]
    public void A_profile_that_is_not_in_the_enrolment_is_refused() =>
        ShouldBe(
            _world.Refuses(
                By(Principal),
                new GrantHabilitation(
                    Grant(HabilitationId.Parse("hab-2")).Event with
                    {
                        Profil = ProfilCode.Parse("T3"),
                    }
                )
            ),
            "profil-open",
            "3"
        );

    [Fact]
    public void Someone_who_does_not_belong_to_the_partner_gets_no_habilitation() =>
        ShouldBe(
            _world.Refuses(
                By(Principal),
                new GrantHabilitation(
                    Grant(HabilitationId.Parse("hab-2")).Event with
                    {
                        Agent = AgentId.Parse("agent-z9"),
                    }
                )
            ),
            "agent-of-the-partenaire",
            "9.2"
        );

    [Fact]
    public void A_suspension_by_the_Caf_is_lifted_by_the_Caf_alone()
    {
        _world.Do(ByCaf, new SuspendHabilitation(new(HabC3, At("2026-02-02T08:00:00Z"), true, "misuse")));
        var lift = new LiftSuspension(new(HabC3, At("2026-02-09T08:00:00Z"), "closed"));
        ShouldBe(_world.Refuses(By(Principal), lift), "caf-lifts-what-it-suspended", "9.2");
        _world.Do(ByCaf, lift);
    }

    [Fact]
    public void What_is_not_suspended_is_not_lifted_what_is_suspended_is_not_suspended_again_what_is_revoked_stays_so()
    {
        ShouldBe(
            _world.Refuses(By(Principal), new LiftSuspension(new(HabC3, At("2026-02-09T08:00:00Z"), "x"))),
            "suspended-first",
            "9.1"
        );
        _world.Do(By(Principal), new SuspendHabilitation(new(HabC3, At("2026-02-02T08:00:00Z"), false, "x")));
        ShouldBe(
            _world.Refuses(By(Principal), new SuspendHabilitation(new(HabC3, At("2026-02-03T08:00:00Z"), false, "x"))),
            "not-suspended-twice",
            "9.1"
        );
        _world.Do(By(Principal), new RevokeHabilitation(new(HabC3, At("2026-02-04T08:00:00Z"), "x")));
        ShouldBe(
            _world.Refuses(By(Principal), new RevokeHabilitation(new(HabC3, At("2026-02-05T08:00:00Z"), "x"))),
            "not-ended",
            "9.1"
        );
    }

    [Fact]
    public void A_grant_to_oneself_and_revoking_the_last_gestionnaire_are_accepted_and_flagged()
    {
        _world.Do(By(Principal), new AttachAgent(new(Convention, Principal, "head of service", Day("2026-01-12"))));
        (
            (HabilitationGranted)
                _world.Do(
                    By(Principal),
                    new GrantHabilitation(Grant(HabilitationId.Parse("hab-2")).Event with { Agent = Principal })
                )
        ).ToOneself.ShouldBeTrue();
        (
            (GestionnaireRevoked)
                _world.Do(ByCaf, new RevokeGestionnaire(Convention, Principal, Day("2026-05-01")), "letter")
        ).LeavesNone.ShouldBeTrue();
    }

    [Fact]
    public void A_departure_is_a_fact_recorded_whoever_reports_it_and_for_an_agent_of_whom_nothing_was_known() =>
        _world
            .Do(
                new Actor(AgentId.Parse("x"), CafCode.Parse("591"), null),
                new ReportDeparture(Departure with { Agent = AgentId.Parse("agent-unknown") })
            )
            .ShouldBeOfType<AgentDeparted>();

    [Fact]
    public void Times_in_the_far_future_are_refused_with_the_name_of_the_field()
    {
        Should
            .Throw<InvalidFieldException>(() =>
                _world.Do(By(Principal), new SuspendHabilitation(new(HabC3, World.Now.AddHours(1), false, "x")))
            )
            .Field.ShouldBe("at");
        Should
            .Throw<InvalidFieldException>(() =>
                _world.Do(By(Principal), new AttachAgent(new(Convention, Agent, "x", Day("2126-01-01"))))
            )
            .Field.ShouldBe("from");
        Should
            .Throw<InvalidFieldException>(() =>
                Consultation(1, "2026-06-01T13:00:00Z").Decide(_world.Known, new EventContext(ByCaf, Id(1)), World.Now)
            )
            .Field.ShouldBe("occurred_at");
    }

    private static void ShouldBe(RefusedException refused, string rule, string article) =>
        (refused.Rule, refused.Article).ShouldBe((rule, article), refused.Message);
}
