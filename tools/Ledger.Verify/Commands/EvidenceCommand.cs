using System.CommandLine;
using System.Text.Json;
using Ledger.Integrity.Evidence;

namespace Ledger.Verify.Commands;

/// <summary><c>ledger-verify evidence</c>.</summary>
internal static class EvidenceCommand
{
    public static Command Create(TrustOptions trust)
    {
        var file = new Argument<string>("FILE") { Description = "What 'ledger evidence' wrote." };
        var command = new Command(
            "evidence",
            "Verify a file of evidence, offline: its events, its proofs, and that its answer is theirs."
        )
        {
            file,
        };
        command.SetAction(
            (parse, cancel) =>
                ExitCodes.GuardAsync(async () =>
                {
                    string text;
                    try
                    {
                        text = await File.ReadAllTextAsync(parse.GetRequiredValue(file), cancel);
                    }
                    catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                    {
                        throw new CannotVerifyException(e.Message);
                    }

                    try
                    {
                        var found = EvidenceVerifier.Run(
                            text,
                            successions => trust.Keys(parse, successions),
                            trust.Policy(parse),
                            trust.Timestamps(parse)
                        );
                        Console.Out.WriteLine(
                            parse.GetValue(Report.Output) == "json"
                                ? JsonSerializer.Serialize(found, ReportJson.Default.EvidenceFinding)
                                : Say(found)
                        );
                        return found.IsIssuedPage ? ExitCodes.Whole : ExitCodes.Tampered;
                    }
                    catch (NoEvidenceException e)
                    {
                        throw new CannotVerifyException(e.Message);
                    }
                    catch (FormatException e)
                    {
                        Console.Out.WriteLine($"FALSE     {e.Message}");
                        return ExitCodes.Tampered;
                    }
                })
        );
        return command;
    }

    private static string Say(EvidenceFinding found)
    {
        var seen = found.SeenBy is { } time
            ? $" A timestamp of {time:yyyy-MM-dd HH:mm:ss'Z'} covers all of it."
            : string.Empty;
        var verdict = found.IsIssuedPage
            ? "HOLDS     "
            : "DATA HOLD this rendering is not the one that was issued: go by what follows, not by its words. ";
        var answer = found.Answers == 0 ? "Nothing that is recorded answers it: " : string.Empty;
        return $"{verdict}{found.Question} {answer}{found.Answers} events answer it and {found.RestsOn} facts bear on "
            + $"them; all stand in {found.Origin}, signed at {found.Size} entries, and the answer is theirs, as "
            + $"known at position {found.KnownAt}.{seen}";
    }
}
