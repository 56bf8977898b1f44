using Ledger.Integrity.Checkpoints;

namespace Ledger.Store.Publishing;

/// <summary>
/// The log does not continue the last checkpoint that its key signed: it is a restored copy, or another one. It is not
/// signed.
/// </summary>
/// <param name="last">What was signed last.</param>
/// <param name="size">How many entries the log has.</param>
public sealed class RestoredCopyException(Checkpoint last, long size)
    : Exception(
        $"This database does not continue the last checkpoint that its key signed: {last.Size} entries were signed, "
            + $"and it has {size}, or others. Nothing is signed here. Bring back the database that is whole; or serve "
            + "this one with --read-only; or go on from it with 'ledger db adopt', which is recorded."
    )
{
    /// <summary>What was signed last.</summary>
    public Checkpoint SignedLast { get; } = last;
}
