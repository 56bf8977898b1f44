using Ledger.Integrity.Checkpoints;

namespace Ledger.Store.Keys;

/// <summary>
/// What keeps the secrets of a ledger: its signing keys, and what the keys of pseudonyms are enciphered with where they
/// lie in files. What is written never leaves the key folder; whether it suffices without more, the vault decides.
/// </summary>
public interface IKeyVault
{
    /// <summary>Makes a signing key.</summary>
    /// <param name="origin">The key's name: the ledger's origin.</param>
    /// <returns>The key, and what its file says.</returns>
    /// <exception cref="IOException">The vault cannot be used.</exception>
    (INoteKey Key, string Written) MakeSigningKey(string origin);

    /// <summary>The signing key that a file speaks of.</summary>
    /// <exception cref="FormatException">The file speaks of none that this vault has.</exception>
    /// <exception cref="IOException">The vault cannot be used.</exception>
    INoteKey SigningKey(string written);

    /// <summary>Enciphers a key that is to lie in a file.</summary>
    /// <param name="name">Which key.</param>
    /// <param name="key">The key.</param>
    /// <exception cref="IOException">The vault cannot be used.</exception>
    byte[] Seal(string name, byte[] key);

    /// <summary>Reads what <see cref="Seal"/> gave.</summary>
    /// <exception cref="IOException">The vault cannot be used, or this is another's or another key's.</exception>
    byte[] Open(string name, byte[] written);
}
