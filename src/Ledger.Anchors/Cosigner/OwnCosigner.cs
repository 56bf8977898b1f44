using System.Text;
using Ledger.Integrity.Checkpoints;

namespace Ledger.Anchors.Cosigner;

/// <summary>
/// The ledger cosigns its own checkpoints with a key of another kind, so that what is kept for longer than Ed25519 may
/// last proves itself still. Not each of them: a cosignature is ten times as long as a checkpoint.
/// </summary>
/// <param name="signer">Its ML-DSA-44 key.</param>
/// <param name="cadence">At most one cosignature in that time.</param>
/// <param name="time">The clock.</param>
public sealed class OwnCosigner(NoteSigner signer, TimeSpan cadence, TimeProvider time) : IAnchor
{
    /// <inheritdoc/>
    public string Name => "cosigner";

    /// <summary>A checkpoint with the cosignature.</summary>
    public string Cosign(string note) => SignedNote.Parse(note).Cosign(signer, time.GetUtcNow()).ToString();

    /// <inheritdoc/>
    public async Task<long> AnchorAsync(IAnchoredLog log, CancellationToken cancel)
    {
        var last = await log.LastKeptAsync(AnchorKind.Cosignature, signer.Verifier.Name, cancel);
        if (
            await log.LatestAsync(cancel) is not var (note, checkpoint)
            || checkpoint.Size == last?.Size
            || time.GetUtcNow() - last?.At < cadence
        )
        {
            return last?.Size ?? 0;
        }

        var line = SignedNote.Parse(Cosign(note)).SignatureOf(signer.Verifier)!.ToLine();
        await log.KeepAsync(
            new AnchorProof(
                checkpoint.Size,
                AnchorKind.Cosignature,
                signer.Verifier.Name,
                Encoding.UTF8.GetBytes(line + "\n")
            ),
            cancel
        );
        return checkpoint.Size;
    }
}
