using System.CommandLine;
using Caf.Ledger.V1;
using Google.Protobuf;
using Ledger.Client;
using Ledger.Presentation;
using Ledger.Service.Hosting;

namespace Ledger.Cli.Commands;

/// <summary>What every command that records an act has in common: who acts, and that it says where the act stands.</summary>
internal static class Acting
{
    public static Command Create(
        string name,
        IReadOnlyList<Argument> arguments,
        IReadOnlyList<Option> options,
        Func<LedgerClient, RequestContext, ParseResult, CancellationToken, Task<Acknowledgement>> act
    )
    {
        var (common, asker) = (new CommonOptions(), new AskerOptions());
        var document = new Option<string>("--act") { DefaultValueFactory = _ => string.Empty };
        var command = new Command(name) { document };
        foreach (var argument in arguments)
        {
            command.Arguments.Add(argument);
        }

        foreach (var option in options)
        {
            command.Options.Add(option);
        }

        common.AddTo(command, withKnownAt: false);
        asker.AddActorTo(command);
        command.SetAction(
            async (parse, cancel) =>
            {
                using var client = common.Connect(parse);
                var context = asker.Context(parse);
                context.Act = parse.GetRequiredValue(document);
                var ack = await act(client, context, parse, cancel);
                Console.Out.WriteLine(
                    parse.GetValue(common.Output) == "json"
                        ? JsonFormatter.Default.Format(ack)
                        : Words.Spoken.Say(
                            "cli.recorded",
                            ("position", $"{ack.Position}"),
                            ("at", ack.RecordedAt.ToDateTimeOffset())
                        )
                );
                return ExitCode.Done;
            }
        );
        return command;
    }
}
