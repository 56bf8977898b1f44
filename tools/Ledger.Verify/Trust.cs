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

/// <summary>What a log is held against, besides itself.</summary>
/// <param name="Key">The ledger's public key, pinned by the caller.</param>
/// <param name="Known">The checkpoints known from elsewhere.</param>
public sealed record Trust(NoteVerifier Key, params IReadOnlyList<KnownCheckpoint> Known)
{
    /// <summary>The size of the checkpoint of the last verification; null at the first.</summary>
    public long? Remembered => Known.FirstOrDefault(k => k.By == KnownCheckpoint.Remembered)?.Checkpoint.Size;

    /// <summary>The greatest size that is known from elsewhere.</summary>
    public KnownCheckpoint? Longest => Known.MaxBy(k => k.Checkpoint.Size);
}
