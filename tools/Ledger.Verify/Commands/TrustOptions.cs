using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ledger.Anchors.EventStore;
using Ledger.Files;
using Ledger.Integrity.Checkpoints;
using Ledger.Verify.Folders;
using Ledger.Verify.Outside;

namespace Ledger.Verify.Commands;

/// <summary>The options that say what a log is held against.</summary>
internal sealed class TrustOptions
{
    private readonly Option<string?> _vkey = new("--vkey");
    private readonly Option<string?> _successions = new("--successions");
    private readonly Option<string?> _policy = new("--policy");
    private readonly Option<bool> _askWitnesses = new("--ask-witnesses");
    private readonly Option<string?> _against = new("--against-mirror") { CustomParser = MirrorOption.Read };
    private readonly Option<string?> _roots = new("--timestamp-roots");
    private readonly Option<TimeSpan> _within = new("--anchored-within")
    {
        DefaultValueFactory = _ => TimeSpan.FromDays(1),
    };
    private readonly Option<string?> _memory = new("--memory");
    private readonly Option<bool> _noMemory = new("--no-memory");

    public void AddTo(Command command)
    {
        foreach (
            var option in new Option[]
            {
                _vkey,
                _successions,
                _policy,
                _askWitnesses,
                _against,
                _roots,
                _within,
                _memory,
                _noMemory,
            }
        )
        {
            option.Recursive = true;
            command.Options.Add(option);
        }
    }

    /// <summary>The key that the caller pins.</summary>
    /// <exception cref="CannotVerifyException">There is none, or it is malformed.</exception>
    private NoteVerifier Key(ParseResult parse, Func<NoteVerifier>? otherwise = null)
    {
        if (parse.GetValue(_vkey) is { } text)
        {
            return Guarded("The key", () => NoteVerifier.Parse(File.Exists(text) ? File.ReadAllText(text) : text));
        }

        if (Policy(parse) is { } policy)
        {
            return policy.Logs is [var log, ..] && policy.Logs.All(l => l.Name == log.Name)
                ? log
                : throw new CannotVerifyException("The policy names more than one log, or none: --vkey says which.");
        }

        return otherwise?.Invoke()
            ?? throw new CannotVerifyException("A key is required: --vkey, or a --policy that names the log.");
    }

    /// <summary>The key that the caller pins, and those that took over from it.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="found">The successions that what is verified carries.</param>
    /// <param name="otherwise">The key where none is pinned.</param>
    /// <exception cref="CannotVerifyException">There is none, or it was revoked.</exception>
    public LogKeys Keys(ParseResult parse, IReadOnlyList<string> found, Func<NoteVerifier>? otherwise = null)
    {
        var pinned = Key(parse, otherwise);
        var given = parse.GetValue(_successions) is { } file ? FolderFiles.SuccessionsOf(file) : [];
        var followed = parse.GetValue(_noMemory) ? [] : MemoryOf(parse, pinned).Successions();
        try
        {
            return LogKeys.Following(pinned, found.Concat(given).Concat(followed));
        }
        catch (RevokedKeyException e)
        {
            throw new CannotVerifyException(e.Message);
        }
        catch (FormatException e)
        {
            throw new CannotVerifyException($"No key follows from the one that is pinned: {e.Message}");
        }
    }

    /// <summary>Everything that the log is held against.</summary>
    /// <exception cref="CannotVerifyException">Something of it cannot be had.</exception>
    public async Task<Trust> TrustAsync(ParseResult parse, LogKeys keys, CancellationToken cancel)
    {
        var (known, entries, policy) = (new List<KnownCheckpoint>(), new List<KnownEntry>(), Policy(parse));
        if (!parse.GetValue(_noMemory) && MemoryOf(parse, keys).Recall(keys) is { } remembered)
        {
            known.Add(new KnownCheckpoint(KnownCheckpoint.Remembered, remembered));
        }

        if (parse.GetValue(_askWitnesses))
        {
            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
            known.AddRange(
                await WitnessAsking.RunAsync(
                    http,
                    policy ?? throw new CannotVerifyException("--ask-witnesses needs a --policy that names them."),
                    keys,
                    cancel
                )
            );
        }

        if (parse.GetValue(_against) is { } mirror)
        {
            await using var streams = OpenMirror(mirror);
            known.Add(
                new KnownCheckpoint("mirrored", (await MirrorDownload.LastAsync(streams, keys, cancel)).Checkpoint)
            );
            entries.Add(await MirrorDownload.LastEntryAsync(streams, keys, cancel));
        }

        return new Trust(keys, known)
        {
            Witnesses = policy is null
                ? null
                : new WitnessTrust(policy, parse.GetValue(_within), TimeProvider.System.GetUtcNow()),
            Timestamps = Timestamps(parse),
            Entries = entries,
        };
    }

    /// <summary>Remembers the checkpoint of a whole log.</summary>
    public void Remember(ParseResult parse, LogKeys keys, string note)
    {
        if (!parse.GetValue(_noMemory))
        {
            MemoryOf(parse, keys).Keep(keys, note);
        }
    }

    /// <summary>Opens a mirror.</summary>
    /// <exception cref="CannotVerifyException">It is no connection string.</exception>
    public static IEventStreams OpenMirror(string connectionString) =>
        Guarded("The mirror", () => MirrorConnection.Open(connectionString, TimeProvider.System));

    /// <summary>The policy; null for none.</summary>
    /// <exception cref="CannotVerifyException">It cannot be read.</exception>
    public TrustPolicy? Policy(ParseResult parse) =>
        parse.GetValue(_policy) is { } file
            ? Guarded("The policy", () => TrustPolicy.Parse(File.ReadAllText(file)))
            : null;

    /// <summary>Which timestamps are demanded; null for none.</summary>
    /// <exception cref="CannotVerifyException">The roots cannot be read.</exception>
    public TimestampTrust? Timestamps(ParseResult parse) =>
        parse.GetValue(_roots) is not { } file
            ? null
            : Guarded(
                "The roots of timestamps",
                () =>
                {
                    var roots = new X509Certificate2Collection();
                    roots.ImportFromPemFile(file);
                    return new TimestampTrust(roots, parse.GetValue(_within), TimeProvider.System.GetUtcNow());
                }
            );

    private Memory MemoryOf(ParseResult parse, LogKeys keys) =>
        parse.GetValue(_memory) is { } file ? new Memory(file) : Memory.Default(keys);

    private static T Guarded<T>(string what, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e)
            when (e is FormatException or IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new CannotVerifyException($"{what} cannot be read: {e.Message}");
        }
    }
}
