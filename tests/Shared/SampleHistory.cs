using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Pseudonyms;

namespace Ledger.Tests;

/// <summary>A small history between the Caf 763 and a commune, in commands: fictional identifiers throughout.</summary>
internal static class SampleHistory
{
    public static readonly CafCode Caf = CafCode.Parse("763");
    public static readonly Siret Commune = Siret.Parse("21760575700012");
    public static readonly ConventionId Convention = ConventionId.Parse("conv-1");
    public static readonly ServiceCode Cdap = ServiceCode.Parse("CDAP");
    public static readonly ProfilCode T2 = ProfilCode.Parse("T2");
    public static readonly Purpose Aide = Purpose.Parse("aide-sociale");
    public static readonly AgentId Principal = AgentId.Parse("agent-a1");
    public static readonly AgentId Agent = AgentId.Parse("agent-c3");
    public static readonly HabilitationId HabC3 = HabilitationId.Parse("hab-c3");
    public static readonly DossierIdentity TheDossier = new(DossierOf(1), Caf);
    public static readonly Pseudonym TheFile = KeyOf("2026-03").Of(TheDossier.Pseudonym);

    public static readonly Actor ByCaf = new(AgentId.Parse("caf-admin"), Caf, null);

    /// <summary>Everything up to one agent's habilitation, each command with its actor.</summary>
    public static IReadOnlyList<(Actor Actor, ICommand Command)> UpToAGrant(
        ConventionId? convention = null,
        HabilitationId? habilitation = null
    ) =>
        [
            (ByCaf, new SignConvention(Signed(convention))),
            (
                ByCaf,
                new RecordCnilFormality(
                    new(convention ?? Convention, Party.Caf, "f-1", FormalityOutcome.Favourable, Day("2026-01-09"))
                )
            ),
            (
                By(Principal),
                new RecordCnilFormality(
                    new(
                        convention ?? Convention,
                        Party.Partenaire,
                        "f-2",
                        FormalityOutcome.NotRequired,
                        Day("2026-01-09")
                    )
                )
            ),
            (
                ByCaf,
                new SignServiceContract(
                    new(convention ?? Convention, "1", Day("2026-01-09"), "24/7", "annex 2", 36, "by letter")
                )
            ),
            (
                ByCaf,
                new SignEnrolment(
                    new(convention ?? Convention, Cdap, [T2], [Aide], new Perimeter.WholeCaf(), Day("2026-01-10"))
                )
            ),
            (ByCaf, new OpenService(new(convention ?? Convention, Cdap, Day("2026-01-12")))),
            (
                By(Principal),
                new DesignateGestionnaire(
                    new(convention ?? Convention, Principal, GestionnaireRank.Principal, Day("2026-01-12"))
                )
            ),
            (By(Principal), new AttachAgent(new(convention ?? Convention, Agent, "social worker", Day("2026-01-12")))),
            (By(Principal), Grant(habilitation, convention)),
        ];

    public static ConventionSigned Signed(ConventionId? convention = null) =>
        new(
            convention ?? Convention,
            "2026-042",
            Caf,
            Commune,
            Day("2026-01-05"),
            Day("2026-01-08"),
            [Aide, Purpose.Parse("accueil")],
            HabilitationMode.Delegue
        );

    public static GrantHabilitation Grant(HabilitationId? habilitation = null, ConventionId? convention = null) =>
        new(
            new HabilitationGranted(
                habilitation ?? HabC3,
                convention ?? Convention,
                Agent,
                Cdap,
                T2,
                [Aide],
                new Perimeter.WholeCaf(),
                Day("2026-01-15"),
                null,
                At("2026-01-14T10:00:00Z"),
                "social aid",
                false
            )
        );

    public static AgentDeparted Departure => new(Convention, Agent, Day("2026-03-01"), Day("2026-03-20"));

    public static Actor By(AgentId agent) => new(agent, null, Commune);

    public static Use Use(string at, AgentId? agent = null, HabilitationId? claimed = null, Purpose? purpose = null) =>
        new(Caf, Commune, agent ?? Agent, claimed, Cdap, T2, purpose ?? Aide, At(at), null, TheDossier.Pseudonym);

    public static RecordConsultation Consultation(int number, string at = "2026-03-10T10:00:00Z", Use? use = null) =>
        RecordConsultation.Of(
            Id(number),
            use ?? Use(at),
            new Details(Channel: "portal", BusinessFile: "AS-1"),
            KeyOf(LegalTime.EpochOf(At(at))),
            Id(number)
        );

    /// <summary>The key of a month.</summary>
    public static MonthKey KeyOf(string month) =>
        new(
            month,
            System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"the key of {month}"))
        );

    /// <summary>The lasting pseudonym of a file that follows from a number.</summary>
    public static string DossierOf(int number) =>
        System.Buffers.Text.Base64Url.EncodeToString(Id(number).ToByteArray(bigEndian: true));

    public static DateOnly Day(string day) => DateOnly.ParseExact(day, "yyyy-MM-dd");

    public static DateTimeOffset At(string instant) =>
        DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A UUID that follows from a number.</summary>
    public static Guid Id(int number) => new(number, 1, 1, [1, 2, 3, 4, 5, 6, 7, 8]);
}
