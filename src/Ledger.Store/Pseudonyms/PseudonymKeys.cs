using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Ledger.Domain.Common;

namespace Ledger.Store.Pseudonyms;

/// <summary>
/// Keys that turn (Caf, matricule) into a pseudonym: one random key a month, in a folder apart from the database. A
/// matricule
/// has seven digits: without a key, trying them all would undo any hash. Destroying a month's key undoes its pseudonyms
/// for good.
/// </summary>
public sealed class PseudonymKeys
{
    private const int KeySize = 32;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const string DossierEpoch = "dossiers";

    private readonly ConcurrentDictionary<string, byte[]> _keys = new();
    private readonly string _folder;

    /// <summary>
    /// Keys in a folder, which is made if it is missing. Processes that share a ledger share the folder.
    /// </summary>
    public PseudonymKeys(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>
    /// The pseudonym of an allocataire in the month of an instant. The month's key is made at its first use.
    /// </summary>
    public Pseudonym In(DateTimeOffset instant, CafCode caf, Matricule matricule)
    {
        var epoch = LegalTime.DayOf(instant).ToString("yyyy-MM");
        return Of(epoch, _keys.GetOrAdd(epoch, LoadOrMake), caf, matricule);
    }

    /// <summary>Her pseudonyms in every month that has a key: what to look for.</summary>
    public IReadOnlyList<Pseudonym> All(CafCode caf, Matricule matricule) =>
        [
            .. Directory
                .EnumerateFiles(_folder, "????-??.key")
                .Select(f => Path.GetFileNameWithoutExtension(f))
                .Order(StringComparer.Ordinal)
                .Select(epoch => Of(epoch, _keys.GetOrAdd(epoch, LoadOrMake), caf, matricule)),
        ];

    /// <summary>
    /// Her pseudonym under the key of dossiers, which outlives the months: for facts about the file itself.
    /// </summary>
    public string Dossier(CafCode caf, Matricule matricule) =>
        Of(DossierEpoch, _keys.GetOrAdd(DossierEpoch, LoadOrMake), caf, matricule).Value;

    /// <summary>Seals a clear identity: AES-256-GCM under a key of this file alone. Nonce, ciphertext, tag.</summary>
    public byte[] Seal(CafCode caf, Matricule matricule)
    {
        var clear = Encoding.UTF8.GetBytes($"{caf}\n{matricule.Value}");
        var payload = new byte[NonceSize + clear.Length + TagSize];
        RandomNumberGenerator.Fill(payload.AsSpan(0, NonceSize));
        using var aes = new AesGcm(SealingKey(Dossier(caf, matricule)), TagSize);
        aes.Encrypt(
            payload.AsSpan(0, NonceSize),
            clear,
            payload.AsSpan(NonceSize, clear.Length),
            payload.AsSpan(NonceSize + clear.Length)
        );
        return payload;
    }

    /// <summary>Opens what <see cref="Seal"/> closed.</summary>
    /// <exception cref="InvalidDataException">The payload is not that of this file, or was changed.</exception>
    public (CafCode Caf, Matricule Matricule) Unseal(string dossier, byte[] payload)
    {
        try
        {
            var clear = new byte[payload.Length - NonceSize - TagSize];
            using var aes = new AesGcm(SealingKey(dossier), TagSize);
            aes.Decrypt(
                payload.AsSpan(0, NonceSize),
                payload.AsSpan(NonceSize, clear.Length),
                payload.AsSpan(NonceSize + clear.Length),
                clear
            );
            var parts = Encoding.UTF8.GetString(clear).Split('\n');
            return (CafCode.Parse(parts[0]), Matricule.Parse(parts[1]));
        }
        catch (Exception e) when (e is CryptographicException or OverflowException or ArgumentException)
        {
            throw new InvalidDataException(
                "A sealed identity cannot be opened: it is another file's, or it was changed.",
                e
            );
        }
    }

    private byte[] SealingKey(string dossier) =>
        HKDF.DeriveKey(
            HashAlgorithmName.SHA256,
            _keys.GetOrAdd(DossierEpoch, LoadOrMake),
            KeySize,
            info: Encoding.UTF8.GetBytes($"caf-ledger/sealed-identity/v1\n{dossier}")
        );

    private static Pseudonym Of(string epoch, byte[] key, CafCode caf, Matricule matricule) =>
        new(
            epoch,
            Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{caf}\n{matricule.Value}")))
        );

    private byte[] LoadOrMake(string epoch)
    {
        var path = Path.Combine(_folder, $"{epoch}.key");
        if (!File.Exists(path))
        {
            PrivateFile.WriteOnce(path, RandomNumberGenerator.GetBytes(KeySize));
        }

        var key = File.ReadAllBytes(path);
        return key.Length == KeySize
            ? key
            : throw new InvalidDataException($"The key of {epoch} has {key.Length} bytes, not {KeySize}.");
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
