using System.CommandLine;
using Ledger.Cli.Answers;
using Ledger.Service.Hosting;

namespace Ledger.Cli.Commands;

/// <summary><c>ledger anchors</c>: how far each anchor outside follows the log.</summary>
internal static class AnchorsCommand
{
    public static Command Create()
    {
        var common = new CommonOptions();
        var command = new Command("anchors");
        common.AddTo(command, withKnownAt: false);
        command.SetAction(
            async (parse, cancel) =>
            {
                using var client = common.Connect(parse);
                var answer = await client.Integrity.GetAnchorsAsync(new(), cancellationToken: cancel);
                common.Print(parse, answer, () => Sheets.Log.Of(answer));
                return ExitCode.Done;
            }
        );
        return command;
    }
}
