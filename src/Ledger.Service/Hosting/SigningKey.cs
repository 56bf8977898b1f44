using System.Security.Cryptography;
using System.Text;
using Ledger.Files;
using Ledger.Integrity.Checkpoints;
using Ledger.Store.Schema;

namespace Ledger.Service.Hosting;

/// <summary>The key that signs checkpoints: a file in the key folder, readable by its owner only.</summary>
public static class SigningKey
{
    /// <summary>Where it stands in a key folder.</summary>
    public static string PathIn(string folder) => Path.Combine(folder, "checkpoint.key");

    /// <summary>Reads the key.</summary>
    /// <exception cref="LedgerStateException">There is none, or it is malformed.</exception>
    public static NoteSigner Load(string folder)
    {
        try
        {
            return NoteSigner.Parse(File.ReadAllText(PathIn(folder)));
        }
        catch (Exception e) when (e is IOException or FormatException)
        {
            throw new LedgerStateException($"The signing key {PathIn(folder)} cannot be read: {e.Message}");
        }
    }

    /// <summary>Makes a key for an origin, unless one stands there already.</summary>
    public static NoteSigner LoadOrMake(string folder, string origin)
    {
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (!File.Exists(PathIn(folder)))
        {
            var made = new NoteSigner(origin, RandomNumberGenerator.GetBytes(NoteSigner.SeedSize));
            DurableFile.WriteOnce(PathIn(folder), Encoding.UTF8.GetBytes(made.ToSecret() + "\n"));
        }

        return Load(folder);
    }
}
