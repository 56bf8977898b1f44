using System.CommandLine;
using Caf.Ledger.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Ledger.Answers;
using Ledger.Presentation;
using Ledger.Service.Hosting;

namespace Ledger.Cli.Commands;

/// <summary><c>ledger replay</c>: a story, event by event as it comes.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var (common, asker, about) = (new CommonOptions(), new AskerOptions(), new AboutOptions());
        var position = new Option<long>("--from-position");
        var follow = new Option<bool>("--follow");
        var command = new Command("replay") { position, follow };
        about.AddTo(command);
        common.AddTo(command, withKnownAt: true);
        asker.AddTo(command);
        command.SetAction(
            async (parse, cancel) =>
            {
                var request = new ReplayRequest
                {
                    Asking = asker.Asking(parse, common.Known(parse)),
                    FromPosition = parse.GetValue(position),
                    From = parse.GetValue(about.From)?.ToTimestamp(),
                    Until = parse.GetValue(about.Until)?.ToTimestamp(),
                    Follow = parse.GetValue(follow),
                };
                about.Choose(parse, a => request.Account = a, s => request.Service = s, a => request.Allocataire = a);
                using var client = common.Connect(parse);
                using var call = client.History.Replay(request, cancellationToken: cancel);
                await foreach (var step in call.ResponseStream.ReadAllAsync(cancel))
                {
                    Console.Out.WriteLine(
                        parse.GetValue(common.Output) == "json"
                            ? JsonFormatter.Default.Format(step)
                            : $"{step.Position, 8}  {new Writing(Words.Spoken).Moment(step.RecordedAt).Text}  "
                                + $"{Writing.Author(step.Actor)}  {step.Sentence}"
                    );
                }

                return ExitCode.Done;
            }
        );
        return command;
    }
}
