using Ledger.Domain.Common;
using Ledger.Domain.Control;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Domain.Tests.Rules;

/// <summary>
/// A history of random acts after the base of the rules, one for each number: few days, few agents, few files, so that
/// acts meet at identical instants, overlap and contradict each other. What the rules refuse is left out; some facts
/// are learnt without asking the rules.
/// </summary>
internal sealed class RandomHistory
{
    public static readonly DossierIdentity[] Files =
    [
        new("m1", BaseCase.C0),
        new("m2", BaseCase.C0),
        new("t1", BaseCase.C0),
        new("x1", BaseCase.C1),
    ];

    private static readonly (Knowledge Known, long Next) Base = BaseKnowledge();
    private static readonly DateTimeOffset Clock = At("2025-01-15T12:00:00Z");
    private static readonly string[] Communes = ["76540", "76575"];
    private static readonly Purpose[] Purposes = [BaseCase.AideSociale, BaseCase.Logement];
    private static readonly Actor G2 = BaseCase.Of("g2");

    private readonly List<Knowledge> _known = [Base.Known];
    private readonly Random _chance = new(0);
    private long _next = Base.Next;

    public RandomHistory(IEnumerable<int> acts)
    {
        // FsCheck's numbers are small and often alike: their place tells them apart.
        foreach (var (i, act) in acts.Index())
        {
            _chance = new Random((act * 65_537) + i);
            Try(Next());
        }
    }

    /// <summary>What was known after each event, from the base on.</summary>
    public IReadOnlyList<Knowledge> Known => _known;

    private static (Knowledge, long) BaseKnowledge()
    {
        var given = new BaseCase();
        given.Designate("g2", "2024-01-10");
        given.Grant();
        given.Grant(BaseCase.Granted("h2", "a2", new Perimeter.Communes([CommuneCode.Parse("76540")])));
        given.AttachFile("m1", "76540");
        return (given.World.Known, given.World.Next);
    }

    private void Try((Actor Actor, ICommand Command) act)
    {
        var context = new EventContext(act.Actor, Guid.Empty, "letter");
        IReadOnlyList<LedgerEvent> events;
        try
        {
            events = act.Command.Decide(_known[^1], context, Clock);
        }
        catch (Exception e) when (e is RefusedException or InvalidFieldException or UnknownException)
        {
            // Half of what is refused is learnt all the same, where late rectifications may lead there.
            if (e is not RefusedException || _chance.Next(2) == 0 || Unasked(act.Command) is not { } fact)
            {
                return;
            }

            events = [fact];
        }

        foreach (var e in events)
        {
            _known.Add(_known[^1].Learn(new Fact(_next++, Clock, context, e)).Known);
        }
    }

    private static LedgerEvent? Unasked(ICommand command) =>
        command switch
        {
            RecordDossier d => d.Event,
            LiftSuspension l => l.Event,
            ModifyHabilitation m => m.Event,
            SuspendHabilitation s => s.Event,
            _ => null,
        };

