using System.Diagnostics;
using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Answers;
using Ledger.Cli.Answers;
using Ledger.Cli.Commands;
using Ledger.Client;
using Ledger.Domain.Simulation;
using Ledger.Presentation;
using Ledger.Service.Hosting;
using Ledger.Store.Embedded;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace Ledger.Cli.Demo;

/// <summary>Tells the story and checks each turn of it: a demo that shows the wrong thing fails.</summary>
internal static class DemoStory
{
    private const string EvidenceName = "evidence.html";

    /// <summary>Plays it.</summary>
    /// <param name="kept">Where the evidence about the core case is kept; null for nowhere.</param>
    /// <param name="cancel">Ends it.</param>
    public static async Task<int> PlayAsync(string? kept, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("ledger-demo-").FullName;
        // PostgreSQL's own user passes through, and sees nothing else.
        File.SetUnixFileMode(
            folder,
            UnixFileMode.UserRead
                | UnixFileMode.UserWrite
                | UnixFileMode.UserExecute
                | UnixFileMode.GroupExecute
                | UnixFileMode.OtherExecute
        );
        try
        {
            var (vkey, scenario) = await RecordAndAskAsync(folder, cancel);
            await TamperAndCatchAsync(folder, vkey, scenario, cancel);
            AnsiConsole.WriteLine();
            if (kept is not null)
            {
                File.Move(Path.Combine(folder, EvidenceName), kept, overwrite: true);
                AnsiConsole.WriteLine(Words.Spoken.Say("demo.kept", ("file", kept), ("vkey", vkey)));
            }

            AnsiConsole.WriteLine(Words.Spoken.Say("demo.done"));
            return ExitCode.Done;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(string Vkey, Scenario Scenario)> RecordAndAskAsync(
        string folder,
        CancellationToken cancel
    )
    {
        Title("serve");
        var ready = Path.Combine(folder, "ready");
        var app = ServeCommand.Build(
            new Dictionary<string, string?>
            {
                [nameof(LedgerOptions.DataFolder)] = folder,
                [nameof(LedgerOptions.Origin)] = "ledger.example/caf-763",
                [nameof(LedgerOptions.Port)] = "0",
                [nameof(LedgerOptions.ReadyFile)] = ready,
            },
            LogLevel.Error
        );
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var running = app.RunLedgerAsync(stop.Token);
        try
        {
            while (!File.Exists(ready))
            {
                if (running.IsCompleted)
                {
                    await running;
                }

                await Task.Delay(50, cancel);
            }

            var address = new Uri((await File.ReadAllLinesAsync(ready, cancel))[0]);
            using var client = new LedgerClient(
                address,
                LedgerCredentials.LocalTo(address) with
                {
                    Language = Languages.TagOf(Words.Spoken.Language),
                }
            );
            return await PlayAsync(client, folder, cancel);
        }
        finally
        {
            await stop.CancelAsync();
            await running;
        }
    }

    private static async Task<(string Vkey, Scenario Scenario)> PlayAsync(
        LedgerClient client,
        string folder,
        CancellationToken cancel
    )
    {
        var scenario = new Scenario(client);
        Title("sign");
        await TellAsync(client, await scenario.SignAsync(), cancel);
        Title("grant");
        await TellAsync(client, await scenario.GrantAsync(), cancel);

        Title("consult");
        var answers = await scenario.ConsultAsync();
        foreach (
            var (sent, answer) in answers.Where(
                (a, i) => i % 6 == 0 || !a.Answer.Recorded.Verdict.Authorised || i == answers.Count - 1
            )
        )
        {
            AnsiConsole.WriteLine(
                "  "
                    + Words.Spoken.Say(
                        "demo.consulted",
                        ("position", $"{answer.Recorded.Acknowledgement.Position}"),
                        ("agent", sent.Consultation.Agent),
                        ("at", sent.Consultation.OccurredAt.ToDateTimeOffset()),
                        ("verdict", new Writing(Words.Spoken).Verdict(answer.Recorded.Verdict).Text)
                    )
            );
        }

        Require(answers.Count(a => !a.Answer.Recorded.Verdict.Authorised) == 1, "one-irregular");

        Title("core");
        var departure = await scenario.SignalDepartureAsync();
        await TellAsync(client, [departure.Acknowledgement.Position], cancel);
        var did = await client.History.WhoDidAccessAsync(
            new() { Asking = Scenario.Asking(), Allocataire = Scenario.File(0) },
            cancellationToken: cancel
        );
        Printer.Print(Sheets.Access.Of(did));
        var core = did.Consultations.Single(c => c.Position == scenario.CoreCasePosition);
        Require(
            core.AsKnownThen.Authorised && core.AsKnownAt.Reasons.SequenceEqual(["agent-departed"]),
            "both-verdicts"
        );

        var at = Scenario.At("2026-03-10T10:15:00Z");
        Title("could-then");
        var then = await client.History.WhoCouldAccessAsync(
            new()
            {
                Asking = Scenario.Asking(scenario.CoreCasePosition),
                Allocataire = Scenario.File(0),
                At = at,
            },
            cancellationToken: cancel
        );
        Printer.Print(Sheets.Access.Of(then));
        Title("could-now");
        var now = await client.History.WhoCouldAccessAsync(
            new()
            {
                Asking = Scenario.Asking(),
                Allocataire = Scenario.File(0),
                At = at,
            },
            cancellationToken: cancel
        );
        Printer.Print(Sheets.Access.Of(now));
        Require(then.Rights.Count == 2 && now.Rights.Count == 1, "two-then-one");

        Title("replay");
        var story = new List<ReplayResponse>();
        using (
            var replay = client.History.Replay(
                new()
                {
                    Asking = Scenario.Asking(),
                    Account = new() { Siret = Scenario.Siret, Agent = Scenario.Leaver },
                },
                cancellationToken: cancel
            )
        )
        {
            await foreach (var step in replay.ResponseStream.ReadAllAsync(cancel))
            {
                story.Add(step);
            }
        }

        Printer.Print(Sheets.Log.Of(story));

        Title("alerts");
        Printer.Print(await AlertsAsync(client, cancel));
        var reads = await client.History.ListTraceReadsAsync(
            new() { Asking = Scenario.Asking(), Allocataire = Scenario.File(0) },
            cancellationToken: cancel
        );
        Printer.Print(Sheets.Access.Of(reads));

        Title("others");
        var simulated = new SimulatedRequests(client);
        var size = new HistorySize(Partners: 2, Agents: 8, GrantsPerAgent: 2, Allocataires: 400, Consultations: 300);
        var acts = 0;
        foreach (var act in new HistoryGenerator(7, size).Acts())
        {
            await simulated.SayAsync(act, cancel);
            acts++;
        }

        var irregular = await client.History.ListIrregularConsultationsAsync(
            new() { Asking = Scenario.Asking() },
            cancellationToken: cancel
        );
        AnsiConsole.WriteLine(
            "  "
                + Words.Spoken.Say(
                    "demo.simulated",
                    ("count", acts),
                    ("partners", size.Partners),
                    ("irregular", irregular.Consultations.Count)
                )
        );

        Title("verify");
        var covered = await CoveredAsync(client, scenario.DeparturePosition, cancel);
        var connection = EmbeddedConnection(folder, "postgres");
        Require(
            await VerifyAsync(
                ["db", "--connection", connection, "--vkey", covered.Vkey, "--memory", Path.Combine(folder, "memory")],
                cancel
            ) == 0,
            "whole"
        );

        Title("evidence");
        var page = Path.Combine(folder, EvidenceName);
        await using (var file = File.Create(page))
        {
            await client.ExportEvidenceAsync(
                new() { Asking = Scenario.Asking(), Allocataire = Scenario.File(0) },
                file,
                cancel
            );
        }

        Require(await VerifyAsync(["evidence", page, "--vkey", covered.Vkey], cancel) == 0, "evidence-holds");
        var changed = Path.Combine(folder, "changed.html");
        await File.WriteAllTextAsync(
            changed,
            (await File.ReadAllTextAsync(page, cancel)).Replace(
                $">{Words.Spoken.Template("verdicts.irregular")}",
                $">{Words.Spoken.Template("verdicts.authorised")}",
                StringComparison.Ordinal
            ),
            cancel
        );
        Require(await VerifyAsync(["evidence", changed, "--vkey", covered.Vkey], cancel) == 1, "changed-words");
        return (covered.Vkey, scenario);
    }

    private static async Task TamperAndCatchAsync(
        string folder,
        string vkey,
        Scenario scenario,
        CancellationToken cancel
    )
    {
        Title("tamper");
        await using var postgres = await EmbeddedPostgres.StartAsync(Path.Combine(folder, "postgres"), cancel);
        await Tampering.CopyAsync(
            postgres.ConnectionStringTo("template1") + ";Pooling=false",
            "postgres",
            "tampered",
            cancel
        );
        foreach (
            var done in await Tampering.TamperAsync(
                postgres.ConnectionStringTo("tampered"),
                edit: scenario.FirstOfLeaver,
                delete: scenario.FirstOfLeaver + 5,
                cancel
            )
        )
        {
            AnsiConsole.WriteLine($"  {Words.Spoken.Say($"demo.{done.What}", ("position", $"{done.Position}"))}");
        }

        AnsiConsole.WriteLine();
        var exit = await VerifyAsync(
            [
                "db",
                "--connection",
                postgres.ConnectionStringTo("tampered"),
                "--vkey",
                vkey,
                "--memory",
                Path.Combine(folder, "memory"),
            ],
            cancel
        );
        Require(exit == 1, "caught");
    }

    // The rules run a second behind the log: ask until they have found the agent without right.
    private static async Task<Sheet> AlertsAsync(LedgerClient client, CancellationToken cancel)
    {
        for (var tries = 0; tries < 100; tries++)
        {
            var answer = await client.History.ListAlertsAsync(
                new() { Asking = Scenario.Asking() },
                cancellationToken: cancel
            );
            if (answer.Alerts.Any(a => a.Agent == Scenario.Stranger))
            {
                return Sheets.Log.Of(answer.Alerts, answer.Basis);
            }

            await Task.Delay(100, cancel);
        }

        throw new InvalidOperationException("The anomaly rules found nothing within ten seconds.");
    }

    private static string EmbeddedConnection(string folder, string database) =>
        EmbeddedPostgres.ConnectionStringIn(Path.Combine(folder, "postgres"), database, EmbeddedRoles.Roles.Reader);

    // A checkpoint follows within a second: ask until one covers the last event.
    private static async Task<GetCheckpointResponse> CoveredAsync(
        LedgerClient client,
        long position,
        CancellationToken cancel
    )
    {
        for (var tries = 0; tries < 100; tries++)
        {
            try
            {
                var answer = await client.Integrity.GetCheckpointAsync(new(), cancellationToken: cancel);
                if (
                    Ledger
                        .Integrity.Checkpoints.Checkpoint.Open(
                            answer.Checkpoint,
                            Ledger.Integrity.Checkpoints.NoteVerifier.Parse(answer.Vkey)
                        )
                        .Size > position
                )
                {
                    return answer;
                }
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
            {
                // None is published yet.
            }

            await Task.Delay(100, cancel);
        }

        throw new InvalidOperationException("No checkpoint covered the last event within ten seconds.");
    }

    private static async Task<int> VerifyAsync(string[] arguments, CancellationToken cancel)
    {
        var verifier = Path.Combine(AppContext.BaseDirectory, "verify", "ledger-verify.dll");
        using var process =
            Process.Start(
                new ProcessStartInfo(
                    "dotnet",
                    [verifier, .. arguments, "--lang", Languages.TagOf(Words.Spoken.Language)]
                )
            ) ?? throw new InvalidOperationException("The verifier could not be started.");
        await process.WaitForExitAsync(cancel);
        return process.ExitCode;
    }

    private static void Title(string turn)
    {
        AnsiConsole.WriteLine();
        AnsiConsole.Write(
            new Text(Words.Spoken.Say($"demo.turn-{turn}") + "\n", new Style(Color.Blue, decoration: Decoration.Bold))
        );
    }

    // The acts in the words of the log itself.
    private static async Task TellAsync(LedgerClient client, IReadOnlyList<long> positions, CancellationToken cancel)
    {
        var answer = await client.History.GetActsAsync(
            new() { Asking = Scenario.Asking(), Positions = { positions } },
            cancellationToken: cancel
        );
        foreach (var act in answer.Acts.Select(a => a.Act))
        {
            AnsiConsole.WriteLine(
                "  " + Words.Spoken.Say("demo.act", ("position", $"{act.Position}"), ("act", act.Sentence))
            );
        }
    }

    private static void Require(bool holds, string what)
    {
        var expected = Words.Spoken.Say($"demo.{what}");
        if (!holds)
        {
            throw new Store.Schema.LedgerStateException(Words.Spoken.Say("demo.expected", ("what", expected)));
        }

        AnsiConsole.MarkupLineInterpolated($"  [green]✓[/] {expected}");
    }
}
