using Ledger.Domain.Common;
using Ledger.Domain.Control;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Domain.Tests;

/// <summary>Who may do what, and in which order a partnership is opened.</summary>
public sealed class PartyRefusalTests
{
    private static readonly Actor Stranger = new(AgentId.Parse("x"), CafCode.Parse("591"), null);

    private readonly World _world = World.UpToAGrant();

    [Fact]
    public void A_convention_is_recorded_once_by_the_Caf_that_signs_it()
    {
        Refused(_world.Refuses(ByCaf, new SignConvention(Signed())), "convention-once", "17.1");
        Refused(
            _world.Refuses(Stranger, new SignConvention(Signed(ConventionId.Parse("conv-2")))),
            "caf-signs",
            "17.1"
        );
    }

    [Fact]
    public void An_enrolment_follows_the_contract_and_an_opening_the_enrolment()
    {
        var world = new World();
        foreach (var (actor, command) in UpToAGrant().Take(3))
        {
            world.Do(actor, command);
        }

        var enrolment = new SignEnrolment(
            new(Convention, Cdap, [T2], [Aide], new Perimeter.WholeCaf(), Day("2026-01-10"))
        );
        Refused(world.Refuses(ByCaf, enrolment), "contract-before-enrolment", "3");
        Refused(
            world.Refuses(ByCaf, new OpenService(new(Convention, Cdap, Day("2026-01-12")))),
            "enrolment-before-opening",
            "3"
        );
        world.Do(
            ByCaf,
            new SignServiceContract(new(Convention, "1", Day("2026-01-09"), "24/7", "annex 2", 36, "by letter"))
        );
        world.Do(ByCaf, enrolment);
        Refused(
            world.Refuses(ByCaf, new OpenService(new(Convention, Cdap, Day("2026-01-07")))),
            "formalities-before-opening",
            "12"
        );
        Refused(
            world.Refuses(ByCaf, new CloseService(new(Convention, Cdap, Day("2026-01-12"), "x"))),
            "service-open",
            "4"
        );
    }

    [Fact]
    public void Only_a_party_speaks_for_the_partner_and_only_a_Caf_outside_conventions()
    {
        Refused(
            _world.Refuses(Stranger, new AttachAgent(new(Convention, Agent, "x", Day("2026-01-12")))),
            "party-to-the-convention",
            "9.2"
        );
        var step = new ProcedureStep(
            ProcedureId.Parse("inv-1"),
            null,
            Party.Caf,
            Day("2026-03-01"),
            "opened",
            new Dictionary<string, string>(),
            []
        );
        Refused(
            _world.Refuses(By(Principal), new TakeStep("investigation-opened", step)),
            "caf-outside-conventions",
            "7"
        );
        _world.Do(Stranger, new TakeStep("investigation-opened", step));
        Should
            .Throw<InvalidFieldException>(() =>
                _world.Do(ByCaf, new TakeStep("audit-opened", step with { Procedure = ProcedureId.Parse("a-1") }))
            )
            .Field.ShouldBe("convention");
    }

    [Fact]
    public void Only_a_Caf_publishes_the_catalogue_and_reads_the_traces()
    {
        Refused(
            _world.Refuses(
                By(Principal),
                new PublishCatalogue(new("2", Day("2026-02-01"), [new(Cdap, T2, ["identite"])]))
            ),
            "caf-publishes-the-catalogue",
            "3"
        );
        Refused(
            _world.Refuses(By(Principal), new ConsultTraces("who-did-access", "{}", null, null, 0)),
            "caf-reads-the-traces",
            "7"
        );
        Should
            .Throw<InvalidFieldException>(() => _world.Do(ByCaf, new PublishCatalogue(new("2", Day("2026-02-01"), []))))
            .Field.ShouldBe("entries");
    }

    [Fact]
    public void Nothing_is_asked_of_the_Caf_in_delegue_mode() =>
        Refused(
            _world.Refuses(
                By(Principal),
                new RequestHabilitation(
                    new(Convention, HabilitationId.Parse("hab-9"), Agent, Cdap, T2, "x", Day("2026-02-02"))
                )
            ),
            "requests-in-centralise",
            "9.1"
        );

    [Fact]
    public void Nothing_is_done_to_a_right_before_it_is_granted() =>
        Refused(
            _world.Refuses(By(Principal), new RevokeHabilitation(new(HabC3, At("2026-01-13T10:00:00Z"), "x"))),
            "granted-first",
            "9.1"
        );

    private static void Refused(RefusedException refused, string rule, string article) =>
        (refused.Rule, refused.Article).ShouldBe((rule, article), refused.Message);
}
