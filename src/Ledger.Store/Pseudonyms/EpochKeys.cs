using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Ledger.Domain.Pseudonyms;
using Ledger.Files;
using Ledger.Store.Keys;
using Ledger.Store.Knowing;
using Ledger.Store.Reading;
using Ledger.Store.Schema;
using Npgsql;

namespace Ledger.Store.Pseudonyms;

/// <summary>A key of this ledger is not where it should be, or is another.</summary>
/// <param name="message">Which file, and what to do.</param>
public sealed class KeyUnavailableException(string message) : Exception(message);

/// <summary>The key of a month was destroyed at its lawful end: nothing is recorded in that month any more.</summary>
/// <param name="epoch">The month.</param>
public sealed class KeyDestroyedException(string epoch)
    : Exception($"The key of {epoch} was destroyed: it is never made again, and nothing is recorded in that month.");

/// <summary>
/// The keys of pseudonyms, one for each epoch, in a folder apart from the database. The database says which keys the
/// ledger uses, by what each gives of a constant: a missing or other key is an error, never a new key, and a key is
/// made once, whoever shares the folder.
/// </summary>
public sealed class EpochKeys : IDisposable
{
    /// <summary>The keys of files: what is written of them changes when one is erased.</summary>
    public const string Files = "dossiers";

    /// <summary>The key of what the nodes of a ledger share besides.</summary>
    public const string Nodes = "nodes";

    private const int KeySize = 32;
    private const string OneFolder = "All nodes share one key folder.";
    private const int Tries = 80;

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(1);

    // Keys of many erasures are long: each is read once.
    private static readonly ConditionalWeakTable<byte[], FileKeys> Parsed = [];

    private readonly ConcurrentDictionary<string, (byte[] Key, string Name)> _keys = new();
    private readonly ConcurrentDictionary<string, Epoch> _epochs = new();
    private readonly HashSet<string> _gone;
    private readonly LedgerDatabase _database;
    private readonly string _folder;
    private readonly IKeyVault _vault;
    private readonly TimeProvider _time;
    private readonly Replica _replica;

    /// <summary>Keys in a folder, which is made if it is missing.</summary>
    /// <param name="database">The ledger's database.</param>
    /// <param name="replica">What is known: of the keys that were destroyed, the log alone says so.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="vault">What enciphers them where they lie.</param>
    /// <param name="time">The clock.</param>
    public EpochKeys(LedgerDatabase database, Replica replica, string folder, IKeyVault vault, TimeProvider time)
    {
        (_database, _replica, _folder, _vault, _time) = (database, replica, folder, vault, time);
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _gone = [.. Directory.EnumerateFiles(folder, "*.destroyed").Select(f => Path.GetFileNameWithoutExtension(f)!)];
    }

    private static ReadOnlySpan<byte> CheckedConstant => "caf-ledger/key-check/v1"u8;

    /// <summary>A key that is there already, in memory; null for none.</summary>
    public byte[]? Loaded(string epoch) => _keys.TryGetValue(epoch, out var loaded) ? loaded.Key : null;

    /// <summary>
    /// The keys of files that the log names, or that took their place since, and their name; null where they were never
    /// opened.
    /// </summary>
    /// <exception cref="KeyUnavailableException">They are not here, or are damaged.</exception>
    public (FileKeys Keys, string Name)? CurrentFiles()
    {
        if (!_keys.TryGetValue(Files, out var loaded))
        {
            return null;
        }

        if (_replica.Known.FileKey is { } said && !Fits(Files, loaded, said))
        {
            var check = Convert.FromBase64String(said);
            Finish(Files, check);
            Load(Files, check);
            loaded = _keys[Files];
        }

        try
        {
            return (FilesIn(loaded.Key), loaded.Name);
        }
        catch (FormatException e)
        {
            throw new KeyUnavailableException($"The keys of files are damaged: {e.Message}");
        }
    }

