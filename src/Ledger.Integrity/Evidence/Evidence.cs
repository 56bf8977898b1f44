using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Ledger.Integrity.Evidence;

/// <summary>
/// What evidence says. The log commits to its digest, so that nobody who carries it can make it say something else.
/// </summary>
/// <param name="Salt">
/// 32 random bytes that stand nowhere else: the question may name a file by its number, and the digest in the log must
/// not let anybody find it by trying.
/// </param>
/// <param name="Question">What was asked.</param>
/// <param name="KnownAt">The position up to which the ledger was to know.</param>
/// <param name="About">The positions of the events that the question is about.</param>
/// <param name="RestsOn">The positions of the facts that the verdicts rest on.</param>
/// <param name="Files">
/// The files of the consultations among them, where they can be told: their pseudonyms of the month need its key.
/// </param>
/// <param name="Consultations">The second verdict on each consultation among them.</param>
/// <param name="Rights">The rights in question over time.</param>
public sealed record EvidenceStatement(
    byte[] Salt,
    EvidenceQuestion Question,
    long KnownAt,
    IReadOnlyList<long> About,
    IReadOnlyList<long> RestsOn,
    IReadOnlyList<ConsultedFile> Files,
    IReadOnlyList<EvidenceConsultation> Consultations,
    IReadOnlyList<EvidenceRight> Rights
)
{
    /// <summary>The statement as it is hashed: JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, StrictJson.Default.EvidenceStatement);

    /// <summary>Whether two lists of verdicts say the same.</summary>
    public static bool SayTheSame(
        IReadOnlyList<EvidenceConsultation> some,
        IReadOnlyList<EvidenceConsultation> others
    ) =>
        JsonSerializer.Serialize(some, StrictJson.Default.IReadOnlyListEvidenceConsultation)
        == JsonSerializer.Serialize(others, StrictJson.Default.IReadOnlyListEvidenceConsultation);

    /// <summary>Whether two lists of rights say the same.</summary>
    public static bool SayTheSame(IReadOnlyList<EvidenceRight> some, IReadOnlyList<EvidenceRight> others) =>
        JsonSerializer.Serialize(some, StrictJson.Default.IReadOnlyListEvidenceRight)
        == JsonSerializer.Serialize(others, StrictJson.Default.IReadOnlyListEvidenceRight);

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
/// <param name="Language">The language that the page was issued in: <c>fr</c>, <c>en</c>.</param>
/// <param name="Statement">The statement, as it was hashed.</param>
/// <param name="Vkey">The ledger's public key, for the reader. Whoever verifies pins it from elsewhere.</param>
/// <param name="Checkpoint">The signed checkpoint, cosignatures included.</param>
/// <param name="Events">The events, in the order of their positions.</param>
/// <param name="Issued">The event <c>evidence-issued.v1</c> that holds the statement's digest.</param>
/// <param name="Successions">What leads from the ledger's first key to that of today; often nothing.</param>
/// <param name="Timestamps">Timestamps of this checkpoint, or of earlier ones that it continues.</param>
public sealed record Evidence(
    string Language,
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
    /// <exception cref="FormatException">It is no statement.</exception>
    public EvidenceStatement Said()
    {
        try
        {
            return JsonSerializer.Deserialize(Statement, StrictJson.Default.EvidenceStatement)
                ?? throw new FormatException("The evidence in the file is empty.");
        }
        catch (JsonException e)
        {
            throw new FormatException($"The evidence in the file is malformed: {e.Message}");
        }
    }
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

/// <summary>What was asked: data, never words. Instants are UTC in RFC 3339.</summary>
/// <param name="Caf">The Caf whose traces they are.</param>
/// <param name="AskedBy">Who asked.</param>
/// <param name="AskedAt">When.</param>
/// <param name="Case">The request for traces or the control that it rests on; null for none.</param>
/// <param name="About">About whom or what.</param>
/// <param name="From">What took place at or after this instant; null from the beginning.</param>
/// <param name="Until">What took place before this instant.</param>
/// <param name="AsOf">When the ledger learnt the last of what it was to know.</param>
public sealed record EvidenceQuestion(
    string Caf,
    string AskedBy,
    DateTimeOffset AskedAt,
    string? Case,
    EvidenceSubject About,
    DateTimeOffset? From,
    DateTimeOffset Until,
    DateTimeOffset AsOf
);

/// <summary>About whom or what: a file, an agent of a partner, a partner, a service, or all.</summary>
/// <param name="Caf">The Caf of the file.</param>
/// <param name="Matricule">Its number there.</param>
/// <param name="Dossiers">Its lasting pseudonyms, under every identity that she had.</param>
/// <param name="Siret">The partner.</param>
/// <param name="Agent">Its agent.</param>
/// <param name="Service">The service.</param>
public sealed record EvidenceSubject(
    string? Caf = null,
    string? Matricule = null,
    IReadOnlyList<string>? Dossiers = null,
    string? Siret = null,
    string? Agent = null,
    string? Service = null
);

/// <summary>The second verdict on a consultation. The first stands in its event.</summary>
/// <param name="Position">Which consultation.</param>
/// <param name="Reasons">Why it is irregular, by stable names; none where a right covered it.</param>
/// <param name="Because">The positions of the events that justify the verdict.</param>
/// <param name="RectifiedBy">The rectification since which it counts for nothing; null for none.</param>
public sealed record EvidenceConsultation(
    long Position,
    IReadOnlyList<string> Reasons,
    IReadOnlyList<long> Because,
    long? RectifiedBy
);

/// <summary>How a right in question stands over one interval.</summary>
/// <param name="Habilitation">Which right.</param>
/// <param name="Siret">Of which partner.</param>
/// <param name="Agent">Of which agent.</param>
/// <param name="Service">For which service.</param>
/// <param name="Profil">In which profile.</param>
/// <param name="From">Since when; null for always.</param>
/// <param name="Until">Until when, exclusive; null without end.</param>
/// <param name="Missing">What stands in its way, by stable names; nothing where it is in force.</param>
/// <param name="Because">The positions of the events that justify it.</param>
public sealed record EvidenceRight(
    string Habilitation,
    string Siret,
    string Agent,
    string Service,
    string Profil,
    DateTimeOffset? From,
    DateTimeOffset? Until,
    IReadOnlyList<string> Missing,
    IReadOnlyList<long> Because
);

/// <summary>A timestamp, and the proof that the evidence's checkpoint continues the one that was timestamped.</summary>
/// <param name="Note">The note that was timestamped, signed by the ledger alone.</param>
/// <param name="Response">The RFC 3161 response.</param>
/// <param name="Proof">The consistency proof from there: base64 of 32 bytes each; empty for the same size.</param>
public sealed record EvidenceTimestamp(string Note, byte[] Response, IReadOnlyList<string> Proof);
