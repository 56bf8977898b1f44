using Caf.Ledger.V1;
using Google.Protobuf.WellKnownTypes;
using Ledger.Client;

namespace Ledger.Cli.Demo;

/// <summary>
/// Fictional acts between the Caf 763 and a commune, recorded through the client that a partner would use.
/// </summary>
internal sealed class Scenario(LedgerClient client)
{
    public const string Caf = "763";
    public const string Siret = "21760575700012";
    public const string Convention = "conv-7f3a";
    public const string Principal = "agent-a1";
    public const string Substitute = "agent-b2";
    public const string Agent = "agent-c3";
    public const string Leaver = "agent-d4";
    public const string Stranger = "agent-z9";
    public const string Purpose = "aide-sociale";

    public static readonly string[] Matricules = ["1204571", "3380019", "7715204"];

    /// <summary>The position of the consultation of 10 March, by the agent who had left on the 1st.</summary>
    public long CoreCasePosition { get; private set; }

    /// <summary>The position of the first consultation by the agent who will leave.</summary>
    public long FirstOfLeaver { get; private set; }

    /// <summary>The position of the departure, signalled on 20 March.</summary>
    public long DeparturePosition { get; private set; }

    /// <summary>The convention, from its signature to the opening of the service and the gestionnaires.</summary>
    public async Task<IReadOnlyList<long>> SignAsync()
    {
        var c = client.Conventions;
        return [(
                await c.SignConventionAsync(
                    new()
                    {
                        Context = ByCaf(),
                        Convention = Convention,
                        Number = "2026-042",
                        Caf = Caf,
                        Siret = Siret,
                        SignedByCafOn = "2026-01-05",
                        SignedByPartenaireOn = "2026-01-08",
                        Missions = { Purpose, "accueil-petite-enfance" },
                        Mode = HabilitationMode.Delegue,
                    }
                )
            ).Acknowledgement.Position, (
                await c.RecordCnilFormalityAsync(
                    new()
                    {
                        Context = ByCaf(),
                        Convention = Convention,
                        Party = Party.Caf,
                        Reference = "F-2026-17",
                        Outcome = FormalityOutcome.Favourable,
                        On = "2026-01-09",
                    }
                )
            ).Acknowledgement.Position, (
                await c.RecordCnilFormalityAsync(
                    new()
                    {
                        Context = ByPartenaire(Principal),
                        Convention = Convention,
                        Party = Party.Partenaire,
                        Reference = "F-2026-21",
                        Outcome = FormalityOutcome.Favourable,
                        On = "2026-01-09",
                    }
                )
            ).Acknowledgement.Position, (
                await c.SignServiceContractAsync(
                    new()
                    {
                        Context = ByCaf(),
                        Convention = Convention,
                        Version = "1",
                        On = "2026-01-09",
                        OpeningHours = "tous les jours, 24 h sur 24",
                        PasswordRules = "annexe 2",
                        TraceRetentionMonths = 36,
                        TraceRequestProcess = "lettre recommandée à la Caf",
                    }
                )
            ).Acknowledgement.Position, (
                await c.SignEnrolmentAsync(
                    new()
                    {
                        Context = ByCaf(),
                        Convention = Convention,
                        Service = "CDAP",
                        Profils = { "T2" },
                        Purposes = { Purpose },
                        Perimeter = WholeCaf(),
                        On = "2026-01-10",
                    }
                )
            ).Acknowledgement.Position, (
                await c.OpenServiceAsync(
                    new()
                    {
                        Context = ByCaf(),
                        Convention = Convention,
                        Service = "CDAP",
                        From = "2026-01-12",
                    }
                )
            ).Acknowledgement.Position, (
                await c.DesignateGestionnaireAsync(
                    new()
                    {
                        Context = ByPartenaire(Principal),
                        Convention = Convention,
                        Agent = Principal,
                        Rank = GestionnaireRank.Principal,
                        From = "2026-01-12",
                    }
                )
            ).Acknowledgement.Position, (
                await c.DesignateGestionnaireAsync(
                    new()
                    {
                        Context = ByPartenaire(Principal),
                        Convention = Convention,
                        Agent = Substitute,
                        Rank = GestionnaireRank.Suppleant,
                        From = "2026-01-12",
                    }
                )
            ).Acknowledgement.Position];
    }

    /// <summary>Two agents, their habilitations, a suspension and its lifting.</summary>
    public async Task<IReadOnlyList<long>> GrantAsync()
    {
        var h = client.Habilitations;
        return
        [
            (await AttachAsync(Agent)).Position,
            (await AttachAsync(Leaver)).Position,
            (await GrantAsync("hab-c3", Agent, Principal)).Position,
            (await GrantAsync("hab-d4", Leaver, Substitute)).Position,
            (
                await h.SuspendHabilitationAsync(
                    new()
                    {
                        Context = ByPartenaire(Principal),
                        Habilitation = "hab-c3",
                        At = At("2026-02-02T08:00:00Z"),
                        Precautionary = true,
                        Reason = "badge perdu",
                    }
                )
            ).Acknowledgement.Position,
            (
                await h.LiftSuspensionAsync(
                    new()
                    {
                        Context = ByPartenaire(Principal),
                        Habilitation = "hab-c3",
                        At = At("2026-02-09T08:00:00Z"),
                        Reason = "badge retrouvé",
                    }
                )
            ).Acknowledgement.Position,
        ];
    }

