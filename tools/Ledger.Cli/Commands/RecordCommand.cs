using System.CommandLine;
using Caf.Ledger.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Ledger.Presentation;
using Ledger.Service.Hosting;

namespace Ledger.Cli.Commands;

/// <summary><c>ledger record</c>: streams consultations from a file of JSON lines.</summary>
internal static class RecordCommand
{
    // What an item that was refused may carry.
    private static readonly JsonFormatter Formatter = new(
        JsonFormatter.Settings.Default.WithTypeRegistry(
            TypeRegistry.FromMessages(BadRequest.Descriptor, ErrorInfo.Descriptor, RetryInfo.Descriptor)
        )
    );

    public static Command Create()
    {
        var common = new CommonOptions();
        var file = new Argument<string>("FILE");
        var command = new Command("record") { file };
        command.Options.Add(common.Server);
        command.SetAction(
            async (parse, cancel) =>
            {
                using var client = common.Connect(parse);
                var path = parse.GetRequiredValue(file);
                var lines = path == "-" ? StandardInput() : File.ReadLines(path);
                var failed = 0;
                await foreach (var answer in client.RecordAsync(Items(lines, () => failed++), cancel))
                {
                    Console.Out.WriteLine(Formatter.Format(answer));
                    failed += answer.OutcomeCase == RecordConsultationsResponse.OutcomeOneofCase.Error ? 1 : 0;
                }

                return failed == 0
                    ? ExitCode.Done
                    : ExitCode.Complain(Words.Spoken.Say("cli.not-recorded", ("count", failed)), ExitCode.Refused);
            }
        );
        return command;
    }

    // A line that is no item is told by its number; the others are recorded.
    private static IEnumerable<RecordConsultationsRequest> Items(IEnumerable<string> lines, Action failed)
    {
        foreach (var (i, line) in lines.Index().Where(l => l.Item.Trim().Length > 0))
        {
            if (Parsed(i + 1, line) is { } item)
            {
                yield return item;
            }
            else
            {
                failed();
            }
        }
    }

    private static RecordConsultationsRequest? Parsed(int number, string line)
    {
        try
        {
            return JsonParser.Default.Parse<RecordConsultationsRequest>(line);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException or FormatException)
        {
            ExitCode.Complain(
                Words.Spoken.Say("cli.not-an-item", ("line", number), ("why", e.Message)),
                ExitCode.Refused
            );
            return null;
        }
    }

    private static IEnumerable<string> StandardInput()
    {
        while (Console.In.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
