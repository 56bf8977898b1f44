using System.CommandLine;
using Ledger.Files;
using Ledger.Service.Hosting;
using Ledger.Store.ReadModels;
using Ledger.Store.Schema;

namespace Ledger.Cli.Commands;

/// <summary><c>ledger rebuild</c>: makes every read model again from the log.</summary>
internal static class RebuildCommand
{
    public static Command Create()
    {
        var connection = ConnectionOption.Required("The ledger's database, by its owner.");
        var command = new Command(
            "rebuild",
            "Make every read model again from the log, beside the old ones. Writers go on."
        )
        {
            connection,
        };
        command.SetAction(
            async (parse, cancel) =>
            {
                await using var database = new LedgerDatabase(parse.GetRequiredValue(connection));
                Console.Out.WriteLine(
                    $"read models made again from {await ReadModelRebuild.RunAsync(database, cancel)} events"
                );
                return ExitCode.Done;
            }
        );
        return command;
    }
}
