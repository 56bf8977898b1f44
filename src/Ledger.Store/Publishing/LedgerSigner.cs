using Ledger.Integrity.Checkpoints;

namespace Ledger.Store.Publishing;

/// <summary>What signs the checkpoints of a ledger: one key, or two while one takes over from the other.</summary>
public abstract class LedgerSigner
{
    /// <summary>The public keys, with what this node knows of them.</summary>
    public abstract LogKeys Keys { get; }

    /// <summary>Looks whether a key has taken over. To be called while nobody else signs.</summary>
    public abstract void Refresh();

    /// <summary>Opens a published checkpoint: another node may have signed it with a key that took over since.</summary>
    /// <exception cref="FormatException">It is not signed by the key of its time.</exception>
    public Checkpoint Open(string note)
    {
        Refresh();
        return Keys.Open(note);
    }

    /// <summary>Signs a checkpoint with every key that signs at its size.</summary>
    /// <exception cref="IOException">A key cannot be used.</exception>
    public abstract SignedNote Sign(Checkpoint checkpoint);

    /// <summary>A key alone, for ever.</summary>
    public static implicit operator LedgerSigner(NoteSigner key) => FromNoteSigner(key);

    /// <summary>A key alone, for ever.</summary>
    public static LedgerSigner FromNoteSigner(NoteSigner key) => new OneKey(key);

    private sealed class OneKey(NoteSigner key) : LedgerSigner
    {
        public override LogKeys Keys { get; } = key.Verifier;

        public override void Refresh()
        {
            // There is no other.
        }

        public override SignedNote Sign(Checkpoint checkpoint) => SignedNote.Sign(checkpoint.ToBody(), key);
    }
}
