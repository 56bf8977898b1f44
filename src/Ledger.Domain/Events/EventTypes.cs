using System.Text.Json.Serialization;
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

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow
)]
[JsonSerializable(typeof(EventContext))]
[JsonSerializable(typeof(ConsultationForm))]
[JsonSerializable(typeof(ConventionSigned))]
[JsonSerializable(typeof(CnilFormalityRecorded))]
[JsonSerializable(typeof(ServiceContractSigned))]
[JsonSerializable(typeof(FileErased))]
[JsonSerializable(typeof(SigningKeyRotated))]
[JsonSerializable(typeof(EnrolmentSigned))]
[JsonSerializable(typeof(ServiceOpened))]
[JsonSerializable(typeof(ServiceClosed))]
[JsonSerializable(typeof(GestionnaireDesignated))]
[JsonSerializable(typeof(GestionnaireRevoked))]
[JsonSerializable(typeof(AgentAttached))]
[JsonSerializable(typeof(AgentDeparted))]
[JsonSerializable(typeof(ConventionAmended))]
[JsonSerializable(typeof(HabilitationModeChanged))]
[JsonSerializable(typeof(ConventionTerminated))]
[JsonSerializable(typeof(AgentFunctionChanged))]
[JsonSerializable(typeof(CredentialsIssued))]
[JsonSerializable(typeof(AutomatonDeclared))]
[JsonSerializable(typeof(HabilitationRequested))]
[JsonSerializable(typeof(HabilitationRefused))]
[JsonSerializable(typeof(HabilitationGranted))]
[JsonSerializable(typeof(HabilitationSuspended))]
[JsonSerializable(typeof(SuspensionLifted))]
[JsonSerializable(typeof(HabilitationRevoked))]
[JsonSerializable(typeof(HabilitationModified))]
[JsonSerializable(typeof(HabilitationInvalidated))]
[JsonSerializable(typeof(HabilitationReviewed))]
[JsonSerializable(typeof(AuthenticationSucceeded))]
[JsonSerializable(typeof(AuthenticationFailed))]
[JsonSerializable(typeof(SearchPerformed))]
[JsonSerializable(typeof(ConsultationRefused))]
[JsonSerializable(typeof(DataExported))]
[JsonSerializable(typeof(DataSupplied))]
[JsonSerializable(typeof(DossierAttached))]
[JsonSerializable(typeof(DossierTransferred))]
[JsonSerializable(typeof(PrestataireDeclared))]
[JsonSerializable(typeof(CafObservationMade))]
[JsonSerializable(typeof(CommitmentsSubscribed))]
[JsonSerializable(typeof(TransferOutsideEuAuthorised))]
[JsonSerializable(typeof(DataDestroyed))]
[JsonSerializable(typeof(AwarenessAttested))]
[JsonSerializable(typeof(TerminationNotified))]
[JsonSerializable(typeof(BreachNoticed))]
[JsonSerializable(typeof(BreachRemedied))]
[JsonSerializable(typeof(RelevanceQuestioned))]
[JsonSerializable(typeof(RelevanceAnswered))]
[JsonSerializable(typeof(AuditOpened))]
[JsonSerializable(typeof(AuditConcluded))]
[JsonSerializable(typeof(AnomalyDetected))]
[JsonSerializable(typeof(AnomalyQualified))]
[JsonSerializable(typeof(IncidentReported))]
[JsonSerializable(typeof(IncidentNotified))]
[JsonSerializable(typeof(TraceRequestFiled))]
[JsonSerializable(typeof(TraceRequestDecided))]
[JsonSerializable(typeof(TraceRequestDelivered))]
[JsonSerializable(typeof(SubjectAccessRequested))]
[JsonSerializable(typeof(SubjectAccessAnswered))]
[JsonSerializable(typeof(DisclosuresWithheld))]
[JsonSerializable(typeof(DisclosuresReleased))]
[JsonSerializable(typeof(AnnualReviewIssued))]
[JsonSerializable(typeof(MeetingRequested))]
[JsonSerializable(typeof(MeetingHeld))]
[JsonSerializable(typeof(MinutesDrafted))]
[JsonSerializable(typeof(MinutesValidated))]
[JsonSerializable(typeof(InvestigationOpened))]
[JsonSerializable(typeof(InvestigationClosed))]
[JsonSerializable(typeof(LegalHoldPlaced))]
[JsonSerializable(typeof(LegalHoldLifted))]
[JsonSerializable(typeof(RetentionApplied))]
[JsonSerializable(typeof(EpochKeyDestroyed))]
[JsonSerializable(typeof(RectificationMade))]
[JsonSerializable(typeof(ConsultationRectified))]
[JsonSerializable(typeof(TracesConsulted))]
[JsonSerializable(typeof(EvidenceIssued))]
[JsonSerializable(typeof(LedgerRestored))]
[JsonSerializable(typeof(CatalogueVersionPublished))]
internal sealed partial class EventTypes : JsonSerializerContext;
