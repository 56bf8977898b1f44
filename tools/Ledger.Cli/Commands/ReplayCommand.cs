using System.CommandLine;
using Caf.Ledger.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Ledger.Cli.Commands;

/// <summary><c>ledger replay</c>: a story, event by event as it comes.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var (common, asker) = (new CommonOptions(), new AskerOptions());
        var siret = Text("--siret", "The story of this partner.");
        var agent = Text("--agent", "Only of this agent of the partner.");
        var service = Text("--service", "The story of this service.");
        var caf = Text("--caf", "The story of a file: code of its Caf.");
        var matricule = Text("--matricule", "The story of a file: its number.");
        var position = new Option<long>("--from-position") { Description = "Begin at this position." };
        var from = CommonOptions.Instant("--from", "Learnt at or after this moment (ISO 8601).");
        var until = CommonOptions.Instant("--until", "Learnt at or before this moment (ISO 8601).");
        var follow = new Option<bool>("--follow") { Description = "Go on as events come, until interrupted." };
        var command = new Command("replay", "The story of a file, an agent, a partner or a service, in the order of the log.") { siret, agent, service, caf, matricule, position, from, until, follow };
        common.AddTo(command, withKnownAt: true);
        asker.AddTo(command);
        command.SetAction(async (parse, cancel) =>
        {
            var request = new ReplayRequest
            {
                Asking = asker.Asking(parse, common.Known(parse)), FromPosition = parse.GetValue(position), From = parse.GetValue(from)?.ToTimestamp(),
                Until = parse.GetValue(until)?.ToTimestamp(), Follow = parse.GetValue(follow),
            };
            if (parse.GetValue(siret) is { Length: > 0 } partner)
            {
                request.Account = new Account { Siret = partner, Agent = parse.GetValue(agent) };
            }
            else if (parse.GetValue(service) is { Length: > 0 } code)
            {
                request.Service = code;
            }
            else
            {
                request.Allocataire = new Allocataire { Caf = parse.GetValue(caf), Matricule = parse.GetValue(matricule) };
            }

            using var client = common.Connect(parse);
            using var call = client.History.Replay(request, cancellationToken: cancel);
            await foreach (var step in call.ResponseStream.ReadAllAsync(cancel))
            {
                Console.Out.WriteLine(parse.GetValue(common.Output) == "json"
                    ? JsonFormatter.Default.Format(step)
                    : $"{step.Position,8}  {step.RecordedAt.ToDateTimeOffset():yyyy-MM-dd HH:mm:ss}  {step.Actor.Id,-16}  {step.Sentence}");
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static Option<string> Text(string name, string description) => new(name) { Description = description, DefaultValueFactory = _ => string.Empty };
}