    /// <summary>
    /// Writes aside what the keys of files are to be, for when the log says so: then whoever sees it gives them their
    /// name.
    /// </summary>
    /// <param name="files">The keys.</param>
    /// <param name="before">The name of those that they are to take the place of.</param>
    /// <returns>What they give of the constant, and the file.</returns>
    /// <exception cref="KeyUnavailableException">They cannot be written.</exception>
    public (string Name, string Aside) Prepare(byte[] files, string before) =>
        (NameOf(CheckOf(files)), Write(Files, files, MarkOf(before)));

    /// <summary>
    /// Does away with every key that the log says was destroyed, in memory and in the folder, and with what was written
    /// aside to take the place of keys of files that are no more.
    /// </summary>
    /// <exception cref="KeyUnavailableException">One cannot be done away with.</exception>
    public void Forget()
    {
        var left = new List<string>();
        foreach (var epoch in _replica.Known.DestroyedEpochs)
        {
            _keys.TryRemove(epoch, out _);
            foreach (var file in Directory.EnumerateFiles(_folder, $"{epoch}.key*"))
            {
                // A copy of the database may forget it, and the key is gone all the same.
                TryRemove(file, left, () => DurableFile.Replace(GoneOf(epoch), [], isPrivate: true));
            }
        }

        if (CurrentFiles() is var (files, _))
        {
            var marks = files.Before.Select(MarkOf).ToHashSet(StringComparer.Ordinal);
            foreach (
                var aside in Directory
                    .EnumerateFiles(_folder, $"{Files}.key.*.new")
                    .Where(f => marks.Contains(MarkIn(Path.GetFileName(f))))
            )
            {
                TryRemove(aside, left, () => { });
            }
        }

        if (left.Count > 0)
        {
            throw new KeyUnavailableException($"What is to be destroyed is still there: {string.Join("; ", left)}");
        }
    }

    private static void TryRemove(string file, List<string> left, Action before)
    {
        try
        {
            before();
            DurableFile.Remove(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            left.Add(e.Message);
        }
    }

    /// <summary>The key of an epoch that the ledger has used; null once it is destroyed.</summary>
    /// <exception cref="KeyUnavailableException">It is missing, or is another.</exception>
    public async ValueTask<byte[]?> FindAsync(string epoch, CancellationToken cancel) =>
        IsDestroyed(epoch) ? null
        : Loaded(epoch) is { } loaded ? loaded
        : await RowsAsync(_database.Source, epoch, cancel) is [var row] ? await NamedAsync(epoch, row.Check, cancel)
        : throw new KeyUnavailableException($"This ledger has never used a key of {epoch}.");

    /// <summary>The key of an epoch; made if the epoch has none yet.</summary>
    /// <exception cref="KeyUnavailableException">The ledger uses another key than the folder has.</exception>
    /// <exception cref="KeyDestroyedException">It was destroyed.</exception>
    public async ValueTask<byte[]> GetOrMakeAsync(string epoch, CancellationToken cancel)
    {
        if (IsDestroyed(epoch))
        {
            throw new KeyDestroyedException(epoch);
        }

        if (Loaded(epoch) is { } loaded)
        {
            return loaded;
        }

        // Whoever waits for one month's key holds up no other month's.
        var one = _epochs.GetOrAdd(epoch, _ => new Epoch());
        await one.Turn.WaitAsync(cancel);
        try
        {
            return one.Failure is { } failure && _time.GetElapsedTime(one.FailedAt) < Remembered
                ? throw new KeyUnavailableException(failure)
                : Loaded(epoch) ?? await GetOrMakeAsync(one, epoch, cancel);
        }
        finally
        {
            one.Turn.Release();
        }
    }

    /// <summary>The keys of every epoch that the ledger uses and has not destroyed.</summary>
    /// <exception cref="KeyUnavailableException">One is missing, or is another.</exception>
    public async Task<List<(string Epoch, byte[] Key)>> AllAsync(CancellationToken cancel)
    {
        var keys = new List<(string, byte[])>();
        foreach (var (epoch, check) in await RowsAsync(_database.Source, null, cancel))
        {
            if (!IsDestroyed(epoch))
            {
                keys.Add((epoch, await NamedAsync(epoch, check, cancel)));
            }
        }

        return keys;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var epoch in _epochs.Values)
        {
            epoch.Turn.Dispose();
        }
    }

