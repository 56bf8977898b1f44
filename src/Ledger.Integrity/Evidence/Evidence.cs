using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ledger.Integrity.Evidence;

/// <summary>
/// What evidence says. The log commits to its digest, so that nobody who carries it can make it say something else.
/// </summary>
/// <param name="Salt">
/// 32 random bytes that stand nowhere else: the question may name a file by its number, and the digest in the log must
/// not let anybody find it by trying.
/// </param>
/// <param name="Question">What was asked, in words.</param>
/// <param name="KnownAt">The position up to which the ledger was to know.</param>
/// <param name="About">The positions of the events that the question is about.</param>
/// <param name="RestsOn">The positions of the facts that the verdicts rest on.</param>
/// <param name="Files">
/// The files of the consultations among them, where they can be told: their pseudonyms of the month need its key.
/// </param>
/// <param name="Answer">The answer.</param>
public sealed record EvidenceStatement(
    byte[] Salt,
    string Question,
    long KnownAt,
    IReadOnlyList<long> About,
    IReadOnlyList<long> RestsOn,
    IReadOnlyList<ConsultedFile> Files,
    IReadOnlyList<EvidenceTable> Answer
)
{
    /// <summary>The statement as it is hashed: JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, EvidenceJson.Default.EvidenceStatement);

    /// <summary>The length of a salt in bytes.</summary>
    public const int SaltSize = 32;

    /// <summary>The digest of a statement: SHA-256, in base64.</summary>
    public static string DigestOf(string json) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(json)));
}

/// <summary>
/// Everything that shows an answer to whoever holds the ledger's public key and nothing else: the statement, the events
/// that it rests on with their salts and inclusion proofs, the event that committed the log to the statement, the
/// signed checkpoint, and what anchors said about it.
/// </summary>
/// <param name="Statement">The statement, as it was hashed.</param>
/// <param name="Vkey">The ledger's public key, for the reader. Whoever verifies pins it from elsewhere.</param>
/// <param name="Checkpoint">The signed checkpoint, cosignatures included.</param>
/// <param name="Events">The events, in the order of their positions.</param>
/// <param name="Issued">The event <c>evidence-issued.v1</c> that holds the statement's digest.</param>
/// <param name="Successions">What leads from the ledger's first key to that of today; often nothing.</param>
/// <param name="Timestamps">Timestamps of this checkpoint, or of earlier ones that it continues.</param>
public sealed record Evidence(
    string Statement,
    string Vkey,
    string Checkpoint,
    IReadOnlyList<EvidenceEvent> Events,
    EvidenceEvent Issued,
    IReadOnlyList<EvidenceTimestamp> Timestamps,
    IReadOnlyList<string> Successions
)
{
    /// <summary>What the statement says.</summary>
    /// <exception cref="JsonException">It is no statement.</exception>
    public EvidenceStatement Said() =>
        JsonSerializer.Deserialize(Statement, EvidenceJson.Default.EvidenceStatement)
        ?? throw new JsonException("The statement is empty.");
}

/// <summary>One event, and the proof that it stands in the log.</summary>
/// <param name="Entry">The entry, as it was hashed.</param>
/// <param name="Salt">The salt of its content hash.</param>
/// <param name="Content">The content, as it was hashed.</param>
/// <param name="Path">The inclusion proof, leaf to root: base64 of 32 bytes each.</param>
public sealed record EvidenceEvent(string Entry, byte[] Salt, byte[] Content, IReadOnlyList<string> Path);

/// <summary>The file that a consultation opened.</summary>
/// <param name="Position">The position of the consultation.</param>
/// <param name="Dossier">The lasting pseudonym of the file.</param>
public sealed record ConsultedFile(long Position, string Dossier);

/// <summary>A part of the answer, as a table of texts.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Columns">The names of its columns.</param>
/// <param name="Rows">Its rows, a text a column.</param>
public sealed record EvidenceTable(
    string Title,
    IReadOnlyList<string> Columns,
    IReadOnlyList<IReadOnlyList<string>> Rows
);

/// <summary>A timestamp, and the proof that the evidence's checkpoint continues the one that was timestamped.</summary>
/// <param name="Note">The note that was timestamped, signed by the ledger alone.</param>
/// <param name="Response">The RFC 3161 response.</param>
/// <param name="Proof">The consistency proof from there: base64 of 32 bytes each; empty for the same size.</param>
public sealed record EvidenceTimestamp(string Note, byte[] Response, IReadOnlyList<string> Proof);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(Evidence))]
[JsonSerializable(typeof(EvidenceStatement))]
internal sealed partial class EvidenceJson : JsonSerializerContext;
