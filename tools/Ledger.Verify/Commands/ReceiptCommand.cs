using System.CommandLine;
using Ledger.Integrity.Checkpoints;
using Ledger.Presentation;

namespace Ledger.Verify.Commands;

/// <summary><c>ledger-verify receipt</c>.</summary>
internal static class ReceiptCommand
{
    public static Command Create(TrustOptions trust)
    {
        var file = new Argument<string>("RECEIPT");
        var entry = new Option<string?>("--entry");
        var leafHash = new Option<string?>("--leaf-hash");
        var command = new Command("receipt") { file, entry, leafHash };
        command.SetAction(
            (parse, _) =>
                ExitCodes.GuardAsync(() =>
                {
                    try
                    {
                        var (path, policy) = (parse.GetRequiredValue(file), trust.Policy(parse));
                        var proved = ReceiptVerifier.IsBundle(path)
                            ? ReceiptVerifier.Run(path, successions => trust.Keys(parse, successions), policy)
                            : ReceiptVerifier.Run(
                                path,
                                parse.GetValue(entry),
                                parse.GetValue(leafHash),
                                trust.Keys(parse, []),
                                policy
                            );
                        Console.Out.WriteLine(Report.Label("holds") + proved);
                        return Task.FromResult(ExitCodes.Whole);
                    }
                    catch (OtherKeyException e)
                    {
                        throw new CannotVerifyException(e.Message);
                    }
                    catch (FormatException e)
                    {
                        Console.Out.WriteLine(
                            $"{Report.Label("false")}{Typography.OneLine(Words.Spoken.Translated(e.Message))}"
                        );
                        return Task.FromResult(ExitCodes.Tampered);
                    }
                })
        );
        return command;
    }
}
