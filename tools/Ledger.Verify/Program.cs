using Ledger.Files;
using Ledger.Verify;
using Spectre.Console;

Spoken.Use(args);
if (Console.IsOutputRedirected)
{
    // No window tells the width: a finding is one line.
    AnsiConsole.Profile.Width = 1000;
}

var parsed = CommandTree.Create().Parse(args);
return parsed.Errors.Count > 0
    ? ExitCodes.Complain(Spoken.Plain(parsed.Errors), ExitCodes.Usage)
    : await parsed.InvokeAsync();
