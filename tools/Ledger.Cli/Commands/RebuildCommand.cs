using System.CommandLine;
using Ledger.Files;
using Ledger.Presentation;
using Ledger.Service.Hosting;
using Ledger.Store.ReadModels;
using Ledger.Store.Schema;

namespace Ledger.Cli.Commands;

/// <summary><c>ledger rebuild</c>: makes every read model again from the log.</summary>
internal static class RebuildCommand
{
    public static Command Create()
    {
        var connection = ConnectionOption.Required();
        var command = new Command("rebuild") { connection };
        command.SetAction(
            async (parse, cancel) =>
            {
                await using var database = new LedgerDatabase(parse.GetRequiredValue(connection));
                Console.Out.WriteLine(
                    Words.Spoken.Say("cli.rebuilt", ("count", await ReadModelRebuild.RunAsync(database, cancel)))
                );
                return ExitCode.Done;
            }
        );
        return command;
    }
}
