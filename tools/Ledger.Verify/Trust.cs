using System.Security.Cryptography.X509Certificates;
using Ledger.Integrity.Checkpoints;

namespace Ledger.Verify;

/// <summary>A checkpoint that the verifier knows from elsewhere than what it verifies: the log must continue it.</summary>
/// <param name="By">How it is known, in one word or few: <c>remembered</c>, <c>mirrored</c>, <c>cosigned by 'w1'</c>.</param>
/// <param name="Checkpoint">What it says.</param>
public sealed record KnownCheckpoint(string By, Checkpoint Checkpoint)
{
    /// <summary>The name of the verifier's own memory.</summary>
    public const string Remembered = "remembered";
}

/// <summary>Which timestamps are demanded.</summary>
/// <param name="Roots">The roots under which the authority must be.</param>
/// <param name="Within">How long after it was recorded an entry must be under a timestamp.</param>
/// <param name="Now">The moment of the verification.</param>
public sealed record TimestampTrust(X509Certificate2Collection Roots, TimeSpan Within, DateTimeOffset Now);

/// <summary>What a log is held against, besides itself.</summary>
/// <param name="Key">The ledger's public key, pinned by the caller.</param>
/// <param name="Known">The checkpoints known from elsewhere.</param>
public sealed record Trust(NoteVerifier Key, params IReadOnlyList<KnownCheckpoint> Known)
{
    /// <summary>Which cosignatures are demanded; null for none.</summary>
    public TrustPolicy? Policy { get; init; }

    /// <summary>Which timestamps are demanded; null for none.</summary>
    public TimestampTrust? Timestamps { get; init; }

    /// <summary>The size of the checkpoint of the last verification; null at the first.</summary>
    public long? Remembered => Known.FirstOrDefault(k => k.By == KnownCheckpoint.Remembered)?.Checkpoint.Size;

    /// <summary>The longest log that is known from elsewhere.</summary>
    public KnownCheckpoint? Longest => Known.MaxBy(k => k.Checkpoint.Size);

    /// <summary>The size of the longest of these checkpoints that has the cosignatures demanded; 0 for none.</summary>
    public long Witnessed(IEnumerable<string> notes) => Policy is not { DemandsWitnesses: true }
        ? 0
        : notes.Select(SignedNote.Parse).Where(Policy.IsSatisfiedBy).Select(n => Checkpoint.Open(n.ToString(), Key).Size).DefaultIfEmpty().Max();

    /// <summary>What is wrong when no checkpoint has the cosignatures demanded.</summary>
    public IEnumerable<Finding> Unwitnessed(long witnessed) => Policy is { DemandsWitnesses: true } && witnessed == 0
        ? [new Finding(FindingKind.Unwitnessed, null, "cosignatures", "No checkpoint carries the cosignatures that the policy demands.")]
        : [];
}
