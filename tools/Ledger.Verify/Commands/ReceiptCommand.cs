using System.CommandLine;
using Ledger.Integrity.Checkpoints;

namespace Ledger.Verify.Commands;

/// <summary><c>ledger-verify receipt</c>.</summary>
internal static class ReceiptCommand
{
    public static Command Create(TrustOptions trust)
    {
        var file = new Argument<string>("RECEIPT") { Description = "A .tlog-proof file." };
        var entry = new Option<string?>("--entry") { Description = "The file of the entry that it is about." };
        var leafHash = new Option<string?>("--leaf-hash")
        {
            Description = "Or the leaf hash of the acknowledgement, in base64.",
        };
        var command = new Command("receipt", "Verify one receipt, offline.") { file, entry, leafHash };
        command.SetAction(
            (parse, _) =>
                ExitCodes.GuardAsync(() =>
                {
                    try
                    {
                        var proved = ReceiptVerifier.Run(
                            parse.GetRequiredValue(file),
                            parse.GetValue(entry),
                            parse.GetValue(leafHash),
                            trust.Keys(parse, []),
                            trust.Policy(parse)
                        );
                        Console.Out.WriteLine($"HOLDS     {proved}");
                        return Task.FromResult(ExitCodes.Whole);
                    }
                    catch (OtherKeyException e)
                    {
                        throw new CannotVerifyException(e.Message);
                    }
                    catch (FormatException e)
                    {
                        Console.Out.WriteLine($"FALSE     {e.Message}");
                        return Task.FromResult(ExitCodes.Tampered);
                    }
                })
        );
        return command;
    }
}
