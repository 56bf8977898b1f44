using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
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

    /// <summary>Opens a witness's folder; makes its key when there is none and a name is given.</summary>
    /// <exception cref="CannotVerifyException">There is no key, and no name for one; or it cannot be read.</exception>
    public static WitnessMemory Open(string folder, string? name)
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
                var signer = new NoteSigner(
                    name!,
                    RandomNumberGenerator.GetBytes(NoteSigner.SeedSize),
                    NoteKeyType.Cosignature
                );
                Replace(path, signer.ToSecret() + "\n");
                return new WitnessMemory(folder, signer, held);
            }

            var known = NoteSigner.Parse(File.ReadAllText(path));
            return known.Verifier.Type == NoteKeyType.Cosignature
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

    // The new file reaches the disk before it takes the old one's name, and the name before anybody is told.
    private static void Replace(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(path + ".new", options))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }

        File.Move(path + ".new", path, overwrite: true);
        if (!OperatingSystem.IsWindows())
        {
            SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
    }

    // .NET has no way to flush a folder: without it a rename may be lost with the power.
    private static void SyncFolder(string folder)
    {
        var handle = Open(folder, 0);
        var failed = handle < 0 || Sync(handle) != 0;
        if (handle >= 0)
        {
            _ = Close(handle);
        }

        if (failed)
        {
            throw new IOException(
                $"The folder {folder} cannot be flushed to disk (errno {Marshal.GetLastPInvokeError()})."
            );
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Sync(int handle);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    private static extern int Close(int handle);
}
