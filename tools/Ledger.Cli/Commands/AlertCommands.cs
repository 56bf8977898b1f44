using System.CommandLine;
using Caf.Ledger.V1;
using Ledger.Cli.Answers;
using Ledger.Domain.Anomalies;

namespace Ledger.Cli.Commands;

/// <summary><c>ledger alerts</c>: what the rules found, why, and saying what it was.</summary>
internal static class AlertCommands
{
    private const string Waiting = "waiting";

    public static Command Create()
    {
        var (siret, agent, rule) = (Text("--siret"), Text("--agent"), Text("--rule"));
        var (from, until) = (DayOption.Create("--from"), DayOption.Create("--until"));
        var kind = new Option<string?>("--kind");
        kind.AcceptOnlyFromAmong("certain", "contextual");
        var state = new Option<string?>("--state");
        state.AcceptOnlyFromAmong([Waiting, .. AlertOutcomes.All]);
        var list = Question.Create(
            "alerts",
            [siret, agent, rule, from, until, kind, state],
            p =>
            {
                var request = new ListAlertsRequest
                {
                    Siret = p.GetValue(siret),
                    Agent = p.GetValue(agent),
                    Rule = p.GetValue(rule),
                    From = DayOption.Value(p, from),
                    Until = DayOption.Value(p, until),
                };
                if (p.GetValue(kind) is { } wanted)
                {
                    request.Certain = wanted == "certain";
                }

                if (p.GetValue(state) is { } outcome)
                {
                    request.Outcome = outcome == Waiting ? string.Empty : outcome;
                }

                return request;
            },
            (c, r, cancel) => c.ListAlertsAsync(r, cancellationToken: cancel),
            a => Sheets.Log.Of(a.Alerts, a.Basis)
        );
        list.Subcommands.Add(Show());
        list.Subcommands.Add(Qualify());
        return list;
    }

    private static Command Show()
    {
        var alert = new Argument<string>("ALERT");
        var command = Question.Create(
            "show",
            [],
            p => new ExplainAlertRequest { Alert = p.GetRequiredValue(alert) },
            (c, r, cancel) => c.ExplainAlertAsync(r, cancellationToken: cancel),
            Sheets.Log.Of
        );
        command.Arguments.Add(alert);
        return command;
    }

    private static Command Qualify()
    {
        var alert = new Argument<string>("ALERT");
        var outcome = new Option<string>("--outcome") { Required = true };
        outcome.AcceptOnlyFromAmong([.. AlertOutcomes.All]);
        var reason = new Option<string>("--reason") { Required = true };
        return Acting.Create(
            "qualify",
            [alert],
            [outcome, reason],
            async (client, context, parse, cancel) =>
                (
                    await client.Procedures.QualifyAlertAsync(
                        new()
                        {
                            Context = context,
                            Alert = parse.GetRequiredValue(alert),
                            Outcome = parse.GetRequiredValue(outcome),
                            Reason = parse.GetRequiredValue(reason),
                        },
                        cancellationToken: cancel
                    )
                ).Acknowledgement
        );
    }

    private static Option<string> Text(string name) => new(name) { DefaultValueFactory = _ => string.Empty };
}
