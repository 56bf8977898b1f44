using System.CommandLine;
using Ledger.Cli.Demo;

namespace Ledger.Cli.Commands;

/// <summary><c>ledger demo</c>: the whole story on a ledger of its own, gone afterwards.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var kept = new Option<string?>("--keep-evidence");
        var command = new Command("demo") { kept };
        command.SetAction((parse, cancel) => DemoStory.PlayAsync(parse.GetValue(kept), cancel));
        return command;
    }
}
