namespace Ledger.Integrity.Checkpoints;

/// <summary>The kinds of what anchors outside say about checkpoints.</summary>
public enum AnchorKind : short
{
    /// <summary>A witness's signature line on a checkpoint.</summary>
    Cosignature,

    /// <summary>An RFC 3161 response about a checkpoint's note.</summary>
    Timestamp,
}

/// <summary>What an anchor outside said about a checkpoint.</summary>
/// <param name="Size">The size of the checkpoint.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Who said it.</param>
/// <param name="Proof">A signature line with its LF, or a timestamp response.</param>
public sealed record AnchorProof(long Size, AnchorKind Kind, string Name, byte[] Proof);
