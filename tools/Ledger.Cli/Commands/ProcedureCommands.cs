using System.CommandLine;
using Caf.Ledger.V1;
using Ledger.Answers;
using Ledger.Client;
using Ledger.Presentation;
using Ledger.Service.Hosting;

namespace Ledger.Cli.Commands;

/// <summary>
/// <c>ledger procedure</c> and <c>ledger trace-request</c>: the steps of notices, meetings, requests and controls.
/// </summary>
internal static class ProcedureCommands
{
    public static IEnumerable<Command> Create() =>
        [
            new Command("procedure") { Kinds(), Take() },
            new Command("trace-request")
            {
                Step("file", "trace-request-filed", []),
                Step("decide", "trace-request-decided", ["granted", "refused"]),
                Step("deliver", "trace-request-delivered", []),
            },
        ];

    private static Command Kinds()
    {
        var common = new CommonOptions();
        var command = new Command("kinds");
        common.AddTo(command, withKnownAt: false);
        command.SetAction(
            async (parse, cancel) =>
            {
                using var client = common.Connect(parse);
                var answer = await client.Procedures.ListProcedureKindsAsync(new(), cancellationToken: cancel);
                common.Print(
                    parse,
                    answer,
                    () =>
                        Sheet.Of(
                            answer.Kinds.SelectMany(k => k.Steps.Select(s => (Kind: k, Step: s))),
                            ("kind", r => Words.Spoken.Label("kinds", r.Kind.Name)),
                            ("article", r => r.Kind.Article),
                            ("step", r => r.Step.Name),
                            ("after", r => r.Step.After),
                            (
                                "by",
                                r =>
                                    r.Step.By == Party.Unspecified
                                        ? string.Empty
                                        : Words.Spoken.Name("party", r.Step.By)
                            ),
                            ("details", r => string.Join(", ", r.Step.Details))
                        )
                );
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static Command Take()
    {
        var (step, procedure) = (new Argument<string>("STEP"), new Argument<string>("PROCEDURE"));
        var options = new StepOptions();
        var by = new Option<string>("--by") { DefaultValueFactory = _ => "caf" };
        by.AcceptOnlyFromAmong("caf", "partenaire");
        var details = new Option<string[]>("--detail") { DefaultValueFactory = _ => [] };
        details.Validators.Add(result =>
        {
            if (result.GetValue(details)?.Any(d => !d.Contains('=', StringComparison.Ordinal)) == true)
            {
                result.AddError(Words.Spoken.Say("cli.detail-is-a-pair"));
            }
        });
        return Acting.Create(
            "take",
            [step, procedure],
            [.. options.All, by, details],
            (client, context, parse, cancel) =>
            {
                var request = options.Read(parse, context, parse.GetRequiredValue(procedure));
                request.Step = parse.GetRequiredValue(step);
                request.By = parse.GetValue(by) == "caf" ? Party.Caf : Party.Partenaire;
                foreach (var detail in parse.GetRequiredValue(details).Select(d => d.Split('=', 2)))
                {
                    request.Details[detail[0]] = detail[1];
                }

                return TakeAsync(client, request, cancel);
            }
        );
    }

    private static Command Step(string name, string step, string[] outcomes)
    {
        var (procedure, options) = (new Argument<string>("PROCEDURE"), new StepOptions());
        var outcome = new Option<string>("--outcome") { Required = true };
        outcome.AcceptOnlyFromAmong(outcomes);
        return Acting.Create(
            name,
            [procedure],
            outcomes.Length > 0 ? [.. options.All, outcome] : options.All,
            (client, context, parse, cancel) =>
            {
                var request = options.Read(parse, context, parse.GetRequiredValue(procedure));
                (request.Step, request.By) = (step, Party.Caf);
                if (outcomes.Length > 0)
                {
                    request.Details["outcome"] = parse.GetRequiredValue(outcome);
                }

                return TakeAsync(client, request, cancel);
            }
        );
    }

    private static async Task<Acknowledgement> TakeAsync(
        LedgerClient client,
        TakeStepRequest request,
        CancellationToken cancel
    ) => (await client.Procedures.TakeStepAsync(request, cancellationToken: cancel)).Acknowledgement;

    /// <summary>What every step says.</summary>
    private sealed class StepOptions
    {
        private readonly Option<DateOnly?> _on = DayOption.Create("--on");
        private readonly Option<string> _text = new("--text") { Required = true };
        private readonly Option<string> _convention = new("--convention") { DefaultValueFactory = _ => string.Empty };
        private readonly Option<long[]> _about = new("--about") { DefaultValueFactory = _ => [] };

        public IReadOnlyList<Option> All => [_on, _text, _convention, _about];

        public TakeStepRequest Read(ParseResult parse, RequestContext context, string procedure) =>
            new()
            {
                Context = context,
                Procedure = procedure,
                Convention = parse.GetValue(_convention),
                On = DayOption.Value(parse, _on) is { Length: > 0 } on
                    ? on
                    : $"{Domain.Common.LegalTime.DayOf(TimeProvider.System.GetUtcNow()):yyyy-MM-dd}",
                Text = parse.GetValue(_text),
                About = { parse.GetRequiredValue(_about) },
            };
    }
}
