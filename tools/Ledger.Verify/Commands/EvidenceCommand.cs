using System.CommandLine;
using System.Text.Json;
using Ledger.Integrity.Evidence;
using Ledger.Presentation;
using Ledger.Presentation.Evidence;

namespace Ledger.Verify.Commands;

/// <summary><c>ledger-verify evidence</c>.</summary>
internal static class EvidenceCommand
{
    public static Command Create(TrustOptions trust)
    {
        var file = new Argument<string>("FILE");
        var command = new Command("evidence") { file };
        command.SetAction(
            (parse, cancel) =>
                ExitCodes.GuardAsync(async () =>
                {
                    string text;
                    try
                    {
                        text = await TextFile.ReadAsync(parse.GetRequiredValue(file), cancel);
                    }
                    catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
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
                        Console.Out.WriteLine(
                            $"{Report.Label("no-evidence")}{Typography.OneLine(Words.Spoken.Translated(e.Message))}"
                        );
                        return ExitCodes.CannotVerify;
                    }
                    catch (FormatException e)
                    {
                        Console.Out.WriteLine(
                            $"{Report.Label("false")}{Typography.OneLine(Words.Spoken.Translated(e.Message))}"
                        );
                        return ExitCodes.Tampered;
                    }
                })
        );
        return command;
    }

    private static string Say(EvidenceFinding found) =>
        Report.Label(found.IsIssuedPage ? "holds" : "data-hold")
        + Words.Spoken.Say(
            found.Answers == 0 ? "verify.evidence-empty" : "verify.evidence",
            ("rendering", found.IsIssuedPage ? string.Empty : Words.Spoken.Say("verify.other-rendering")),
            ("question", Words.Spoken.EvidenceQuestion(found.Said)),
            ("answers", found.Answers),
            ("bearing", found.RestsOn),
            ("origin", found.Origin),
            ("size", found.Size),
            ("position", $"{found.KnownAt}"),
            ("seen", found.SeenBy is { } time ? Words.Spoken.Say("verify.seen", ("at", time)) : string.Empty)
        );
}
