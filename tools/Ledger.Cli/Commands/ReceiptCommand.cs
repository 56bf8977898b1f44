using System.CommandLine;
using Ledger.Files;
using Ledger.Presentation;
using Ledger.Service.Hosting;

namespace Ledger.Cli.Commands;

/// <summary><c>ledger receipt</c>: the receipt of what was recorded, as one file that proves it alone.</summary>
internal static class ReceiptCommand
{
    public static Command Create()
    {
        var common = new CommonOptions();
        var (position, path) = (new Argument<long>("POSITION"), new Argument<string>("FILE"));
        var command = new Command("receipt") { position, path };
        command.Options.Add(common.Server);
        command.Options.Add(common.TokenFile);
        command.Options.Add(common.Roots);
        command.SetAction(
            async (parse, cancel) =>
            {
                using var client = common.Connect(parse);
                var answer = await client.Integrity.GetReceiptAsync(
                    new() { Position = parse.GetValue(position) },
                    cancellationToken: cancel
                );
                var target = parse.GetRequiredValue(path);
                await using (var file = OwnFile.Create(target + ".new"))
                {
                    await file.WriteAsync(System.Text.Encoding.UTF8.GetBytes(answer.Bundle), cancel);
                }

                File.Move(target + ".new", target, overwrite: true);
                Console.Out.WriteLine(Words.Spoken.Say("cli.receipt-written", ("file", target)));
                return ExitCode.Done;
            }
        );
        return command;
    }
}
