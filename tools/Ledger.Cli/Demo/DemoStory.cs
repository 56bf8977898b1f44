using System.Diagnostics;
using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Cli.Commands;
using Ledger.Client;
using Ledger.Domain.Simulation;
using Ledger.Service.Hosting;
using Ledger.Store.Embedded;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace Ledger.Cli.Demo;

/// <summary>Tells the story and checks each turn of it: a demo that shows the wrong thing fails.</summary>
internal static class DemoStory
{
    public static async Task<int> PlayAsync(CancellationToken cancel)
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
            var vkey = await RecordAndAskAsync(folder, cancel);
            await TamperAndCatchAsync(folder, vkey, cancel);
            AnsiConsole.MarkupLine("\n[green]Done.[/] Nothing is left running.");
            return ExitCode.Done;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> RecordAndAskAsync(string folder, CancellationToken cancel)
    {
        Title("1. A ledger of its own, with an embedded PostgreSQL, on loopback");
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

            using var client = new LedgerClient(new Uri((await File.ReadAllLinesAsync(ready, cancel))[0]));
            return await PlayAsync(client, folder, cancel);
        }
        finally
        {
            await stop.CancelAsync();
            await running;
        }
    }

    private static async Task<string> PlayAsync(LedgerClient client, string folder, CancellationToken cancel)
    {
        var scenario = new Scenario(client);
        Title("2. Convention, formalities, contract, enrolment, service, gestionnaires");
        Tell(await scenario.SignAsync());
        Title("3. Agents and habilitations; a suspension and its lifting");
        Tell(await scenario.GrantAsync());

        Title("4. Twenty consultations over one stream, each acknowledged once durable");
        var answers = await scenario.ConsultAsync();
        foreach (
            var (sent, answer) in answers.Where(
                (a, i) => i % 6 == 0 || !a.Answer.Recorded.Verdict.Authorised || i == answers.Count - 1
            )
        )
        {
            AnsiConsole.WriteLine(
                $"  position {answer.Recorded.Acknowledgement.Position, 3}  {sent.Consultation.Agent} on "
                    + $"{sent.Consultation.OccurredAt.ToDateTimeOffset():d MMM}: "
                    + $"{Tables.Verdict(answer.Recorded.Verdict)}"
            );
        }

        Require(
            answers.Count(a => !a.Answer.Recorded.Verdict.Authorised) == 1,
            "exactly one consultation is irregular when it is recorded"
        );

        Title("5. The core case: gone on 1 March, signalled on 20 March, consulted on 10 March");
        var departure = await scenario.SignalDepartureAsync();
        AnsiConsole.WriteLine(
            $"  position {departure.Acknowledgement.Position, 3}  departure signalled {departure.DelayInDays} "
                + $"days late (art. 9.2: without delay)"
        );
        var did = await client.History.WhoDidAccessAsync(
            new() { Asking = Scenario.Asking(), Allocataire = Scenario.File(0) },
            cancellationToken: cancel
        );
        AnsiConsole.Write(Tables.Of(did.Consultations));
        var core = did.Consultations.Single(c => c.Position == scenario.CoreCasePosition);
        Require(
            core.AsKnownThen.Authorised && core.AsKnownAt.Reasons.SequenceEqual(["agent-departed"]),
            "authorised as known then, irregular as known now"
        );

        var at = Scenario.At("2026-03-10T10:15:00Z");
        Title("6. Who could open this file on 10 March, as known then");
        var then = await client.History.WhoCouldAccessAsync(
            new()
            {
                Asking = Scenario.Asking(scenario.CoreCasePosition),
                Allocataire = Scenario.File(0),
                At = at,
            },
            cancellationToken: cancel
        );
        AnsiConsole.Write(Tables.Of(then));
        Title("7. The same, as known now");
        var now = await client.History.WhoCouldAccessAsync(
            new()
            {
                Asking = Scenario.Asking(),
                Allocataire = Scenario.File(0),
                At = at,
            },
            cancellationToken: cancel
        );
        AnsiConsole.Write(Tables.Of(now));
        Require(then.Rights.Count == 2 && now.Rights.Count == 1, "two could as known then, one as known now");

        Title($"8. The replay of {Scenario.Leaver}");
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

        AnsiConsole.Write(Tables.Of(story));

        Title("9. What the anomaly rules found behind the log, and who asked all this");
        AnsiConsole.Write(Tables.Of(await AlertsAsync(client, cancel)));
        var reads = await client.History.ListTraceReadsAsync(
            new() { Asking = Scenario.Asking(), Allocataire = Scenario.File(0) },
            cancellationToken: cancel
        );
        foreach (var read in reads.Reads)
        {
            AnsiConsole.WriteLine($"  position {read.Position, 3}  {read.Actor.Id} asked {read.Question}");
        }

        Title("10. Other partners, simulated: late signals, corrections, mutations, misuse");
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
            $"  {acts} acts said by {size.Partners} more partners; of all consultations, "
                + $"{irregular.Consultations.Count} irregular as known then or now"
        );

        Title("11. The verifier, a program of its own, reads the database and recomputes everything");
        var covered = await CoveredAsync(client, scenario.DeparturePosition, cancel);
        var connection = EmbeddedConnection(folder, "postgres");
        Require(
            await VerifyAsync(
                ["db", "--connection", connection, "--vkey", covered.Vkey, "--memory", Path.Combine(folder, "memory")],
                cancel
            ) == 0,
            "the log is whole"
        );

        Title(
            $"12. What is recorded about {Scenario.Leaver}, as a page to print that proves itself: no service, no "
                + $"database"
        );
        var page = Path.Combine(folder, "leaver.evidence.html");
        await using (var file = File.Create(page))
        {
            await client.ExportEvidenceAsync(
                new()
                {
                    Asking = Scenario.Asking(),
                    Account = new() { Siret = Scenario.Siret, Agent = Scenario.Leaver },
                },
                file,
                cancel
            );
        }

        Require(await VerifyAsync(["evidence", page, "--vkey", covered.Vkey], cancel) == 0, "the evidence holds");
        await File.WriteAllTextAsync(
            page,
            (await File.ReadAllTextAsync(page, cancel)).Replace(
                "agent-departed</td>",
                "authorised</td>",
                StringComparison.Ordinal
            ),
            cancel
        );
        Require(
            await VerifyAsync(["evidence", page, "--vkey", covered.Vkey], cancel) == 1,
            "with one word changed it is false"
        );
        return covered.Vkey;
    }

    private static async Task TamperAndCatchAsync(string folder, string vkey, CancellationToken cancel)
    {
        Title("13. On a copy, a superuser disables the triggers and rewrites history");
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
                edit: 15,
                delete: 20,
                cancel
            )
        )
        {
            AnsiConsole.WriteLine($"  {done}");
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
        Require(exit == 1, "the verifier catches all three");
    }

    // The rules run a second behind the log: ask until they have found the agent without right.
    private static async Task<IReadOnlyList<Alert>> AlertsAsync(LedgerClient client, CancellationToken cancel)
    {
        for (var tries = 0; tries < 100; tries++)
        {
            var answer = await client.History.ListAlertsAsync(
                new() { Asking = Scenario.Asking() },
                cancellationToken: cancel
            );
            if (answer.Alerts.Any(a => a.Agent == Scenario.Stranger))
            {
                return answer.Alerts;
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
            Process.Start(new ProcessStartInfo("dotnet", [verifier, .. arguments]))
            ?? throw new InvalidOperationException("The verifier could not be started.");
        await process.WaitForExitAsync(cancel);
        return process.ExitCode;
    }

    private static void Title(string text)
    {
        AnsiConsole.WriteLine();
        AnsiConsole.MarkupLineInterpolated($"[bold blue]{text}[/]");
    }

    private static void Tell(IEnumerable<(string What, long Position)> acts)
    {
        foreach (var (what, position) in acts)
        {
            AnsiConsole.WriteLine($"  position {position, 3}  {what}");
        }
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new Store.Schema.LedgerStateException($"The demo expected: {what}.");
        }

        AnsiConsole.MarkupLineInterpolated($"  [green]✓[/] {what}");
    }
}
