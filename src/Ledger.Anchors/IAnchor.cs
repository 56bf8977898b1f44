using Ledger.Integrity;
using Ledger.Integrity.Checkpoints;

namespace Ledger.Anchors;

/// <summary>The log, as anchors see it.</summary>
public interface IAnchoredLog
{
    /// <summary>The latest published checkpoint, signed by the ledger alone; null before the first.</summary>
    Task<(string Note, Checkpoint Checkpoint)?> LatestAsync(CancellationToken cancel);

    /// <summary>
    /// The proof that the log of the new size continues that of the old size (RFC 6962, section 2.1.2).
    /// </summary>
    Task<IReadOnlyList<Hash256>> ProveAsync(long oldSize, long newSize, CancellationToken cancel);

    /// <summary>Entries, from a position on, as they were hashed.</summary>
    Task<IReadOnlyList<byte[]>> EntriesAsync(long first, int count, CancellationToken cancel);

    /// <summary>Keeps what an anchor said about a checkpoint. What is kept already stays.</summary>
    Task KeepAsync(AnchorProof proof, CancellationToken cancel);

    /// <summary>
    /// The size of the last checkpoint about which this anchor said something, and when that was kept; null for none.
    /// </summary>
    Task<(long Size, DateTimeOffset At)?> LastKeptAsync(AnchorKind kind, string name, CancellationToken cancel);
}

/// <summary>Somebody outside who is told about checkpoints, so that what was told cannot be taken back.</summary>
public interface IAnchor
{
    /// <summary>Who, in one word.</summary>
    string Name { get; }

    /// <summary>Brings the anchor up to the latest checkpoint, as far as it is due.</summary>
    /// <returns>The size up to which the log is anchored.</returns>
    /// <exception cref="AnchorException">
    /// It could not: the message says why. Asked again, it goes on from where it
    /// stood.
    /// </exception>
    Task<long> AnchorAsync(IAnchoredLog log, CancellationToken cancel);
}

/// <summary>An anchor could not be brought up to the log.</summary>
/// <param name="message">Why.</param>
/// <param name="contradicts">
/// Whether the anchor holds what contradicts the log, rather than being away: somebody rewrote something.
/// </param>
/// <param name="cause">What was thrown.</param>
public sealed class AnchorException(string message, bool contradicts = false, Exception? cause = null)
    : Exception(message, cause)
{
    /// <summary>Whether the anchor holds what contradicts the log.</summary>
    public bool Contradicts { get; } = contradicts;
}
