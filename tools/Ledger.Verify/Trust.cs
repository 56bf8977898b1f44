using System.Security.Cryptography.X509Certificates;
using Ledger.Integrity;
using Ledger.Integrity.Checkpoints;

namespace Ledger.Verify;

/// <summary>
/// A checkpoint that the verifier knows from elsewhere than what it verifies: the log must continue it.
/// </summary>
/// <param name="By">
/// How it is known, in one word or few: <c>remembered</c>, <c>mirrored</c>, <c>cosigned by 'w1'</c>.
/// </param>
/// <param name="Checkpoint">What it says.</param>
public sealed record KnownCheckpoint(string By, Checkpoint Checkpoint)
{
    /// <summary>The name of the verifier's own memory.</summary>
    public const string Remembered = "remembered";

    /// <summary>The name of what a key signed last, as the key says that took over.</summary>
    public const string Succeeded = "named by the key that took over";
}

/// <summary>
/// An entry that the verifier knows from elsewhere. Since each entry names the one before, it stands for all of them up
/// to there.
/// </summary>
/// <param name="By">How it is known.</param>
/// <param name="Position">Where it stands.</param>
/// <param name="LeafHash">Its leaf hash.</param>
public sealed record KnownEntry(string By, long Position, Hash256 LeafHash);

/// <summary>Which timestamps are demanded.</summary>
/// <param name="Roots">The roots under which the authority must be.</param>
/// <param name="Within">How long after it was recorded an entry must be under a timestamp.</param>
/// <param name="Now">The moment of the verification.</param>
public sealed record TimestampTrust(X509Certificate2Collection Roots, TimeSpan Within, DateTimeOffset Now);

/// <summary>Which cosignatures are demanded.</summary>
/// <param name="Policy">Whose.</param>
/// <param name="Within">How long after it was recorded an entry must be under them.</param>
/// <param name="Now">The moment of the verification.</param>
public sealed record WitnessTrust(TrustPolicy Policy, TimeSpan Within, DateTimeOffset Now);

/// <summary>What a log is held against, besides itself.</summary>
/// <param name="Keys">The ledger's public key, pinned by the caller, and those that took over from it.</param>
/// <param name="Known">The checkpoints known from elsewhere.</param>
public sealed record Trust(LogKeys Keys, params IReadOnlyList<KnownCheckpoint> Known)
{
    /// <summary>The checkpoints known from elsewhere, and what each key signed last, as the next says.</summary>
    public IReadOnlyList<KnownCheckpoint> Known { get; } =
    [
        .. Known,
        .. Keys.LastOfEach.Where(c => c.Size > 0).Select(c => new KnownCheckpoint(KnownCheckpoint.Succeeded, c)),
    ];

    /// <summary>Which cosignatures are demanded; null for none.</summary>
    public WitnessTrust? Witnesses { get; init; }

    /// <summary>The entries known from elsewhere.</summary>
    public IReadOnlyList<KnownEntry> Entries { get; init; } = [];

    /// <summary>Which timestamps are demanded; null for none.</summary>
    public TimestampTrust? Timestamps { get; init; }

    /// <summary>The size of the checkpoint of the last verification; null at the first.</summary>
    public long? Remembered => Known.FirstOrDefault(k => k.By == KnownCheckpoint.Remembered)?.Checkpoint.Size;

    /// <summary>The longest checkpoint that is known from elsewhere.</summary>
    public KnownCheckpoint? Longest => Known.MaxBy(k => k.Checkpoint.Size);

    /// <summary>How many entries the log is known from elsewhere to have had.</summary>
    public long KnownSize =>
        Math.Max(Longest?.Checkpoint.Size ?? 0, Entries.Select(e => e.Position + 1).DefaultIfEmpty().Max());

    /// <summary>The size of the longest of these checkpoints that has the cosignatures demanded; 0 for none.</summary>
    public long Witnessed(IEnumerable<string> notes) =>
        Witnesses is not { Policy.DemandsWitnesses: true }
            ? 0
            : notes
                .Select(SignedNote.Parse)
                .Where(Witnesses.Policy.IsSatisfiedBy)
                .Select(n => Keys.Open(n.ToString()).Size)
                .DefaultIfEmpty()
                .Max();

    /// <summary>
    /// What is wrong when no checkpoint has the cosignatures demanded, or only one that leaves out what was recorded
    /// too long ago.
    /// </summary>
    /// <param name="witnessed">The size of the longest checkpoint that has them.</param>
    /// <param name="recordedAt">
    /// When the first entry that it does not cover was recorded; null when it covers all.
    /// </param>
    public IEnumerable<Finding> Unwitnessed(long witnessed, DateTimeOffset? recordedAt) =>
        Witnesses switch
        {
            not { Policy.DemandsWitnesses: true } => [],
            _ when witnessed == 0 =>
            [
                new Finding(
                    FindingKind.Unwitnessed,
                    null,
                    "cosignatures",
                    "No checkpoint carries the cosignatures that the policy demands."
                ),
            ],
            { } trust when recordedAt is { } at && trust.Now - at > trust.Within =>
            [
                new Finding(
                    FindingKind.Unwitnessed,
                    witnessed,
                    "cosignatures",
                    $"The cosignatures demanded cover nothing of what is recorded at {at:yyyy-MM-dd HH:mm:ss'Z'} "
                        + $"and after."
                ),
            ],
            _ => [],
        };
}
