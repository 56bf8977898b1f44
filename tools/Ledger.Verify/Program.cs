using System.CommandLine;
using Ledger.Verify;
using Ledger.Verify.Commands;
using Spectre.Console;

if (Console.IsOutputRedirected)
{
    // No window tells the width: a finding is one line.
    AnsiConsole.Profile.Width = 1000;
}

var trust = new TrustOptions();
var root = new RootCommand(
    "Verifies a ledger, trusting neither the service nor its database's administrator.\nExit codes: 0 whole, 1 "
        + "tampered, 2 usage, 3 cannot be verified."
)
{
    ReceiptCommand.Create(trust),
    EvidenceCommand.Create(trust),
    WitnessCommand.Create(),
    Report.Output,
};
foreach (var command in LogCommands.Create(trust))
{
    root.Subcommands.Add(command);
}

trust.AddTo(root);
var parsed = root.Parse(args);
return parsed.Errors.Count > 0
    ? ExitCodes.Complain(string.Join(" ", parsed.Errors.Select(e => e.Message)), ExitCodes.Usage)
    : await parsed.InvokeAsync();
