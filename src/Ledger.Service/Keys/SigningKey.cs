using System.Security.Cryptography;
using System.Text;
using Ledger.Files;
using Ledger.Integrity.Checkpoints;
using Ledger.Store.Keys;
using Ledger.Store.Schema;

namespace Ledger.Service.Keys;

/// <summary>
/// The keys that sign checkpoints: files in the key folder, readable by their owner only, each with the key, or with the
/// name of one that a device has. One is the ledger's; with the other the ledger cosigns in a way that quantum computers
/// do not forge.
/// </summary>
public static class SigningKey
{
    /// <summary>What the name of a ledger's own cosigner ends with.</summary>
    public const string CosignerSuffix = "/ml-dsa-44";

    /// <summary>Where the ledger's first stands in a key folder.</summary>
    public static string PathIn(string folder) => Path.Combine(folder, "checkpoint.key");

    /// <summary>Where its cosigner's stands.</summary>
    public static string CosignerPathIn(string folder) => Path.Combine(folder, "cosigner.key");

    /// <summary>Where a key that took over stands.</summary>
    internal static string PathIn(string folder, NoteVerifier key) =>
        Path.Combine(folder, $"checkpoint-{key.KeyId:x8}.key");

    /// <summary>Reads the ledger's first key, or makes one for an origin where there is none.</summary>
    /// <exception cref="LedgerStateException">Others may read it, it is malformed, or its vault cannot be used.</exception>
    public static INoteKey LoadOrMake(string folder, string origin, IKeyVault vault)
    {
        if (!File.Exists(PathIn(folder)))
        {
            Write(PathIn(folder), vault.MakeSigningKey(origin).Written);
        }

        return LoadFrom(PathIn(folder), vault);
    }

    /// <summary>Reads the cosigner's key of a ledger, or makes one where there is none.</summary>
    /// <exception cref="LedgerStateException">Others may read it, or it is malformed.</exception>
    public static NoteSigner LoadOrMakeCosigner(string folder, string origin)
    {
        if (!File.Exists(CosignerPathIn(folder)))
        {
            var seed = RandomNumberGenerator.GetBytes(NoteSigner.SeedSize);
            Write(
                CosignerPathIn(folder),
                new NoteSigner(origin + CosignerSuffix, seed, NoteKeyType.MlDsaCosignature).ToSecret()
            );
        }

        return (NoteSigner)LoadFrom(CosignerPathIn(folder), new FileVault());
    }

    /// <summary>Writes a key's file, unless one stands there.</summary>
    internal static void Write(string file, string secret)
    {
        Directory.CreateDirectory(
            Path.GetDirectoryName(Path.GetFullPath(file))!,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        );
        DurableFile.WriteOnce(file, Encoding.UTF8.GetBytes(secret + "\n"));
    }

    /// <summary>Has a key sign, and checks that it is the one that its public half says.</summary>
    /// <exception cref="IOException">It is another, or cannot be used.</exception>
    internal static INoteKey Tried(INoteKey key)
    {
        var probe = RandomNumberGenerator.GetBytes(NoteSigner.SeedSize);
        return key.Verifier.Verify(probe, key.Sign(probe))
            ? key
            : throw new IOException($"It signs otherwise than the key {key.Verifier} does.");
    }

    /// <summary>Reads a key's file.</summary>
    /// <exception cref="LedgerStateException">There is none, others may read it, or its vault cannot be used.</exception>
    internal static INoteKey LoadFrom(string file, IKeyVault vault)
    {
        try
        {
            PrivateFile.Require(file);
            return vault.SigningKey(File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new LedgerStateException($"The signing key {file} cannot be read: {e.Message}");
        }
    }
}
