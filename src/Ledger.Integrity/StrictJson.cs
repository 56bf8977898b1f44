using System.Text.Json.Serialization;
using Ledger.Integrity.Contents;
using Ledger.Integrity.Evidence;
using Ledger.Integrity.Receipts;

namespace Ledger.Integrity;

/// <summary>
/// The JSON that is proved: a member that is missing, doubled or unknown is an error, so that no two readers take it for
/// different things.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(ContentLine))]
[JsonSerializable(typeof(Evidence.Evidence))]
[JsonSerializable(typeof(EvidenceStatement))]
[JsonSerializable(typeof(IReadOnlyList<EvidenceConsultation>))]
[JsonSerializable(typeof(IReadOnlyList<EvidenceRight>))]
[JsonSerializable(typeof(ReceiptBundle))]
internal sealed partial class StrictJson : JsonSerializerContext;
