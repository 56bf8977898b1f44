namespace Ledger.Integrity.Checkpoints;

/// <summary>A key that signs notes, wherever its private half is: in a file, or in a device that does not give it.</summary>
public interface INoteKey
{
    /// <summary>The public half.</summary>
    NoteVerifier Verifier { get; }

    /// <summary>Signs bytes, as the type of the key has it.</summary>
    /// <exception cref="IOException">The key cannot be used.</exception>
    byte[] Sign(byte[] text);
}
