using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Ledger.Domain.Common;
using Ledger.Domain.Pseudonyms;
using Ledger.Files;
using Ledger.Store.Keys;
using Ledger.Store.Knowing;
using Ledger.Store.Schema;

namespace Ledger.Store.Pseudonyms;

/// <summary>
/// The keys of pseudonyms: that of dossiers, which lasts, and one for each month. Destroying a month's key undoes its
/// pseudonyms, and what was enciphered beside them, for good.
/// </summary>
public sealed class PseudonymKeys(
    LedgerDatabase database,
    Replica replica,
    string folder,
    IKeyVault vault,
    TimeProvider time
) : IMonthKeys, IDisposable
{
    private const int KeySize = 32;

    private readonly EpochKeys _keys = new(database, replica, folder, vault, time);
    private readonly ConcurrentDictionary<string, (byte[] Key, MonthKey Month)> _months = new();

    /// <summary>
    /// Checks that every key that the ledger uses is here, and makes that of files for a ledger that has none yet.
    /// </summary>
    /// <exception cref="KeyUnavailableException">One is missing, or is another: the message names the file.</exception>
    public async Task OpenAsync(CancellationToken cancel)
    {
        await OpenForReadingAsync(cancel);
        await _keys.GetOrMakeAsync(EpochKeys.Files, cancel);
        await _keys.GetOrMakeAsync(EpochKeys.Nodes, cancel);
        Forget();
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
        [.. (await _keys.AllAsync(cancel)).Where(k => IsMonth(k.Epoch)).Select(k => Month(k.Epoch, k.Key))];

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

    /// <summary>The months that have a key which is not destroyed, <c>yyyy-MM</c>, in their order.</summary>
    public async Task<IReadOnlyList<string>> MonthsAsync(CancellationToken cancel) =>
        [.. (await _keys.AllAsync(cancel)).Select(k => k.Epoch).Where(IsMonth)];

    /// <summary>Does away with every key that the log says was destroyed.</summary>
    /// <exception cref="KeyUnavailableException">One cannot be done away with.</exception>
    public void Forget()
    {
        foreach (var month in _months.Keys.Where(replica.Known.DestroyedEpochs.Contains))
        {
            _months.TryRemove(month, out _);
        }

        _keys.Forget();
    }

    /// <summary>The lasting pseudonym of a file: by it facts about the file name it.</summary>
    public string Dossier(CafCode caf, Matricule matricule) => Files().Keys.Of(caf, matricule);

    /// <summary>Whether what was recorded of a file until some day was erased by a decision.</summary>
    public bool WasErased(CafCode caf, Matricule matricule)
    {
        Files().Keys.Of(caf, matricule, out var wasErased);
        return wasErased;
    }

    /// <summary>Which keys of files are used now.</summary>
    /// <exception cref="KeyUnavailableException">They are not here.</exception>
    public FileKeyName FilesName
    {
        get
        {
            var (keys, name) = Files();
            return new FileKeyName(name, keys.Before);
        }
    }

    /// <summary>
    /// Writes aside the keys without a file. They are used once the log says so, and those before are then gone.
    /// </summary>
    /// <exception cref="KeyUnavailableException">They cannot be written.</exception>
    public Erasure Without(CafCode caf, Matricule matricule)
    {
        // The keys and their name together: another file may be erased in between.
        var (files, name) = Files();
        var (after, aside) = _keys.Prepare(
            files.Without(caf, matricule, RandomNumberGenerator.GetBytes(KeySize), name).ToBytes(),
            name
        );
        return new Erasure(files.Of(caf, matricule), new FileKeyName(name, files.Before), after, aside);
    }

    /// <summary>Takes the keys into use that the log says are those of files.</summary>
    /// <exception cref="KeyUnavailableException">They are not here.</exception>
    public void TakeFiles() => Files();

    /// <summary>A key of the nodes that share the ledger's keys, for a purpose of its own.</summary>
    public byte[] Derived(string purpose) =>
        HKDF.DeriveKey(
            HashAlgorithmName.SHA256,
            _keys.Loaded(EpochKeys.Nodes) ?? throw NoKeys(),
            KeySize,
            info: Encoding.UTF8.GetBytes(purpose)
        );

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

    private (FileKeys Keys, string Name) Files() => _keys.CurrentFiles() ?? throw NoKeys();

    private static bool IsMonth(string epoch) => epoch is not (EpochKeys.Files or EpochKeys.Nodes);

    private static KeyUnavailableException NoKeys() => new("This ledger has no keys yet: nothing was recorded in it.");
}

/// <summary>The keys of files without one of them, written aside.</summary>
/// <param name="Dossier">The lasting pseudonym that the file has until then.</param>
/// <param name="Before">The keys before.</param>
/// <param name="After">What these give of a constant.</param>
/// <param name="Aside">Where they stand until the log says so.</param>
public sealed record Erasure(string Dossier, FileKeyName Before, string After, string Aside)
{
    /// <summary>Does away with them, when nothing was recorded.</summary>
    public void Cancel() => DurableFile.Remove(Aside);
}
