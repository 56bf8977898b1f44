using System.CommandLine;
using Ledger.Cli.Demo;

namespace Ledger.Cli.Commands;

/// <summary><c>ledger demo</c>: the whole story on a ledger of its own, gone afterwards.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var command = new Command("demo");
        command.SetAction((_, cancel) => DemoStory.PlayAsync(cancel));
        return command;
    }
}
