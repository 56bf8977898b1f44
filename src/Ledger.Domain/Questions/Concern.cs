using Ledger.Domain.Anomalies;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Usage;

namespace Ledger.Domain.Questions;

/// <summary>Whom and what an event is about, for whoever reads a list of them. What it is not about is null.</summary>
/// <param name="Siret">Which partner.</param>
/// <param name="Agent">Which of its agents.</param>
/// <param name="Service">Which service.</param>
/// <param name="Profil">Which profile of it.</param>
/// <param name="Habilitation">Which right.</param>
public sealed record Concern(
    Siret? Siret,
    AgentId? Agent,
    ServiceCode? Service = null,
    ProfilCode? Profil = null,
    HabilitationId? Habilitation = null
)
{
    /// <summary>Of an event, with what is known.</summary>
    public static Concern Of(LedgerEvent @event, Knowledge known) =>
        @event switch
        {
            ConsultationRecorded e => new(e.Siret, e.Agent, e.Service, e.Profil, e.Verdict.Habilitation ?? e.Claimed),
            UsageEvent e => new(e.Usage.Siret, e.Usage.Agent, e.Usage.Service),
            AnomalyDetected e => new(e.Siret, e.Agent),
            EnrolmentSigned e => About(e, known) with { Service = e.Service },
            ServiceOpened e => About(e, known) with { Service = e.Service },
            ServiceClosed e => About(e, known) with { Service = e.Service },
            HabilitationRequested e => About(e, known) with
            {
                Service = e.Service,
                Profil = e.Profil,
                Habilitation = e.Habilitation,
            },
            HabilitationRefused e => About(e, known) with { Habilitation = e.Habilitation },
            HabilitationEvent e when known.TryFind(e.Habilitation, out var right) => About(e, known) with
            {
                Service = right.Granted.Service,
                Profil = right.Granted.Profil,
                Habilitation = e.Habilitation,
            },
            JournalEvent { IsKnowledge: false } => new(null, null),
            _ => About(@event, known),
        };

    private static Concern About(LedgerEvent e, Knowledge known) => new(known.SiretOf(e), known.AgentOf(e));
}
