using System.CommandLine;
using Caf.Ledger.V1;
using Ledger.Service.Hosting;
using Spectre.Console;

namespace Ledger.Cli.Commands;

/// <summary>
/// <c>ledger retention</c>: which months are at their lawful end, doing away with them, and erasing a file by decision.
/// </summary>
internal static class RetentionCommand
{
    public static Command Create() =>
        new("retention", "What is done away with at its lawful end (art. 5.1 e and 17 RGPD).")
        {
            Due(),
            Apply(),
            Erase(),
        };

    private static Command Due()
    {
        var common = new CommonOptions();
        var command = new Command("due", "The months, until when each is kept, and what keeps it beyond.");
        common.AddTo(command, withKnownAt: false);
        command.SetAction(
            async (parse, cancel) =>
            {
                using var client = common.Connect(parse);
                var answer = await client.Retention.ListMonthsAsync(new(), cancellationToken: cancel);
                common.Print(parse, answer, () => TableOf(answer));
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static Command Apply()
    {
        var (common, asker) = (new CommonOptions(), new AskerOptions());
        var reason = Required("--reason", "Why: it is kept in the log.");
        var months = new Option<string[]>("--month")
        {
            Description = "A month, yyyy-MM; may be given again. Default: all that are due and that nothing holds.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [],
        };
        var command = new Command("apply", "Destroy the keys of months that are at their lawful end. It stands.")
        {
            reason,
            months,
        };
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
                    () => Told("clés détruites", $"{string.Join(", ", answer.Months)} (position {Of(answer)})")
                );
                return ExitCode.Done;

                static long Of(ApplyRetentionResponse answer) => answer.Acknowledgement.Position;
            }
        );
        return command;
    }

    private static Command Erase()
    {
        var (common, asker) = (new CommonOptions(), new AskerOptions());
        var caf = Required("--caf", "The Caf that holds the file, such as 763.");
        var matricule = MatriculeOption.Required("The number of the file.");
        var decision = Required("--decision", "The decision's reference: nothing that tells who the person is.");
        var reason = Required("--reason", "Why: it is kept in the log.");
        var command = new Command(
            "erase",
            "Erase a file by decision: what was recorded of it is not found by its number any more. It stands."
        )
        {
            caf,
            matricule,
            decision,
            reason,
        };
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
                        Told(
                            "dossier effacé",
                            $"position {answer.Acknowledgement.Position}"
                                + (
                                    answer.OtherFiles == 0
                                        ? string.Empty
                                        : $" ; dossiers de la même personne qui restent à effacer : {answer.OtherFiles}"
                                )
                        )
                );
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static Table TableOf(ListMonthsResponse answer)
    {
        var table = Tables.New("mois", "durée", "conservé jusqu'au", "état", "gel probatoire");
        foreach (var m in answer.Months)
        {
            Tables.Row(
                table,
                m.Month,
                m.Months == 0 ? "aucun contrat" : $"{m.Months} mois",
                m.DueOn,
                m.Destroyed ? "clé détruite"
                    : m.Due ? (m.Holds.Count > 0 ? "échu, gelé" : "échu")
                    : "conservé",
                string.Join(", ", m.Holds)
            );
        }

        return table;
    }

    private static Table Told(string what, string which)
    {
        var table = Tables.New(what);
        Tables.Row(table, which);
        return table;
    }

    private static Option<string> Required(string name, string description) =>
        new(name) { Description = description, Required = true };
}
