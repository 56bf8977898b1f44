using System.CommandLine;
using Ledger.Service.Hosting;

namespace Ledger.Cli.Commands;

/// <summary><c>ledger anchors</c>: how far each anchor outside follows the log.</summary>
internal static class AnchorsCommand
{
    public static Command Create()
    {
        var common = new CommonOptions();
        var command = new Command(
            "anchors",
            "How far each anchor outside follows the log: witnesses, timestamps, the mirror."
        );
        common.AddTo(command, withKnownAt: false);
        command.SetAction(
            async (parse, cancel) =>
            {
                using var client = common.Connect(parse);
                var answer = await client.Integrity.GetAnchorsAsync(new(), cancellationToken: cancel);
                common.Print(parse, answer, () => Tables.Of(answer));
                if (answer.Anchors.Count == 0)
                {
                    Console.Error.WriteLine(
                        "This service has no anchor: see --witness-policy, --timestamp-url and --mirror of "
                            + "'ledger serve'."
                    );
                }

                return ExitCode.Done;
            }
        );
        return command;
    }
}