    // The log says so; or a log did that was lost.
    private bool IsDestroyed(string epoch) => _replica.Known.DestroyedEpochs.Contains(epoch) || _gone.Contains(epoch);

    private string GoneOf(string epoch) => Path.Combine(_folder, $"{epoch}.destroyed");

    // What an aside would take the place of stands in its name.
    private static string MarkOf(string name) => $"{Convert.ToHexStringLower(Convert.FromBase64String(name))[..16]}-";

    private static string MarkIn(string file) =>
        file.Split('.') is [_, _, { Length: > 16 } mark, ..] ? mark[..17] : string.Empty;

    private string PathOf(string epoch) => Path.Combine(_folder, $"{epoch}.key");

    private static byte[] CheckOf(byte[] key) => HMACSHA256.HashData(key, CheckedConstant);

    private async Task<byte[]> GetOrMakeAsync(Epoch one, string epoch, CancellationToken cancel)
    {
        try
        {
            one.Failure = null;
            return await UsedAsync(epoch, cancel) ?? await MakeAsync(epoch, cancel);
        }
        catch (KeyUnavailableException e)
        {
            (one.Failure, one.FailedAt) = (e.Message, _time.GetTimestamp());
            throw;
        }
    }

    // The key that the ledger uses for an epoch; null where it uses none yet.
    private async Task<byte[]?> UsedAsync(string epoch, CancellationToken cancel)
    {
        if (await RowsAsync(_database.Writing, epoch, cancel) is not [var row])
        {
            return null;
        }

        return await NamedAsync(epoch, row.Check, cancel);
    }

    // Whoever made a key gives it its name a moment after the ledger knows of it.
    private async Task<byte[]> NamedAsync(string epoch, byte[] check, CancellationToken cancel)
    {
        for (var tries = 0; !IsNamed(epoch, check) && !Finish(epoch, check) && tries < Tries; tries++)
        {
            await Task.Delay(Glance, cancel);
        }

        return Load(epoch, check);
    }

    // The keys of files have a file before and after one is erased.
    private bool IsNamed(string epoch, byte[] check) =>
        epoch == Files
            ? (_keys.TryGetValue(Files, out var loaded) && Fits(Files, loaded, NameOf(check)))
                || (File.Exists(PathOf(Files)) && Fits(Files, Named(Read(Files)), NameOf(check)))
            : Loaded(epoch) is not null || File.Exists(PathOf(epoch));

    // A file that stands there already serves, where the ledger knows of no key yet. A new one is written first, so
    // that the ledger never knows of a key that nobody has.
    private async Task<byte[]> MakeAsync(string epoch, CancellationToken cancel)
    {
        if (File.Exists(PathOf(epoch)))
        {
            await ClaimAsync(epoch, CheckOf(Read(epoch)), cancel);
            return (await UsedAsync(epoch, cancel))!;
        }

        var key = RandomNumberGenerator.GetBytes(KeySize);
        if (epoch == Files)
        {
            key = FileKeys.New(key).ToBytes();
        }

        var aside = Write(epoch, key);
        if (await ClaimAsync(epoch, CheckOf(key), cancel))
        {
            DurableFile.Place(aside, PathOf(epoch));
        }
        else
        {
            File.Delete(aside);
        }

        return (await UsedAsync(epoch, cancel))!;
    }

    private string Write(string epoch, byte[] key, string mark = "")
    {
        try
        {
            return DurableFile.WriteAside(PathOf(epoch), _vault.Seal(epoch, key), isPrivate: true, mark);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyUnavailableException($"The key {PathOf(epoch)} cannot be made: {e.Message}");
        }
    }

