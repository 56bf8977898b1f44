using Caf.Ledger.V1;
using Google.Protobuf.WellKnownTypes;
using Ledger.Client;

namespace Ledger.Tests;

/// <summary>Well-formed requests, to be spoilt one field at a time. Fictional identifiers throughout.</summary>
internal static class SampleRequests
{
    public const string Siret = "21760575700012";

    public static Uuids Ids { get; } = new();

    public static RequestContext ByCaf() =>
        new()
        {
            RequestId = Ids.Next(),
            Actor = new Actor
            {
                Id = "caf-admin",
                Kind = ActorKind.Human,
                Caf = "763",
            },
        };

    public static RequestContext By(string agent) =>
        new()
        {
            RequestId = Ids.Next(),
            Actor = new Actor
            {
                Id = agent,
                Kind = ActorKind.Human,
                Siret = Siret,
            },
        };

    /// <summary>An investigator asks, on all that is known or on what was known at a position.</summary>
    public static Asking Asking(long? position = null, string caf = "763") =>
        new()
        {
            Context = new()
            {
                RequestId = Ids.Next(),
                Actor = new Actor
                {
                    Id = "investigator-1",
                    Kind = ActorKind.Human,
                    Caf = caf,
                },
            },
            KnownAt = position is { } p ? new() { Position = p } : null,
        };

    public static SignConventionRequest Convention() =>
        new()
        {
            Context = ByCaf(),
            Convention = "conv-1",
            Number = "2026-042",
            Caf = "763",
            Siret = Siret,
            SignedByCafOn = "2026-01-05",
            SignedByPartenaireOn = "2026-01-08",
            Missions = { "aide-sociale" },
            Mode = HabilitationMode.Delegue,
        };

    public static GrantHabilitationRequest Grant(string habilitation = "hab-1", string by = "agent-a1") =>
        new()
        {
            Context = By(by),
            Habilitation = habilitation,
            Convention = "conv-1",
            Agent = "agent-c3",
            Service = "CDAP",
            Profil = "T2",
            Purposes = { "aide-sociale" },
            Perimeter = new Perimeter { WholeCaf = new WholeCaf() },
            From = "2026-01-15",
            GrantedAt = At("2026-01-14T10:00:00Z"),
            Reason = "social aid",
        };

    public static RecordConsultationRequest Consultation(
        string matricule = "1204571",
        string at = "2026-03-10T10:00:00Z"
    ) =>
        new()
        {
            Context = By("agent-c3"),
            Consultation = new Consultation
            {
                Consultation_ = Ids.Next(),
                Allocataire = new Allocataire { Caf = "763", Matricule = matricule },
                Siret = Siret,
                Agent = "agent-c3",
                Habilitation = "hab-1",
                Service = "CDAP",
                Profil = "T2",
                Purpose = "aide-sociale",
                BusinessFile = "AS-1",
                Channel = "portal",
                OccurredAt = At(at),
            },
        };

    public static RecordConsultationsRequest Item(RecordConsultationRequest request) =>
        new() { Context = request.Context, Consultation = request.Consultation };

    /// <summary>Everything up to one agent's habilitation.</summary>
    public static async Task UpToAGrantAsync(this LedgerClient client)
    {
        await client.UpToAnAgentAsync();
        await client.Habilitations.GrantHabilitationAsync(Grant());
    }

    /// <summary>Everything that a habilitation needs.</summary>
    public static async Task UpToAnAgentAsync(
        this LedgerClient client,
        string convention = "conv-1",
        HabilitationMode mode = HabilitationMode.Delegue
    )
    {
        var c = client.Conventions;
        var signed = Convention();
        (signed.Convention, signed.Mode) = (convention, mode);
        await c.SignConventionAsync(signed);
        await c.RecordCnilFormalityAsync(
            new()
            {
                Context = ByCaf(),
                Convention = convention,
                Party = Party.Caf,
                Reference = "f-1",
                Outcome = FormalityOutcome.Favourable,
                On = "2026-01-09",
            }
        );
        await c.RecordCnilFormalityAsync(
            new()
            {
                Context = By("agent-a1"),
                Convention = convention,
                Party = Party.Partenaire,
                Reference = "f-2",
                Outcome = FormalityOutcome.NotRequired,
                On = "2026-01-09",
            }
        );
        await c.SignServiceContractAsync(
            new()
            {
                Context = ByCaf(),
                Convention = convention,
                Version = "1",
                On = "2026-01-09",
                OpeningHours = "24/7",
                PasswordRules = "annex 2",
                TraceRetentionMonths = 36,
                TraceRequestProcess = "by letter",
            }
        );
        await c.SignEnrolmentAsync(
            new()
            {
                Context = ByCaf(),
                Convention = convention,
                Service = "CDAP",
                Profils = { "T2" },
                Purposes = { "aide-sociale" },
                Perimeter = new Perimeter { WholeCaf = new WholeCaf() },
                On = "2026-01-10",
            }
        );
        await c.OpenServiceAsync(
            new()
            {
                Context = ByCaf(),
                Convention = convention,
                Service = "CDAP",
                From = "2026-01-12",
            }
        );
        await c.DesignateGestionnaireAsync(
            new()
            {
                Context = By("agent-a1"),
                Convention = convention,
                Agent = "agent-a1",
                Rank = GestionnaireRank.Principal,
                From = "2026-01-12",
            }
        );
        await c.AttachAgentAsync(
            new()
            {
                Context = By("agent-a1"),
                Convention = convention,
                Agent = "agent-c3",
                Function = "social worker",
                From = "2026-01-12",
            }
        );
    }

    public static Timestamp At(string instant) =>
        Timestamp.FromDateTimeOffset(DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>UUIDs one after another.</summary>
    internal sealed class Uuids
    {
        private int _last;

        public string Next() => new Guid(Interlocked.Increment(ref _last), 7, 7, [1, 2, 3, 4, 5, 6, 7, 8]).ToString();
    }
}
