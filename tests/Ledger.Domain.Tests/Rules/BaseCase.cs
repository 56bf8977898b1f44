using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Domain.Tests.Rules;

/// <summary>
/// What every case of the rules begins with: a convention signed on 2024-01-05 in délégué mode for aide-sociale and
/// logement, both formalities favourable, contract and enrolment for CDAP T1 and T2 on the whole Caf that day; on 01-10
/// the service is opened, g1 designated, a1 and a2 attached.
/// </summary>
internal sealed class BaseCase
{
    public static readonly CafCode C0 = CafCode.Parse("763");
    public static readonly CafCode C1 = CafCode.Parse("591");
    public static readonly Siret P0 = Siret.Parse("21760575700012");
    public static readonly ConventionId Conv = ConventionId.Parse("c1");
    public static readonly HabilitationId H1 = HabilitationId.Parse("h1");
    public static readonly ProfilCode T1 = ProfilCode.Parse("T1");
    public static readonly Purpose AideSociale = Purpose.Parse("aide-sociale");
    public static readonly Purpose Logement = Purpose.Parse("logement");
    public static readonly Perimeter Whole = new Perimeter.WholeCaf();
    public static readonly Actor Caf0 = new(AgentId.Parse("caf-admin"), C0, null);
    public static readonly Actor Caf1 = new(AgentId.Parse("caf-admin"), C1, null);
    public static readonly Actor G1 = Of("g1");

    public World World { get; } = new();

    public BaseCase(HabilitationMode mode = HabilitationMode.Delegue)
    {
        Sign(Conv, mode);
        Do(G1, new DesignateGestionnaire(new(Conv, G1.Id, GestionnaireRank.Principal, Day("2024-01-10"))));
        Attach("a1");
        Attach("a2");
    }

    public static Actor Of(string agent) => new(AgentId.Parse(agent), null, P0);

    public LedgerEvent Do(Actor actor, ICommand command, string? act = "letter") => World.Do(actor, command, act);

    public string Refused(Actor actor, ICommand command, string? act = "letter") =>
        Should.Throw<RefusedException>(() => World.Do(actor, command, act)).Rule;

    public void Sign(ConventionId convention, HabilitationMode mode = HabilitationMode.Delegue)
    {
        var day = Day("2024-01-05");
        Do(Caf0, new SignConvention(new(convention, "1", C0, P0, day, day, [AideSociale, Logement], mode)));
        foreach (var (party, by) in new[] { (Party.Caf, Caf0), (Party.Partenaire, G1) })
        {
            Do(by, new RecordCnilFormality(new(convention, party, $"f-{party}", FormalityOutcome.Favourable, day)));
        }

        Do(Caf0, new SignServiceContract(new(convention, "1", day, "24/7", "annex 2", 36, "by letter")));
        Enrol("2024-01-05", Whole, convention);
        Do(Caf0, new OpenService(new(convention, Cdap, Day("2024-01-10"))));
    }

    public void Enrol(
        string on,
        Perimeter perimeter,
        ConventionId? convention = null,
        IReadOnlyList<Purpose>? purposes = null
    ) =>
        Do(
            Caf0,
            new SignEnrolment(
                new(convention ?? Conv, Cdap, [T1, T2], purposes ?? [AideSociale, Logement], perimeter, Day(on))
            )
        );

    public void Designate(string agent, string from) =>
        Do(G1, new DesignateGestionnaire(new(Conv, AgentId.Parse(agent), GestionnaireRank.Suppleant, Day(from))));

    public void EndOffice(string agent, string from) =>
        Do(G1, new RevokeGestionnaire(Conv, AgentId.Parse(agent), Day(from)));

    public void Attach(string agent, string from = "2024-01-10", ConventionId? convention = null) =>
        Do(G1, new AttachAgent(new(convention ?? Conv, AgentId.Parse(agent), "social worker", Day(from))));

    public void Departs(string agent, string on, ConventionId? under = null, string? signalled = null) =>
        Do(G1, new ReportDeparture(new(under ?? Conv, AgentId.Parse(agent), Day(on), Day(signalled ?? on))));

