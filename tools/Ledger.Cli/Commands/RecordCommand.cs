using System.CommandLine;
using Caf.Ledger.V1;
using Google.Protobuf;
using Ledger.Service.Hosting;

namespace Ledger.Cli.Commands;

/// <summary><c>ledger record</c>: streams consultations from a file of JSON lines.</summary>
internal static class RecordCommand
{
    public static Command Create()
    {
        var common = new CommonOptions();
        var file = new Argument<string>("FILE")
        {
            Description = "One RecordConsultationsRequest a line, as protobuf JSON; '-' for standard input.",
        };
        var command = new Command("record", "Record consultations; prints an answer a line, in order.") { file };
        command.Options.Add(common.Server);
        command.SetAction(
            async (parse, cancel) =>
            {
                using var client = common.Connect(parse);
                var path = parse.GetRequiredValue(file);
                var lines = path == "-" ? StandardInput() : File.ReadLines(path);
                var failed = 0;
                await foreach (var answer in client.RecordAsync(lines.Where(l => l.Length > 0).Select(Parse), cancel))
                {
                    Console.Out.WriteLine(JsonFormatter.Default.Format(answer));
                    failed += answer.OutcomeCase == RecordConsultationsResponse.OutcomeOneofCase.Error ? 1 : 0;
                }

                return failed == 0
                    ? ExitCode.Done
                    : ExitCode.Complain($"{failed} consultations were not recorded.", ExitCode.Refused);
            }
        );
        return command;
    }

    private static RecordConsultationsRequest Parse(string line, int index)
    {
        try
        {
            return JsonParser.Default.Parse<RecordConsultationsRequest>(line);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException)
        {
            throw new FormatException($"Line {index + 1} is not a RecordConsultationsRequest: {e.Message}", e);
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
