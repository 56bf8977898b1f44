using System.CommandLine;
using Ledger.Files;
using Ledger.Integrity.Checkpoints;
using Ledger.Presentation;
using Ledger.Verify.Folders;
using Ledger.Verify.Outside;
using Ledger.Verify.Scanning;
using Ledger.Verify.Tiles;
using Spectre.Console;

namespace Ledger.Verify.Commands;

/// <summary>The commands that verify a whole log, wherever it stands.</summary>
internal static class LogCommands
{
    private delegate Task<Verification> Verifying(
        ParseResult parse,
        Trust trust,
        IProgress<(long Read, long Total)> progress,
        CancellationToken cancel
    );

    public static IEnumerable<Command> Create(TrustOptions trust)
    {
        yield return Database(trust);
        yield return Folder(trust);
        yield return Tiles(trust);
        yield return MirrorOf(trust);
    }

    private static Command Database(TrustOptions trust)
    {
        var connection = ConnectionOption.Required();
        var logOnly = new Option<bool>("--log-only");
        var resume = new Option<string?>("--resume");
        var command = new Command("db") { connection, logOnly, resume };
        return Verify(
            command,
            trust,
            null,
            (parse, cancel) => RecordedSuccessions.AllAsync(parse.GetRequiredValue(connection), cancel),
            (parse, against, progress, cancel) =>
            {
                var scan = parse.GetValue(resume) is { } file ? new ScanFile(file) : null;
                return
                    scan is not null
                    && (
                        against.Timestamps is not null
                        || against.Entries.Count > 0
                        || against.Known.Any(k => k.By is not (KnownCheckpoint.Remembered or KnownCheckpoint.Succeeded))
                    )
                    ? throw new CannotVerifyException(
                        "What others know of the log is about all of it, and --resume does not read all of it: "
                            + "one or the other."
                    )
                    : DatabaseVerifier.RunAsync(
                        parse.GetRequiredValue(connection),
                        against,
                        parse.GetValue(logOnly),
                        progress,
                        cancel,
                        scan
                    );
            }
        );
    }

    private static Command Folder(TrustOptions trust)
    {
        var path = new Argument<string>("FOLDER");
        var contentsKey = new Option<string?>("--contents-key");
        return Verify(
            new Command("folder") { path, contentsKey },
            trust,
            parse => FolderVerifier.KeyOf(parse.GetRequiredValue(path)),
            (parse, _) => Task.FromResult(FolderFiles.SuccessionsIn(parse.GetRequiredValue(path))),
            (parse, against, progress, _) =>
            {
                var folder = parse.GetRequiredValue(path);
                var found = FolderVerifier.Run(folder, against, progress);
                return Task.FromResult(
                    parse.GetValue(contentsKey) is { } key
                        ? found.With(ContentCheck.Run(folder, found.Entries, key))
                        : found
                );
            }
        );
    }

    private static Command Tiles(TrustOptions trust)
    {
        var url = new Argument<Uri?>("URL")
        {
            CustomParser = result =>
            {
                if (
                    Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address)
                    && address.Scheme is "http" or "https"
                )
                {
                    return address;
                }

                result.AddError(Words.Spoken.Say("cli.server-is-an-address"));
                return null;
            },
        };
        var token = new Option<string?>("--token-file");
        var cache = new Option<string?>("--cache");
        var command = new Command("tiles") { url, token, cache };
        return Verify(
            command,
            trust,
            null,
            (parse, cancel) =>
                TileDownload.SuccessionsAsync(parse.GetRequiredValue(url)!, TokenIn(parse.GetValue(token)), cancel),
            (parse, against, progress, cancel) =>
                InFolderAsync(
                    parse.GetValue(cache),
                    async folder =>
                    {
                        await TileDownload.RunAsync(
                            parse.GetRequiredValue(url)!,
                            TokenIn(parse.GetValue(token)),
                            against.Keys,
                            folder,
                            cancel
                        );
                        return FolderVerifier.Run(folder, against, progress);
                    }
                )
        );
    }

    private static Command MirrorOf(TrustOptions trust)
    {
        var connection = new Argument<string?>("MIRROR") { CustomParser = MirrorOption.Read };
        return Verify(
            new Command("mirror") { connection },
            trust,
            null,
            null,
            (parse, against, progress, cancel) =>
                InFolderAsync(
                    null,
                    async folder =>
                    {
                        await using var streams = TrustOptions.OpenMirror(parse.GetRequiredValue(connection)!);
                        await MirrorDownload.RunAsync(streams, against.Keys, folder, cancel);
                        // A mirror keeps checkpoints as the ledger signed them: cosignatures are not there to be
                        // demanded.
                        return FolderVerifier.Run(
                            folder,
                            against with
                            {
                                Witnesses = null,
                            },
                            progress,
                            entriesAlone: true
                        );
                    }
                )
        );
    }

    private static Command Verify(
        Command command,
        TrustOptions options,
        Func<ParseResult, NoteVerifier>? otherKey,
        Func<ParseResult, CancellationToken, Task<IReadOnlyList<string>>>? successions,
        Verifying verify
    )
    {
        command.SetAction(
            (parse, cancel) =>
                ExitCodes.GuardAsync(async () =>
                {
                    var (keys, verification) = await RunAsync(parse, cancel);
                    if (verification.Findings.Any(f => f.Column == DatabaseVerifier.SuccessionsColumn))
                    {
                        // A key may have taken over since it was looked for.
                        (keys, verification) = await RunAsync(parse, cancel);
                    }

                    Report.Write(verification, parse.GetValue(Report.Output)!, AnsiConsole.Console);
                    if (verification is { IsWhole: true, Checkpoint: { } note })
                    {
                        options.Remember(parse, keys, note);
                    }

                    return verification.IsWhole ? ExitCodes.Whole : ExitCodes.Tampered;
                })
        );
        return command;

        async Task<(LogKeys Keys, Verification Verification)> RunAsync(ParseResult parse, CancellationToken cancel)
        {
            var keys = options.Keys(
                parse,
                successions is null ? [] : await successions(parse, cancel),
                otherKey is null ? null : () => otherKey(parse)
            );
            var trust = await options.TrustAsync(parse, keys, cancel);
            return (keys, await ProgressBar.WatchAsync(progress => verify(parse, trust, progress, cancel)));
        }
    }

    private static string? TokenIn(string? file) => file ?? Environment.GetEnvironmentVariable("LEDGER_TOKEN_FILE");

    private static async Task<Verification> InFolderAsync(string? kept, Func<string, Task<Verification>> verify)
    {
        var folder = kept ?? Directory.CreateTempSubdirectory("ledger-verify-").FullName;
        try
        {
            return await verify(folder);
        }
        finally
        {
            if (kept is null)
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }
}
