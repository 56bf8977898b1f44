using System.CommandLine;
using Ledger.Files;
using Ledger.Integrity.Checkpoints;
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
        var command = new Command("export") { folder, connection, vkey };
        command.SetAction(
            async (parse, cancel) =>
            {
                await using var database = new LedgerDatabase(parse.GetRequiredValue(connection));
                var entries = await FolderExport.WriteAsync(
                    database,
                    await Successions.FollowAsync(database, NoteVerifier.Parse(parse.GetRequiredValue(vkey)), cancel),
                    parse.GetRequiredValue(folder),
                    cancel
                );
                Console.Out.WriteLine(
                    Words.Spoken.Say("cli.exported", ("count", entries), ("folder", parse.GetRequiredValue(folder)))
                );
                return ExitCode.Done;
            }
        );
        return command;
    }
}
