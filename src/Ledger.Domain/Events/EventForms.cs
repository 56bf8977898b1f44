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

namespace Ledger.Domain.Events;

/// <summary>
/// Every form that an event has ever had in the log: a name and version each. A new version of an event gets a name of
/// its own, and the form of the old one stays, with what makes today's event of it.
/// </summary>
internal static class EventForms
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<EventForm> All { get; } =
    [
        EventForm.Of<ConventionSigned>(),
        EventForm.Of<CnilFormalityRecorded>(),
        EventForm.Of<ServiceContractSigned>(),
        EventForm.Of<EnrolmentSigned>(),
        EventForm.Of<ServiceOpened>(),
        EventForm.Of<ServiceClosed>(),
        EventForm.Of<GestionnaireDesignated>(),
        EventForm.Of<GestionnaireRevoked>(),
        EventForm.Of<AgentAttached>(),
        EventForm.Of<AgentDeparted>(),
        EventForm.Of<ConventionAmended>(),
        EventForm.Of<HabilitationModeChanged>(),
        EventForm.Of<ConventionTerminated>(),
        EventForm.Of<AgentFunctionChanged>(),
        EventForm.Of<CredentialsIssued>(),
        EventForm.Of<AutomatonDeclared>(),
        EventForm.Of<HabilitationRequested>(),
        EventForm.Of<HabilitationRefused>(),
        EventForm.Of<HabilitationGranted>(),
        EventForm.Of<HabilitationSuspended>(),
        EventForm.Of<SuspensionLifted>(),
        EventForm.Of<HabilitationRevoked>(),
        EventForm.Of<HabilitationModified>(),
        EventForm.Of<HabilitationInvalidated>(),
        EventForm.Of<HabilitationReviewed>(),
        new EventForm<ConsultationForm, ConsultationRecorded>(ConsultationForm.Of, (f, context) => f.Event(context)),
        EventForm.Of<AuthenticationSucceeded>(),
        EventForm.Of<AuthenticationFailed>(),
        EventForm.Of<SearchPerformed>(),
        EventForm.Of<ConsultationRefused>(),
        EventForm.Of<DataExported>(),
        EventForm.Of<DataSupplied>(),
        EventForm.Of<DossierAttached>(),
        EventForm.Of<DossierTransferred>(),
        EventForm.Of<PrestataireDeclared>(),
        EventForm.Of<CafObservationMade>(),
        EventForm.Of<CommitmentsSubscribed>(),
        EventForm.Of<TransferOutsideEuAuthorised>(),
        EventForm.Of<DataDestroyed>(),
        EventForm.Of<AwarenessAttested>(),
        EventForm.Of<TerminationNotified>(),
        EventForm.Of<BreachNoticed>(),
        EventForm.Of<BreachRemedied>(),
        EventForm.Of<RelevanceQuestioned>(),
        EventForm.Of<RelevanceAnswered>(),
        EventForm.Of<AuditOpened>(),
        EventForm.Of<AuditConcluded>(),
        EventForm.Of<AnomalyDetected>(),
        EventForm.Of<AnomalyQualified>(),
        EventForm.Of<IncidentReported>(),
        EventForm.Of<IncidentNotified>(),
        EventForm.Of<TraceRequestFiled>(),
        EventForm.Of<TraceRequestNoted>(),
        EventForm.Of<TraceRequestDecided>(),
        EventForm.Of<TraceRequestDelivered>(),
        EventForm.Of<SubjectAccessRequested>(),
        EventForm.Of<SubjectAccessAnswered>(),
        EventForm.Of<DisclosuresWithheld>(),
        EventForm.Of<DisclosuresReleased>(),
        EventForm.Of<AnnualReviewIssued>(),
        EventForm.Of<MeetingRequested>(),
        EventForm.Of<MeetingHeld>(),
        EventForm.Of<MinutesDrafted>(),
        EventForm.Of<MinutesValidated>(),
        EventForm.Of<InvestigationOpened>(),
        EventForm.Of<InvestigationNoted>(),
        EventForm.Of<InvestigationClosed>(),
        EventForm.Of<LegalHoldPlaced>(),
        EventForm.Of<LegalHoldLifted>(),
        EventForm.Of<RetentionApplied>(),
        EventForm.Of<EpochKeyDestroyed>(),
        EventForm.Of<FileErased>(),
        EventForm.Of<RectificationMade>(),
        EventForm.Of<ConsultationRectified>(),
        EventForm.Of<TracesConsulted>(),
        EventForm.Of<EvidenceIssued>(),
        EventForm.Of<LedgerRestored>(),
        EventForm.Of<SigningKeyRotated>(),
        EventForm.Of<CatalogueVersionPublished>(),
    ];
}
