using System.CommandLine;
using Ledger.Answers;
using Ledger.Cli.Answers;
using Ledger.Presentation;
using Ledger.Service.Hosting;

namespace Ledger.Cli.Commands;

/// <summary>
/// <c>ledger retention</c>: which months are at their lawful end, doing away with them, and erasing a file by decision.
/// </summary>
internal static class RetentionCommand
{
    public static Command Create() => new("retention") { Due(), Apply(), Erase() };

    private static Command Due()
    {
        var common = new CommonOptions();
        var command = new Command("due");
        common.AddTo(command, withKnownAt: false);
        command.SetAction(
            async (parse, cancel) =>
            {
                using var client = common.Connect(parse);
                var answer = await client.Retention.ListMonthsAsync(new(), cancellationToken: cancel);
                common.Print(parse, answer, () => Sheets.Log.Of(answer));
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static Command Apply()
    {
        var (common, asker) = (new CommonOptions(), new AskerOptions());
        var reason = Required("--reason");
        var months = new Option<string[]>("--month")
        {
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [],
        };
        var command = new Command("apply") { reason, months };
        common.AddTo(command, withKnownAt: false);
        asker.AddTo(command);
        command.SetAction(
            async (parse, cancel) =>
            {
                using var client = common.Connect(parse);
                var answer = await client.Retention.ApplyRetentionAsync(
                    new()
                    {
                        Context = asker.Asking(parse, null).Context,
                        Reason = parse.GetRequiredValue(reason),
                        Months = { parse.GetValue(months) },
                    },
                    cancellationToken: cancel
                );
                common.Print(
                    parse,
                    answer,
                    () =>
                        Sheet.OfPairs(
                            (Words.Spoken.Say("answers.keys-destroyed"), string.Join(", ", answer.Months)),
                            (Words.Spoken.Template("columns.position"), $"{answer.Acknowledgement.Position}")
                        )
                );
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static Command Erase()
    {
        var (common, asker) = (new CommonOptions(), new AskerOptions());
        var caf = Required("--caf");
        var matricule = MatriculeOption.Required();
        var decision = Required("--decision");
        var reason = Required("--reason");
        var command = new Command("erase") { caf, matricule, decision, reason };
        common.AddTo(command, withKnownAt: false);
        asker.AddTo(command);
        command.SetAction(
            async (parse, cancel) =>
            {
                using var client = common.Connect(parse);
                var answer = await client.Retention.EraseFileAsync(
                    new()
                    {
                        Context = asker.Asking(parse, null).Context,
                        Allocataire = new()
                        {
                            Caf = parse.GetRequiredValue(caf),
                            Matricule = parse.GetRequiredValue(matricule),
                        },
                        Decision = parse.GetRequiredValue(decision),
                        Reason = parse.GetRequiredValue(reason),
                    },
                    cancellationToken: cancel
                );
                common.Print(
                    parse,
                    answer,
                    () =>
                        Sheet.OfPairs(
                            (
                                Words.Spoken.Say("answers.file-erased"),
                                Words.Spoken.Say("answers.position", ("position", $"{answer.Acknowledgement.Position}"))
                            ),
                            (Words.Spoken.Say("answers.other-files"), $"{answer.OtherFiles}")
                        )
                );
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static Option<string> Required(string name) => new(name) { Required = true };
}
