using System.Security.Cryptography;
using System.Text;
using Ledger.Files;
using Ledger.Integrity.Checkpoints;
using Ledger.Store.Schema;

namespace Ledger.Service.Hosting;

/// <summary>
/// The keys that sign checkpoints: files in the key folder, readable by their owner only. One is the ledger's; with the
/// other the ledger cosigns in a way that quantum computers do not forge.
/// </summary>
public static class SigningKey
{
    /// <summary>What the name of a ledger's own cosigner ends with.</summary>
    public const string CosignerSuffix = "/ml-dsa-44";

    /// <summary>Where the ledger's stands in a key folder.</summary>
    public static string PathIn(string folder) => Path.Combine(folder, "checkpoint.key");

    /// <summary>Where its cosigner's stands.</summary>
    public static string CosignerPathIn(string folder) => Path.Combine(folder, "cosigner.key");

    /// <summary>Reads the ledger's key.</summary>
    /// <exception cref="LedgerStateException">There is none, others may read it, or it is malformed.</exception>
    public static NoteSigner Load(string folder) => LoadFrom(PathIn(folder));

    /// <summary>Reads the ledger's key, or makes one for an origin where there is none.</summary>
    /// <inheritdoc cref="Load"/>
    public static NoteSigner LoadOrMake(string folder, string origin) =>
        LoadOrMake(PathIn(folder), origin, NoteKeyType.Ed25519);

    /// <summary>Reads the cosigner's key of a ledger, or makes one where there is none.</summary>
    /// <inheritdoc cref="Load"/>
    public static NoteSigner LoadOrMakeCosigner(string folder, string origin) =>
        LoadOrMake(CosignerPathIn(folder), origin + CosignerSuffix, NoteKeyType.MlDsaCosignature);

    private static NoteSigner LoadFrom(string file)
    {
        try
        {
            PrivateFile.Require(file);
            return NoteSigner.Parse(File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new LedgerStateException($"The signing key {file} cannot be read: {e.Message}");
        }
    }

    private static NoteSigner LoadOrMake(string file, string name, NoteKeyType type)
    {
        Directory.CreateDirectory(
            Path.GetDirectoryName(Path.GetFullPath(file))!,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        );
        if (!File.Exists(file))
        {
            var made = new NoteSigner(name, RandomNumberGenerator.GetBytes(NoteSigner.SeedSize), type);
            DurableFile.WriteOnce(file, Encoding.UTF8.GetBytes(made.ToSecret() + "\n"));
        }

        return LoadFrom(file);
    }
}
