using System.CommandLine;
using Ledger.Files;
using Ledger.Integrity.Checkpoints;
using Ledger.Service.Hosting;
using Ledger.Store.Publishing;
using Ledger.Store.Schema;

namespace Ledger.Cli.Commands;

/// <summary><c>ledger export</c>: writes the ledger as files that anyone can verify offline.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("FOLDER") { Description = "Where to write; made if missing." };
        var connection = ConnectionOption.Required("The ledger's database; a role that may read suffices.");
        var vkey = new Option<string>("--vkey") { Description = "The ledger's public key.", Required = true };
        var command = new Command("export", "Write entries, tiles, checkpoint and key to a folder (C2SP tlog-tiles).")
        {
            folder,
            connection,
            vkey,
        };
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
                Console.Out.WriteLine($"{entries} entries written to {parse.GetRequiredValue(folder)}");
                return ExitCode.Done;
            }
        );
        return command;
    }
}
