using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Ledger.Domain.Common;

namespace Ledger.Store.Pseudonyms;

/// <summary>
/// Keys that turn (Caf, matricule) into a pseudonym: one random key a month, in a folder apart from the database. A matricule
/// has seven digits: without a key, trying them all would undo any hash. Destroying a month's key undoes its pseudonyms for good.
/// </summary>
public sealed class PseudonymKeys
{
    private const int KeySize = 32;

    private readonly ConcurrentDictionary<string, byte[]> _keys = new();
    private readonly string _folder;

    /// <summary>Keys in a folder, which is made if it is missing. Processes that share a ledger share the folder.</summary>
    public PseudonymKeys(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>The pseudonym of an allocataire in the month of an instant. The month's key is made at its first use.</summary>
    public Pseudonym In(DateTimeOffset instant, CafCode caf, Matricule matricule)
    {
        var epoch = LegalTime.DayOf(instant).ToString("yyyy-MM");
        return Of(epoch, _keys.GetOrAdd(epoch, LoadOrMake), caf, matricule);
    }

    /// <summary>Her pseudonyms in every month that has a key: what to look for.</summary>
    public IReadOnlyList<Pseudonym> All(CafCode caf, Matricule matricule) =>
    [
        .. Directory.EnumerateFiles(_folder, "????-??.key").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)
            .Select(epoch => Of(epoch, _keys.GetOrAdd(epoch, LoadOrMake), caf, matricule)),
    ];

    private static Pseudonym Of(string epoch, byte[] key, CafCode caf, Matricule matricule) =>
        new(epoch, Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{caf}\n{matricule.Value}"))));

    private byte[] LoadOrMake(string epoch)
    {
        var path = Path.Combine(_folder, $"{epoch}.key");
        if (!File.Exists(path))
        {
            PrivateFile.WriteOnce(path, RandomNumberGenerator.GetBytes(KeySize));
        }

        var key = File.ReadAllBytes(path);
        return key.Length == KeySize ? key : throw new InvalidDataException($"The key of {epoch} has {key.Length} bytes, not {KeySize}.");
    }
}

/// <summary>Files that only their owner reads, and that appear whole or not at all.</summary>
public static class PrivateFile
{
    /// <summary>Writes a file unless another process has; either way a whole file stands there afterwards.</summary>
    public static void WriteOnce(string path, byte[] content)
    {
        var aside = $"{path}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}.new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var file = new FileStream(aside, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(aside, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(aside);
        }
    }
}