    private (Actor Actor, ICommand Command) Next() =>
        _chance.Next(20) switch
        {
            0 or 1 => (Gestionnaire(), Grant()),
            2 or 3 => (
                Anybody(),
                new ModifyHabilitation(
                    new(
                        Right(),
                        Instant(),
                        _chance.Next(2) == 0 ? SomePurposes() : null,
                        _chance.Next(2) == 0 ? SomePerimeter() : null,
                        _chance.Next(3) == 0 ? Date() : null,
                        "x"
                    )
                )
            ),
            4 => (Anybody(), new SuspendHabilitation(new(Right(), Instant(), true, "x"))),
            5 => (Anybody(), new LiftSuspension(new(Right(), Instant(), "x"))),
            6 => (Anybody(), new RevokeHabilitation(new(Right(), Instant(), "x"))),
            7 => (BaseCase.Caf0, new InvalidateHabilitation(new(Right(), Instant(), "x"))),
            8 => (BaseCase.G1, new ReportDeparture(new(BaseCase.Conv, SomeAgent(), Date(), Date()))),
            9 => (BaseCase.G1, new AttachAgent(new(BaseCase.Conv, SomeAgent(), "x", Date()))),
            10 => (
                BaseCase.G1,
                new DesignateGestionnaire(new(BaseCase.Conv, SomeAgent(), GestionnaireRank.Suppleant, Date()))
            ),
            11 => (BaseCase.G1, new RevokeGestionnaire(BaseCase.Conv, SomeAgent(), Date())),
            12 => (
                BaseCase.Caf0,
                new SignEnrolment(new(BaseCase.Conv, Cdap, [BaseCase.T1, T2], SomePurposes(), SomePerimeter(), Date()))
            ),
            13 => (
                BaseCase.Caf0,
                new AmendConvention(
                    new(BaseCase.Conv, "1", Day("2024-01-05"), Day("2024-01-05"), Date(), SomePurposes(), "x")
                )
            ),
            14 => (
                BaseCase.Caf0,
                _chance.Next(2) == 0
                    ? new CloseService(new(BaseCase.Conv, Cdap, Date(), "x"))
                    : new OpenService(new(BaseCase.Conv, Cdap, Date()))
            ),
            15 => (
                BaseCase.Caf0,
                new PublishCatalogue(
                    new("v", Date(), [new(Cdap, _chance.Next(3) == 0 ? T2 : BaseCase.T1, ["identite"])])
                )
            ),
            16 => (
                BaseCase.Caf0,
                new RecordDossier(new DossierAttached(Files[_chance.Next(3)].Pseudonym, BaseCase.C0, Commune(), Date()))
            ),
            17 => (BaseCase.Caf0, Transfer()),
            18 => (
                BaseCase.Caf0,
                new TakeStep(
                    "termination-notified",
                    new ProcedureStep(
                        ProcedureId.Parse("p1"),
                        BaseCase.Conv,
                        Party.Caf,
                        Day("2024-06-15"),
                        "x",
                        new Dictionary<string, string> { ["wished-on"] = "2024-10-01" },
                        []
                    )
                )
            ),
            _ => (BaseCase.Caf0, new Rectify(_chance.Next((int)_next), "x")),
        };

    private GrantHabilitation Grant() =>
        new(
            BaseCase.Granted($"h{3 + _chance.Next(2)}", SomeAgent().Value, SomePerimeter()) with
            {
                Purposes = SomePurposes(),
                From = Date(),
                Until = _chance.Next(2) == 0 ? Date() : null,
                GrantedAt = Instant(),
            }
        );

    private RecordDossier Transfer()
    {
        var (from, to) = (Files[_chance.Next(Files.Length)], Files[_chance.Next(Files.Length)]);
        return new(new DossierTransferred(from.Pseudonym, from.Caf, to.Pseudonym, to.Caf, Date()));
    }

    private DateOnly Date() => Day("2024-02-01").AddDays(10 * _chance.Next(20));

    private DateTimeOffset Instant() => LegalTime.StartOf(Date()).AddHours(6 * _chance.Next(3));

    private HabilitationId Right() => HabilitationId.Parse($"h{1 + _chance.Next(4)}");

    private AgentId SomeAgent() => AgentId.Parse(new[] { "a1", "a2", "g1", "g2" }[_chance.Next(4)]);

    private Actor Gestionnaire() => _chance.Next(2) == 0 ? BaseCase.G1 : G2;

    private Actor Anybody() => _chance.Next(3) == 0 ? BaseCase.Caf0 : Gestionnaire();

    private CommuneCode Commune() => CommuneCode.Parse(Communes[_chance.Next(2)]);

    private Purpose[] SomePurposes() => _chance.Next(3) == 2 ? Purposes : [Purposes[_chance.Next(2)]];

    private Perimeter SomePerimeter() =>
        _chance.Next(3) switch
        {
            0 => BaseCase.Whole,
            1 => new Perimeter.Communes([Commune()]),
            _ => new Perimeter.Files([.. Files.Where(_ => _chance.Next(2) == 0).Select(f => f.Pseudonym)]),
        };
}
