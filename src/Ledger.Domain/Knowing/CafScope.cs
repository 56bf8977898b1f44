using Ledger.Domain.Anomalies;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Control;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using Ledger.Domain.Retention;
using Ledger.Domain.Usage;

namespace Ledger.Domain.Knowing;

/// <summary>Which events are of a Caf: what it may be shown.</summary>
internal static class CafScope
{
    /// <summary>Whether an event is of a Caf.</summary>
    public static bool Has(KnowledgeState state, CafCode caf, LedgerEvent @event) =>
        @event switch
        {
            ConsultationRecorded e => e.Caf == caf
                || (
                    e.Verdict.Habilitation is { } right
                    && state.Habilitations.TryGetValue(right, out var used)
                    && CafOf(state, used.Granted.Convention) == caf
                ),
            UsageEvent e => e.Usage.Caf == caf,
            ConsultationRectified e => e.Caf == caf,
            ConventionSigned e => e.Caf == caf,
            PartenariatEvent e => CafOf(state, e.Convention) == caf,
            HabilitationGranted e => CafOf(state, e.Convention) == caf,
            HabilitationEvent e => CafOf(state, About.GrantOf(state, e.Habilitation).Granted.Convention) == caf,
            ProcedureEvent { Step.Convention: { } convention } => CafOf(state, convention) == caf,
            ProcedureEvent e => Has(state, caf, state.Procedures[e.Step.Procedure]),
            RectificationMade e => state.FactAt(e.Of) is { } fact ? Has(state, caf, fact.Event) : e.Caf == caf,
            DossierAttached e => e.Caf == caf,
            DossierTransferred e => e.FromCaf == caf || e.ToCaf == caf,
            FileErased e => e.Caf == caf,
            TracesConsulted e => e.Caf == caf,
            EvidenceIssued e => e.Caf == caf,
            AnomalyDetected e => e.Caf == caf,
            AnomalyQualified e => e.Caf == caf,
            CatalogueVersionPublished or LedgerRestored or SigningKeyRotated => true,
            _ => throw new ArgumentException($"Whose is {@event.GetType().Name}?", nameof(@event)),
        };

    // Under no convention: of the Caf that opened it, or of those that the partner has a convention with.
    private static bool Has(KnowledgeState state, CafCode caf, Procedure procedure) =>
        procedure.OpenedBy is { Caf: { } opener } ? opener == caf
        : procedure.OpenedBy.Siret is { } siret && state.Partners.TryGetValue(siret, out var partner)
            ? partner.Conventions.Values.Any(p => p.Convention.Caf == caf)
        : false;

    private static CafCode CafOf(KnowledgeState state, ConventionId convention) =>
        About.PartenariatOf(state, convention).Convention.Caf;
}
