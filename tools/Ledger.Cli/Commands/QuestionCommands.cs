using System.CommandLine;
using Caf.Ledger.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Spectre.Console;

namespace Ledger.Cli.Commands;

/// <summary><c>ledger who could</c> and <c>ledger who did</c>.</summary>
internal static class WhoCommand
{
    public static Command Create() => new("who", "Who could open a file, and who did.") { Could(), Did() };

    private static Command Could()
    {
        var common = new CommonOptions();
        var (caf, matricule) = File();
        var service = new Option<string>("--service") { Description = "Only through this service.", DefaultValueFactory = _ => string.Empty };
        var command = new Command("could", "Who could open this file at that moment, as known at another.") { caf, matricule, common.At, service };
        common.AddTo(command, withKnownAt: true);
        command.SetAction(async (parse, cancel) =>
        {
            using var client = common.Connect(parse);
            var request = new WhoCouldAccessRequest
            {
                Allocataire = new Allocataire { Caf = parse.GetRequiredValue(caf), Matricule = parse.GetRequiredValue(matricule) },
                At = parse.GetValue(common.At)?.ToTimestamp(),
                KnownAt = common.Known(parse),
                Service = parse.GetValue(service),
                PageSize = 1000,
            };
            var all = await client.History.WhoCouldAccessAsync(request, cancellationToken: cancel);
            while (all.NextPageToken.Length > 0)
            {
                request.PageToken = all.NextPageToken;
                var page = await client.History.WhoCouldAccessAsync(request, cancellationToken: cancel);
                all.Rights.AddRange(page.Rights);
                all.NextPageToken = page.NextPageToken;
            }

            common.Print(parse, all, () => Tables.Of(all));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Did()
    {
        var common = new CommonOptions();
        var (caf, matricule) = File();
        var from = CommonOptions.Instant("--from", "From this moment on (ISO 8601).");
        var until = CommonOptions.Instant("--until", "Before this moment (ISO 8601).");
        var command = new Command("did", "Who opened this file, with both verdicts.") { caf, matricule, from, until };
        common.AddTo(command, withKnownAt: true);
        command.SetAction(async (parse, cancel) =>
        {
            using var client = common.Connect(parse);
            var request = new WhoDidAccessRequest
            {
                Allocataire = new Allocataire { Caf = parse.GetRequiredValue(caf), Matricule = parse.GetRequiredValue(matricule) },
                From = parse.GetValue(from)?.ToTimestamp(),
                Until = parse.GetValue(until)?.ToTimestamp(),
                KnownAt = common.Known(parse),
                PageSize = 1000,
            };
            var all = await client.History.WhoDidAccessAsync(request, cancellationToken: cancel);
            while (all.NextPageToken.Length > 0)
            {
                request.PageToken = all.NextPageToken;
                var page = await client.History.WhoDidAccessAsync(request, cancellationToken: cancel);
                all.Consultations.AddRange(page.Consultations);
                all.NextPageToken = page.NextPageToken;
            }

            common.Print(parse, all, () => Tables.Of(all.Consultations));
            return ExitCodes.Done;
        });
        return command;
    }

    private static (Option<string> Caf, Option<string> Matricule) File() => (
        new Option<string>("--caf") { Description = "Code of the Caf: three digits.", Required = true },
        new Option<string>("--matricule") { Description = "The allocataire's number there.", Required = true });
}

/// <summary><c>ledger rights</c>.</summary>
internal static class RightsCommand
{
    public static Command Create()
    {
        var common = new CommonOptions();
        var siret = new Option<string>("--siret") { Description = "The partner.", Required = true };
        var agent = new Option<string>("--agent") { Description = "The agent.", Required = true };
        var command = new Command("rights", "The rights of an agent over time, and what stood in the way.") { siret, agent };
        common.AddTo(command, withKnownAt: true);
        command.SetAction(async (parse, cancel) =>
        {
            using var client = common.Connect(parse);
            var answer = await client.History.GetRightsTimelineAsync(
                new GetRightsTimelineRequest { Siret = parse.GetRequiredValue(siret), Agent = parse.GetRequiredValue(agent), KnownAt = common.Known(parse) },
                cancellationToken: cancel);
            common.Print(parse, answer, () => Tables.Of(answer));
            return ExitCodes.Done;
        });
        return command;
    }
}

/// <summary><c>ledger replay</c>.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var common = new CommonOptions();
        var siret = new Option<string>("--siret") { Description = "The partner.", Required = true };
        var agent = new Option<string>("--agent") { Description = "Only this agent.", DefaultValueFactory = _ => string.Empty };
        var from = new Option<long>("--from-position") { Description = "Begin at this position." };
        var command = new Command("replay", "What was learnt about an agent or a partner, in the order of the log.") { siret, agent, from };
        common.AddTo(command, withKnownAt: true);
        command.SetAction(async (parse, cancel) =>
        {
            using var client = common.Connect(parse);
            using var call = client.History.Replay(
                new ReplayRequest { Siret = parse.GetRequiredValue(siret), Agent = parse.GetValue(agent), FromPosition = parse.GetValue(from), KnownAt = common.Known(parse) },
                cancellationToken: cancel);
            var story = new List<ReplayResponse>();
            await foreach (var step in call.ResponseStream.ReadAllAsync(cancel))
            {
                if (parse.GetValue(common.Output) == "json")
                {
                    Console.Out.WriteLine(JsonFormatter.Default.Format(step));
                }
                else
                {
                    story.Add(step);
                }
            }

            if (parse.GetValue(common.Output) == "table")
            {
                AnsiConsole.Write(Tables.Of(story));
            }

            return ExitCodes.Done;
        });
        return command;
    }
}
