using System.CommandLine;
using Ledger.Cli.Commands;
using Ledger.Service.Hosting;
using Spectre.Console;

if (Console.IsOutputRedirected)
{
    // No window tells the width: a table's lines are broken for nobody.
    AnsiConsole.Profile.Width = 160;
}

var root = new RootCommand(
    "The audit ledger of « Mon Compte Partenaire ».\nExit codes: 0 done, 1 refused, 2 usage, 3 unavailable."
)
{
    ServeCommand.Create(),
    DatabaseCommand.Create(),
    DemoCommand.Create(),
    RecordCommand.Create(),
    ReplayCommand.Create(),
    ExportCommand.Create(),
    EvidenceCommand.Create(),
    RebuildCommand.Create(),
    AnchorsCommand.Create(),
    RetentionCommand.Create(),
    KeysCommand.Create(),
};
foreach (var question in QuestionCommands.Create())
{
    root.Subcommands.Add(question);
}

var parsed = root.Parse(args);
return parsed.Errors.Count > 0
    ? ExitCode.Complain(string.Join(" ", parsed.Errors.Select(Plain)), ExitCode.Usage)
    : await ExitCode.GuardAsync(() =>
        parsed.InvokeAsync(
            new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                // A service that is told to end records and signs what it took: it is not cut off in that.
                ProcessTerminationTimeout = TimeSpan.FromMinutes(2),
            }
        )
    );

// A type of .NET says nothing to whoever types a command.
static string Plain(System.CommandLine.Parsing.ParseError error) =>
    error.Message.Split(" as expected type ") is [var said, _] ? $"{said}." : error.Message;
