using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Ledger.Domain.Common;
using Ledger.Domain.Pseudonyms;
using Ledger.Store.Knowing;
using Ledger.Store.Schema;

namespace Ledger.Store.Pseudonyms;

/// <summary>
/// The keys of pseudonyms: that of dossiers, which lasts, and one for each month. Destroying a month's key undoes its
/// pseudonyms, and what was enciphered beside them, for good.
/// </summary>
public sealed class PseudonymKeys(LedgerDatabase database, Replica replica, string folder, TimeProvider time)
    : IMonthKeys,
        IDisposable
{
    private const int KeySize = 32;
    private const string DossierEpoch = "dossiers";

    private readonly EpochKeys _keys = new(database, replica, folder, time);
    private readonly ConcurrentDictionary<string, (byte[] Key, MonthKey Month)> _months = new();

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
    /// The key of the month of an instant. It is made at its first use: ask only for what will be recorded.
    /// </summary>
    /// <exception cref="KeyUnavailableException">The month's key cannot be had.</exception>
    public async ValueTask<MonthKey> InAsync(DateTimeOffset instant, CancellationToken cancel)
    {
        var month = LegalTime.EpochOf(instant);
        return Month(month, await _keys.GetOrMakeAsync(month, cancel));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<MonthKey>> AllAsync(CancellationToken cancel) =>
        [.. (await _keys.AllAsync(cancel)).Where(k => k.Epoch != DossierEpoch).Select(k => Month(k.Epoch, k.Key))];

    /// <inheritdoc/>
    public async ValueTask<OpenMonths> OfAsync(IEnumerable<string> months, CancellationToken cancel)
    {
        var keys = new Dictionary<string, MonthKey>();
        foreach (var month in months.Distinct())
        {
            if (await _keys.FindAsync(month, cancel) is { } key)
            {
                keys.Add(month, Month(month, key));
            }
        }

        return new OpenMonths(keys);
    }

    /// <summary>The lasting pseudonym of a file: by it facts about the file name it.</summary>
    public string Dossier(CafCode caf, Matricule matricule) => Pseudonym.Lasting(DossierKey(), caf, matricule);

    /// <summary>A key of the nodes that share the ledger's keys, for a purpose of its own.</summary>
    public byte[] Derived(string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, DossierKey(), KeySize, info: Encoding.UTF8.GetBytes(purpose));

    /// <inheritdoc/>
    public void Dispose() => _keys.Dispose();

    private MonthKey Month(string month, byte[] key)
    {
        if (!_months.TryGetValue(month, out var known) || !known.Key.AsSpan().SequenceEqual(key))
        {
            _months[month] = known = (key, new MonthKey(month, key));
        }

        return known.Month;
    }

    private byte[] DossierKey() =>
        _keys.Loaded(DossierEpoch)
        ?? throw new KeyUnavailableException("This ledger has no keys yet: nothing was recorded in it.");
}
