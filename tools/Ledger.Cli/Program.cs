using System.CommandLine;
using Ledger.Cli;
using Ledger.Files;
using Ledger.Service.Hosting;
using Spectre.Console;

Spoken.Use(args);
if (Console.IsOutputRedirected)
{
    // No window tells the width, but perhaps whoever reads what is written.
    AnsiConsole.Profile.Width =
        int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), out var columns) && columns > 20 ? columns : 160;
}

var root = CommandTree.Create();
var parsed = root.Parse(args);
return parsed.Errors.Count > 0
    ? ExitCode.Complain(Spoken.Plain(parsed.Errors), ExitCode.Usage)
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
