using System.Text.Json.Serialization;

namespace Ledger.Integrity.Evidence;

/// <summary>
/// Everything that shows an answer to whoever holds the ledger's public key and nothing else: the question, the answer, the events
/// that it rests on with their salts and inclusion proofs, the signed checkpoint, and what anchors said about it.
/// </summary>
/// <param name="Question">What was asked, in words.</param>
/// <param name="KnownAt">The position up to which the ledger was to know.</param>
/// <param name="Vkey">The ledger's public key, for the reader. Whoever verifies pins it from elsewhere.</param>
/// <param name="Checkpoint">The signed checkpoint, cosignatures included.</param>
/// <param name="Events">The events, in the order of their positions.</param>
/// <param name="Answer">The answer.</param>
/// <param name="Timestamps">Timestamps of this checkpoint, or of earlier ones that it continues.</param>
public sealed record Evidence(
    string Question, long KnownAt, string Vkey, string Checkpoint, IReadOnlyList<EvidenceEvent> Events, IReadOnlyList<EvidenceTable> Answer,
    IReadOnlyList<EvidenceTimestamp> Timestamps);

/// <summary>One event, and the proof that it stands in the log.</summary>
/// <param name="IsAnswer">Whether the answer is about it; else it is one of the facts that the verdicts rest on.</param>
/// <param name="Entry">The entry, as it was hashed.</param>
/// <param name="Salt">The salt of its content hash.</param>
/// <param name="Content">The content, as it was hashed.</param>
/// <param name="Path">The inclusion proof, leaf to root: base64 of 32 bytes each.</param>
public sealed record EvidenceEvent(bool IsAnswer, string Entry, byte[] Salt, byte[] Content, IReadOnlyList<string> Path);

/// <summary>A part of the answer, as a table of texts.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Columns">The names of its columns.</param>
/// <param name="Rows">Its rows, a text a column.</param>
public sealed record EvidenceTable(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);

/// <summary>A timestamp, and the proof that the evidence's checkpoint continues the one that was timestamped.</summary>
/// <param name="Note">The note that was timestamped, signed by the ledger alone.</param>
/// <param name="Response">The RFC 3161 response.</param>
/// <param name="Proof">The consistency proof from there: base64 of 32 bytes each; empty for the same size.</param>
public sealed record EvidenceTimestamp(string Note, byte[] Response, IReadOnlyList<string> Proof);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Evidence))]
internal sealed partial class EvidenceJson : JsonSerializerContext;
