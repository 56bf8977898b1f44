using System.CommandLine;
using Ledger.Files;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Contents;
using Ledger.Presentation;
using Ledger.Service.Hosting;
using Ledger.Store.Publishing;
using Ledger.Store.Schema;

namespace Ledger.Cli.Commands;

/// <summary><c>ledger export</c>: writes the ledger as files that anyone can verify offline.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("FOLDER");
        var connection = ConnectionOption.Required();
        var vkey = new Option<string>("--vkey") { Required = true };
        var recipient = new Option<string?>("--contents-for");
        var command = new Command("export") { folder, connection, vkey, recipient };
        command.SetAction(
            async (parse, cancel) =>
            {
                var auditor = parse.GetValue(recipient) is { } certificate
                    ? await File.ReadAllBytesAsync(certificate, cancel)
                    : null;
                if (auditor is not null)
                {
                    // Whom it cannot be sealed to is told before anything is written.
                    await using var tried = Seal.To(auditor, Stream.Null);
                }

                // Contents of an earlier export are not those of this one.
                var stale = Path.Combine(parse.GetRequiredValue(folder), Seal.FileName);
                if (File.Exists(stale))
                {
                    File.Delete(stale);
                }

                await using var database = new LedgerDatabase(parse.GetRequiredValue(connection));
                var entries = await FolderExport.WriteAsync(
                    database,
                    await Successions.FollowAsync(database, NoteVerifier.Parse(parse.GetRequiredValue(vkey)), cancel),
                    parse.GetRequiredValue(folder),
                    cancel
                );
                if (auditor is not null)
                {
                    await SealAsync(database, entries, auditor, parse.GetRequiredValue(folder), cancel);
                }

                Console.Out.WriteLine(
                    Words.Spoken.Say("cli.exported", ("count", entries), ("folder", parse.GetRequiredValue(folder)))
                );
                return ExitCode.Done;
            }
        );
        return command;
    }

    // Whole or not there: half of it would be taken for what was taken out.
    private static async Task SealAsync(
        LedgerDatabase database,
        long entries,
        byte[] auditor,
        string folder,
        CancellationToken cancel
    )
    {
        var file = Path.Combine(folder, Seal.FileName);
        await using (var into = OwnFile.Create(file + ".new"))
        await using (var contents = Seal.To(auditor, into))
        {
            await ContentExport.WriteAsync(database, entries, contents, cancel);
        }

        File.Move(file + ".new", file, overwrite: true);
    }
}
