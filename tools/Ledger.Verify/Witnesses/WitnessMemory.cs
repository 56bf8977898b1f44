using System.Security.Cryptography;
using System.Text;
using Ledger.Files;
using Ledger.Integrity.Checkpoints;

namespace Ledger.Verify.Witnesses;

/// <summary>
/// What a witness remembers: its key, and for each log the last checkpoint that it cosigned. It is on disk before the
/// witness answers.
/// </summary>
public sealed class WitnessMemory : IDisposable
{
    private const string KeyFile = "witness-key";

    private readonly string _folder;

    private readonly FileStream _lock;

    private WitnessMemory(string folder, NoteSigner signer, FileStream @lock) =>
        (_folder, Signer, _lock) = (folder, signer, @lock);

    /// <summary>The witness's key.</summary>
    public NoteSigner Signer { get; }

    /// <summary>Opens a witness's folder; makes its key, of this type, when there is none and a name
    /// is given.</summary>
    /// <exception cref="CannotVerifyException">There is no key, and no name for one; or it cannot be read.</exception>
    public static WitnessMemory Open(string folder, string? name, NoteKeyType type = NoteKeyType.Cosignature)
    {
        var path = Path.Combine(folder, KeyFile);
        FileStream? held = null;
        try
        {
            if (!File.Exists(path) && name is null)
            {
                throw new CannotVerifyException("The witness has no key yet: --name says how it is to be called.");
            }

            // Two processes with one memory would cosign two continuations of one checkpoint.
            Directory.CreateDirectory(folder);
            held = new FileStream(
                Path.Combine(folder, "lock"),
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None
            );
            if (!File.Exists(path))
            {
                var signer = new NoteSigner(name!, RandomNumberGenerator.GetBytes(NoteSigner.SeedSize), type);
                Replace(path, signer.ToSecret() + "\n");
                return new WitnessMemory(folder, signer, held);
            }

            var known = NoteSigner.Parse(File.ReadAllText(path));
            return known.Verifier.IsCosigners
                ? new WitnessMemory(folder, known, held)
                : throw new CannotVerifyException($"The key in {path} is not a witness's.");
        }
        catch (Exception e)
        {
            held?.Dispose();
            throw e is FormatException or IOException or UnauthorizedAccessException
                ? new CannotVerifyException($"The witness's memory cannot be had: {e.Message}")
                : e;
        }
    }

    /// <summary>The name of an origin in addresses and file names: the hex of its SHA-256.</summary>
    public static string HashOf(string origin) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin)));

    /// <summary>The last note that was cosigned for an origin, by the hash of its name; null for none.</summary>
    public string? Recall(string hash) => File.Exists(PathOf(hash)) ? File.ReadAllText(PathOf(hash)) : null;

    /// <summary>Remembers a note. It is durable once this returns.</summary>
    public void Keep(string origin, string note) => Replace(PathOf(HashOf(origin)), note);

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private string PathOf(string hash) => Path.Combine(_folder, $"{hash}.checkpoint");

    private static void Replace(string path, string text) =>
        DurableFile.Replace(path, Encoding.UTF8.GetBytes(text), isPrivate: true);
}