    /// <summary>
    /// Twenty consultations over one stream: one by an agent without right, one on 10 March by the agent who had left.
    /// </summary>
    public async Task<
        IReadOnlyList<(RecordConsultationsRequest Sent, RecordConsultationsResponse Answer)>
    > ConsultAsync()
    {
        var items = new List<RecordConsultationsRequest>();
        for (var i = 0; i < 18; i++)
        {
            items.Add(
                Consult(
                    i % 2 == 0 ? Agent : Leaver,
                    i % 2 == 0 ? "hab-c3" : "hab-d4",
                    Matricules[i % 3],
                    $"2026-02-{10 + i:00}T09:{i:00}:00Z"
                )
            );
        }

        items.Add(Consult(Stranger, string.Empty, Matricules[1], "2026-03-04T18:40:00Z"));
        items.Add(Consult(Leaver, "hab-d4", Matricules[0], "2026-03-10T10:15:00Z"));

        var answers = new List<(RecordConsultationsRequest, RecordConsultationsResponse)>();
        await foreach (var answer in client.RecordAsync(items))
        {
            answers.Add((items[answers.Count], answer));
        }

        FirstOfLeaver = answers[1].Item2.Recorded.Acknowledgement.Position;
        CoreCasePosition = answers[^1].Item2.Recorded.Acknowledgement.Position;
        return answers;
    }

    /// <summary>The departure of 1 March, signalled on 20 March.</summary>
    public async Task<ReportDepartureResponse> SignalDepartureAsync()
    {
        var response = await client.Conventions.ReportDepartureAsync(
            new()
            {
                Context = ByPartenaire(Principal),
                Convention = Convention,
                Agent = Leaver,
                LeftOn = "2026-03-01",
                SignalledOn = "2026-03-20",
            }
        );
        DeparturePosition = response.Acknowledgement.Position;
        return response;
    }

    /// <summary>An investigator of the Caf asks, on all that is known or on what was known at a position.</summary>
    public static Asking Asking(long? position = null) =>
        new()
        {
            Context = new RequestContext
            {
                RequestId = Guid.CreateVersion7().ToString(),
                Actor = new Actor
                {
                    Id = "investigator-1",
                    Kind = ActorKind.Human,
                    Caf = Caf,
                },
            },
            KnownAt = position is { } p ? new KnownAt { Position = p } : null,
        };

    public static Allocataire File(int index) => new() { Caf = Caf, Matricule = Matricules[index] };

    public static Timestamp At(string instant) =>
        Timestamp.FromDateTimeOffset(DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture));

    private static Perimeter WholeCaf() => new() { WholeCaf = new WholeCaf() };

    private static RequestContext ByCaf() =>
        new()
        {
            RequestId = Guid.CreateVersion7().ToString(),
            Actor = new Actor
            {
                Id = "caf-admin-1",
                Kind = ActorKind.Human,
                Caf = Caf,
            },
        };

    private static RequestContext ByPartenaire(string agent) =>
        new()
        {
            RequestId = Guid.CreateVersion7().ToString(),
            Actor = new Actor
            {
                Id = agent,
                Kind = ActorKind.Human,
                Siret = Siret,
            },
        };

    private static RecordConsultationsRequest Consult(string agent, string habilitation, string matricule, string at) =>
        new()
        {
            Context = new RequestContext
            {
                RequestId = Guid.CreateVersion7().ToString(),
                Actor = new Actor
                {
                    Id = "portal",
                    Kind = ActorKind.Programme,
                    Siret = Siret,
                    BearerId = agent,
                },
            },
            Consultation = new Consultation
            {
                Consultation_ = Guid.CreateVersion7().ToString(),
                Allocataire = new Allocataire { Caf = Caf, Matricule = matricule },
                Siret = Siret,
                Agent = agent,
                Habilitation = habilitation,
                Service = "CDAP",
                Profil = "T2",
                Purpose = Purpose,
                BusinessFile = "AS-2026-118",
                Channel = "portal",
                OccurredAt = At(at),
            },
        };

    private async Task<Acknowledgement> AttachAsync(string agent) =>
        (
            await client.Conventions.AttachAgentAsync(
                new()
                {
                    Context = ByPartenaire(Principal),
                    Convention = Convention,
                    Agent = agent,
                    Function = "travail social",
                    From = "2026-01-12",
                }
            )
        ).Acknowledgement;

    private async Task<Acknowledgement> GrantAsync(string habilitation, string agent, string by) =>
        (
            await client.Habilitations.GrantHabilitationAsync(
                new()
                {
                    Context = ByPartenaire(by),
                    Habilitation = habilitation,
                    Convention = Convention,
                    Agent = agent,
                    Service = "CDAP",
                    Profil = "T2",
                    Purposes = { Purpose },
                    Perimeter = WholeCaf(),
                    From = "2026-01-15",
                    GrantedAt = At("2026-01-14T10:00:00Z"),
                    Reason = "en charge de l'aide sociale",
                }
            )
        ).Acknowledgement;
}