    /// <summary>The grant of the rules: h1 to a1, T1, aide-sociale, the whole Caf, from 2024-02-01, by g1.</summary>
    public static HabilitationGranted Granted(
        string id = "h1",
        string agent = "a1",
        Perimeter? perimeter = null,
        string from = "2024-02-01",
        string? until = null,
        string at = "2024-01-20T09:00:00Z",
        IReadOnlyList<Purpose>? purposes = null
    ) =>
        new(
            HabilitationId.Parse(id),
            Conv,
            AgentId.Parse(agent),
            Cdap,
            T1,
            purposes ?? [AideSociale],
            perimeter ?? Whole,
            Day(from),
            until is null ? null : Day(until),
            At(at),
            "aid",
            false
        );

    public long Grant(HabilitationGranted? granted = null, Actor? by = null)
    {
        Do(by ?? G1, new GrantHabilitation(granted ?? Granted()));
        return World.Next - 1;
    }

    public void Suspend(string on, Actor by, string id = "h1") =>
        Do(by, new SuspendHabilitation(new(HabilitationId.Parse(id), Moment(on), true, "inquiry")));

    public void Lift(string on, Actor by, string id = "h1") =>
        Do(by, new LiftSuspension(new(HabilitationId.Parse(id), Moment(on), "closed")));

    public void Modify(
        string on,
        Actor by,
        IReadOnlyList<Purpose>? purposes = null,
        Perimeter? perimeter = null,
        string? until = null
    ) =>
        Do(
            by,
            new ModifyHabilitation(
                new(H1, Moment(on), purposes, perimeter, until is null ? null : Day(until), "changed")
            )
        );

    public void AttachFile(string dossier, string commune, string from = "2024-01-01") =>
        Do(Caf0, new RecordDossier(new DossierAttached(dossier, C0, CommuneCode.Parse(commune), Day(from))));

    public long Transfer(string from, CafCode fromCaf, string to, CafCode toCaf, string on, Actor? by = null)
    {
        Do(by ?? Caf0, new RecordDossier(new DossierTransferred(from, fromCaf, to, toCaf, Day(on))));
        return World.Next - 1;
    }

    public void Take(
        string step,
        string procedure,
        string on,
        Party by,
        params (string Name, string Value)[] details
    ) =>
        Do(
            Caf0,
            new TakeStep(
                step,
                new ProcedureStep(
                    ProcedureId.Parse(procedure),
                    Conv,
                    by,
                    Day(on),
                    "letter",
                    details.ToDictionary(d => d.Name, d => d.Value),
                    []
                )
            )
        );

    public void Rectify(long position) => Do(Caf0, new Control.Rectify(position, "wrong"));

    /// <summary>The use that is judged: a file by a1, T1, aide-sociale, with no claim.</summary>
    public static Use Use(string on, string? dossier = "m1") =>
        new(C0, P0, AgentId.Parse("a1"), null, Cdap, T1, AideSociale, Moment(on), null, dossier);

    /// <summary>The consultation of the rules: the file m1 by a1 on 2024-06-01, at noon.</summary>
    public Verdict Consult(
        string on = "2024-06-01",
        string dossier = "m1",
        CafCode? caf = null,
        string? claimed = null,
        Purpose? purpose = null,
        string agent = "a1",
        ProfilCode? profil = null,
        long? knownAt = null
    ) =>
        Judgement.Of(
            Use(on, dossier) with
            {
                Caf = caf ?? C0,
                Agent = AgentId.Parse(agent),
                Claimed = claimed is null ? null : HabilitationId.Parse(claimed),
                Profil = profil ?? T1,
                Purpose = purpose ?? AideSociale,
            },
            knownAt is { } position ? World.Known.AsKnownAt(position) : World.Known
        );

    /// <summary>Noon of a day, in UTC; or the instant.</summary>
    public static DateTimeOffset Moment(string on) => At(on.Contains('T') ? on : $"{on}T12:00:00Z");
}
