using System.Buffers;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Ledger.Domain.Anomalies;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Control;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using Ledger.Domain.Usage;

namespace Ledger.Domain;

/// <summary>
/// Writes an event and its context as the UTF-8 JSON that is stored, and reads it back:
/// <c>{"context": {…}, "event": {…}}</c>. The bytes are written once; what is hashed is what is stored.
/// </summary>
public static class EventCodec
{
    private static readonly Type[] Types =
    [
        typeof(ConventionSigned),
        typeof(CnilFormalityRecorded),
        typeof(ServiceContractSigned),
        typeof(EnrolmentSigned),
        typeof(ServiceOpened),
        typeof(ServiceClosed),
        typeof(GestionnaireDesignated),
        typeof(GestionnaireRevoked),
        typeof(AgentAttached),
        typeof(AgentDeparted),
        typeof(ConventionAmended),
        typeof(HabilitationModeChanged),
        typeof(ConventionTerminated),
        typeof(AgentFunctionChanged),
        typeof(CredentialsIssued),
        typeof(AutomatonDeclared),
        typeof(HabilitationRequested),
        typeof(HabilitationRefused),
        typeof(HabilitationGranted),
        typeof(HabilitationSuspended),
        typeof(SuspensionLifted),
        typeof(HabilitationRevoked),
        typeof(HabilitationModified),
        typeof(HabilitationInvalidated),
        typeof(HabilitationReviewed),
        typeof(ConsultationRecorded),
        typeof(AuthenticationSucceeded),
        typeof(AuthenticationFailed),
        typeof(SearchPerformed),
        typeof(ConsultationRefused),
        typeof(DataExported),
        typeof(DataSupplied),
        typeof(DossierAttached),
        typeof(DossierTransferred),
        typeof(PrestataireDeclared),
        typeof(CafObservationMade),
        typeof(CommitmentsSubscribed),
        typeof(TransferOutsideEuAuthorised),
        typeof(DataDestroyed),
        typeof(AwarenessAttested),
        typeof(TerminationNotified),
        typeof(BreachNoticed),
        typeof(BreachRemedied),
        typeof(RelevanceQuestioned),
        typeof(RelevanceAnswered),
        typeof(AuditOpened),
        typeof(AuditConcluded),
        typeof(AnomalyDetected),
        typeof(AnomalyQualified),
        typeof(IncidentReported),
        typeof(IncidentNotified),
        typeof(TraceRequestFiled),
        typeof(TraceRequestDecided),
        typeof(TraceRequestDelivered),
        typeof(SubjectAccessRequested),
        typeof(SubjectAccessAnswered),
        typeof(AnnualReviewIssued),
        typeof(MeetingRequested),
        typeof(MeetingHeld),
        typeof(MinutesDrafted),
        typeof(MinutesValidated),
        typeof(InvestigationOpened),
        typeof(InvestigationClosed),
        typeof(LegalHoldPlaced),
        typeof(LegalHoldLifted),
        typeof(RetentionApplied),
        typeof(EpochKeyDestroyed),
        typeof(RectificationMade),
        typeof(TracesConsulted),
        typeof(EvidenceIssued),
        typeof(LedgerRestored),
        typeof(CatalogueVersionPublished),
    ];

    private static readonly Dictionary<Type, (string Name, JsonTypeInfo Json)> ByType = Types.ToDictionary(
        t => t,
        t => (t.GetCustomAttribute<EventNameAttribute>()!.Name, EventJson.Default.GetTypeInfo(t)!)
    );

    private static readonly Dictionary<string, Type> ByName = ByType.ToDictionary(t => t.Value.Name, t => t.Key);

    /// <summary>Every kind of event, with its name in the log.</summary>
    public static IEnumerable<(Type Type, string Name)> All => ByType.Select(t => (t.Key, t.Value.Name));

    /// <summary>The name of an event in the log.</summary>
    public static string NameOf(LedgerEvent @event) => ByType[@event.GetType()].Name;

    /// <summary>The event's content: UTF-8 JSON.</summary>
    public static byte[] Encode(EventContext context, LedgerEvent @event)
    {
        var buffer = new ArrayBufferWriter<byte>(768);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("context");
            JsonSerializer.Serialize(writer, context, EventJson.Default.EventContext);
            writer.WritePropertyName("event");
            JsonSerializer.Serialize(writer, @event, ByType[@event.GetType()].Json);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a content.</summary>
    /// <exception cref="FormatException">The name is unknown, or the content is not that of such an event.</exception>
    public static (EventContext Context, LedgerEvent Event) Decode(string name, ReadOnlyMemory<byte> content)
    {
        if (!ByName.TryGetValue(name, out var type))
        {
            throw new FormatException($"No event is named '{name}'.");
        }

        try
        {
            using var document = JsonDocument.Parse(content);
            var context = document.RootElement.GetProperty("context").Deserialize(EventJson.Default.EventContext);
            var @event = (LedgerEvent?)document.RootElement.GetProperty("event").Deserialize(ByType[type].Json);
            return (context, @event) is ({ }, { })
                ? (context, @event)
                : throw new FormatException($"The content of the '{name}' is empty.");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"The content is not that of a '{name}': {e.Message}", e);
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true
)]
[JsonSerializable(typeof(EventContext))]
[JsonSerializable(typeof(ConventionSigned))]
[JsonSerializable(typeof(CnilFormalityRecorded))]
[JsonSerializable(typeof(ServiceContractSigned))]
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
[JsonSerializable(typeof(ConsultationRecorded))]
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
[JsonSerializable(typeof(TracesConsulted))]
[JsonSerializable(typeof(EvidenceIssued))]
[JsonSerializable(typeof(LedgerRestored))]
[JsonSerializable(typeof(CatalogueVersionPublished))]
internal sealed partial class EventJson : JsonSerializerContext;
