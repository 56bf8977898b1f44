using System.Security.Cryptography;
using System.Text;
using Ledger.Domain.Common;
using Ledger.Store.Knowing;
using Ledger.Store.Schema;

namespace Ledger.Store.Pseudonyms;

/// <summary>
/// Turns (Caf, matricule) into a pseudonym. A matricule has seven digits: without a key, trying them all would undo any
/// hash. Destroying a month's key undoes its pseudonyms for good.
/// </summary>
public sealed class PseudonymKeys(LedgerDatabase database, Replica replica, string folder, TimeProvider time)
    : IDisposable
{
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int KeySize = 32;
    private const string DossierEpoch = "dossiers";

    private readonly EpochKeys _keys = new(database, replica, folder, time);

    /// <summary>
    /// Checks that every key that the ledger uses is here, and makes that of files for a ledger that has none yet.
    /// </summary>
    /// <exception cref="KeyUnavailableException">One is missing, or is another: the message names the file.</exception>
    public async Task OpenAsync(CancellationToken cancel)
    {
        await OpenForReadingAsync(cancel);
        await _keys.GetOrMakeAsync(DossierEpoch, cancel);
    }

    /// <summary>Checks that every key that the ledger uses is here, and makes none.</summary>
    /// <exception cref="KeyUnavailableException">One is missing, or is another: the message names the file.</exception>
    public Task OpenForReadingAsync(CancellationToken cancel) => _keys.AllAsync(cancel);

    /// <summary>
    /// The pseudonym of an allocataire in the month of an instant. The month's key is made at its first use: ask only
    /// for what will be recorded.
    /// </summary>
    /// <exception cref="KeyUnavailableException">The month's key cannot be had.</exception>
    public async ValueTask<Pseudonym> InAsync(
        DateTimeOffset instant,
        CafCode caf,
        Matricule matricule,
        CancellationToken cancel
    )
    {
        var epoch = LegalTime.DayOf(instant).ToString("yyyy-MM");
        return Of(epoch, await _keys.GetOrMakeAsync(epoch, cancel), caf, matricule);
    }

    /// <summary>Her pseudonyms in every month that has a key: what to look for.</summary>
    /// <exception cref="KeyUnavailableException">The key of a month is missing, or is another.</exception>
    public async Task<IReadOnlyList<Pseudonym>> AllAsync(CafCode caf, Matricule matricule, CancellationToken cancel) =>
        [
            .. (await _keys.AllAsync(cancel))
                .Where(k => k.Epoch != DossierEpoch)
                .Select(k => Of(k.Epoch, k.Key, caf, matricule)),
        ];

    /// <summary>
    /// Her pseudonym under the key of dossiers, which outlives the months: for facts about the file itself.
    /// </summary>
    public string Dossier(CafCode caf, Matricule matricule) => Of(DossierEpoch, DossierKey(), caf, matricule).Value;

    /// <summary>A key of the nodes that share the ledger's keys, for a purpose of its own.</summary>
    public byte[] Derived(string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, DossierKey(), KeySize, info: Encoding.UTF8.GetBytes(purpose));

    /// <summary>
    /// Seals a clear identity: AES-256-GCM under a key of this file alone. Nonce, ciphertext, tag.
    /// </summary>
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

    /// <inheritdoc/>
    public void Dispose() => _keys.Dispose();

    private byte[] DossierKey() =>
        _keys.Loaded(DossierEpoch)
        ?? throw new KeyUnavailableException("This ledger has no keys yet: nothing was recorded in it.");

    private byte[] SealingKey(string dossier) => Derived($"caf-ledger/sealed-identity/v1\n{dossier}");

    private static Pseudonym Of(string epoch, byte[] key, CafCode caf, Matricule matricule) =>
        new(
            epoch,
            Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{caf}\n{matricule.Value}")))
        );
}