    // A key that was written, and whose maker ended before it gave it its name.
    private bool Finish(string epoch, byte[] check)
    {
        foreach (var aside in Directory.EnumerateFiles(_folder, $"{epoch}.key.*.new"))
        {
            try
            {
                if (CheckOf(_vault.Open(epoch, File.ReadAllBytes(aside))).AsSpan().SequenceEqual(check))
                {
                    return DurableFile.Place(aside, PathOf(epoch), overwrite: epoch == Files);
                }
            }
            catch (IOException)
            {
                // Its maker gave it its name, or another's key was first and it was thrown away. What else is wrong,
                // whoever reads the key is told.
            }
        }

        return false;
    }

    private byte[] Load(string epoch, byte[] check)
    {
        var name = NameOf(check);
        if (_keys.TryGetValue(epoch, out var loaded) && Fits(epoch, loaded, name))
        {
            return loaded.Key;
        }

        if (epoch != Files)
        {
            _keys.TryRemove(epoch, out _);
        }

        loaded = Named(Read(epoch));
        return Fits(epoch, loaded, name)
            ? (_keys[epoch] = loaded).Key
            : throw new KeyUnavailableException(
                $"{PathOf(epoch)} is not the key that this ledger uses: put its own key there. {OneFolder}"
            );
    }

    private static FileKeys FilesIn(byte[] written) => Parsed.GetValue(written, w => FileKeys.Parse(w));

    private static (byte[] Key, string Name) Named(byte[] key) => (key, NameOf(CheckOf(key)));

    // Of the keys of files those will do that took the place of the ones that are named: the log may not say so yet, or
    // what said so was lost.
    private static bool Fits(string epoch, (byte[] Key, string Name) key, string name)
    {
        try
        {
            return key.Name == name || (epoch == Files && FilesIn(key.Key).Before.Contains(name));
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static string NameOf(byte[] check) => Convert.ToBase64String(check);

    private byte[] Read(string epoch)
    {
        try
        {
            PrivateFile.Require(PathOf(epoch));
            var key = _vault.Open(epoch, File.ReadAllBytes(PathOf(epoch)));
            return key.Length == KeySize || epoch == Files
                ? key
                : throw new KeyUnavailableException($"The key {PathOf(epoch)} has {key.Length} bytes, not {KeySize}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyUnavailableException(
                $"The key {PathOf(epoch)}, which this ledger uses, cannot be read: {e.Message} {OneFolder}"
            );
        }
    }

    private async Task<bool> ClaimAsync(string epoch, byte[] check, CancellationToken cancel)
    {
        await using var insert = _database.Writing.CreateCommand(
            "insert into ledger.epoch (epoch, key_check) values ($1, $2) on conflict do nothing"
        );
        insert.Parameters.Add(new() { Value = epoch });
        insert.Parameters.Add(new() { Value = check });
        return await insert.ExecuteNonQueryAsync(cancel) == 1;
    }

    private async Task<List<(string Epoch, byte[] Check)>> RowsAsync(
        NpgsqlDataSource source,
        string? epoch,
        CancellationToken cancel
    )
    {
        await using var select = source.CreateCommand(
            """
            select epoch, key_check from ledger.epoch where $1::text is null or epoch = $1 order by epoch
            """
        );
        select.Parameters.Add(
            new NpgsqlParameter { Value = epoch ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text }
        );
        return await select.RowsAsync(r => (r.GetString(0), CheckOf(r.GetString(0), r)), cancel);
    }

    // Once a file was erased the log says what the keys of files are.
    private byte[] CheckOf(string epoch, NpgsqlDataReader row) =>
        epoch == Files && _replica.Known.FileKey is { } said
            ? Convert.FromBase64String(said)
            : row.GetFieldValue<byte[]>(1);

    // One at a time makes an epoch's key, and what went wrong is remembered a moment: each try waits for a file.
    private sealed class Epoch
    {
        public SemaphoreSlim Turn { get; } = new(1);

        public string? Failure { get; set; }

        public long FailedAt { get; set; }
    }
}
