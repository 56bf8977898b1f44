using Ledger.Domain.Common;
using Ledger.Integrity.Checkpoints;
using Ledger.Store.Keys;
using Ledger.Store.Publishing;
using Ledger.Store.Schema;

namespace Ledger.Service.Keys;

/// <summary>
/// Has another key sign from now on. Only the key folder changes: running nodes see it before they sign again, and
/// record it.
/// </summary>
/// <param name="folder">The key folder.</param>
/// <param name="vault">Where the new key is made.</param>
/// <param name="time">The clock.</param>
public sealed class KeyRotation(string folder, IKeyVault vault, TimeProvider time)
{
    /// <summary>Rotates.</summary>
    /// <param name="actor">Who decides it, for which Caf.</param>
    /// <param name="why">The reason, for the log.</param>
    /// <param name="overlap">How long both keys sign.</param>
    /// <param name="revokes">Whether the old key is no longer trusted: then it signs no more.</param>
    /// <param name="cancel">Stops waiting for whoever signs.</param>
    /// <returns>The new public key.</returns>
    /// <exception cref="LedgerStateException">A rotation is under way, or the keys cannot be read.</exception>
    public async Task<NoteVerifier> RunAsync(
        Actor actor,
        string why,
        TimeSpan overlap,
        bool revokes,
        CancellationToken cancel
    )
    {
        // Nobody signs meanwhile: what was signed last is the last that the old key signed alone.
        var memory = SignerMemory.In(folder);
        using var held = await memory.HoldAsync(cancel);
        var ring = KeyRing.Open(folder, vault, time);
        if (!revokes && ring.Signing().Count > 1)
        {
            throw new LedgerStateException(
                $"A rotation is under way: both keys sign until {ring.Rotations[^1].BothUntil:u}."
            );
        }

        var last =
            memory.Recall(ring.Keys)?.Checkpoint
            ?? throw new LedgerStateException(
                $"What was signed last is not in {folder} (checkpoint.signed): nobody can say from where on the new key "
                    + "signs. Start the service once, and let it sign."
            );
        var old = ring.Opened(ring.Keys.Current);
        var (next, written) = vault.MakeSigningKey(ring.Keys.Name);
        SigningKey.Write(SigningKey.PathIn(folder, next.Verifier), written);
        var now = time.GetUtcNow();
        var rotation = new Rotation(
            Succession.Sign(old, next, last, revokes).ToString(),
            revokes ? now : now + overlap,
            actor.Caf!.Value.Value,
            actor.Id.Value,
            why
        );
        RotationFile.Write(folder, [.. ring.Rotations, rotation]);
        return next.Verifier;
    }
}
