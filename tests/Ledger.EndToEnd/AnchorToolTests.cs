using System.Diagnostics;
using System.Text.Json;
using Ledger.Tests;

namespace Ledger.EndToEnd;

/// <summary>
/// A witness, a ledger that it cosigns, evidence and a scan gone on with: the programs as their users run them.
/// </summary>
[Collection(PostgresTests.Name)]
public sealed class AnchorToolTests(PostgresCluster cluster) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ledger-outside-").FullName;
    private string _connection = null!;
    private string _vkey = null!;

    public async Task InitializeAsync()
    {
        _connection = await cluster.CreateDatabaseAsync();
        _vkey = (
            await Programs.RunAsync(
                Programs.Ledger,
                "db",
                "init",
                "--connection",
                _connection,
                "--origin",
                "ledger.example/outside",
                "--keys",
                _folder
            )
        ).Output.Trim();
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_witness_that_is_killed_remembers_what_it_cosigned_and_a_log_without_it_is_not_trusted()
    {
        var (witness, port, witnessKey) = await WitnessAsync(0);
        var policy = Path.Combine(_folder, "policy");
        await File.WriteAllTextAsync(
            policy,
            $"log {_vkey}\nwitness partner {witnessKey} http://127.0.0.1:{port}/\nquorum partner\n"
        );
        using (
            var service = await ServiceProcess.StartAsync(
                "--connection",
                _connection,
                "--keys",
                _folder,
                "--watch-anomalies",
                "false",
                "--witness-policy",
                policy
            )
        )
        {
            await service.Client.UpToAGrantAsync();
            await AnchoredAsync(service, 9);
            witness.Kill();
            await witness.WaitForExitAsync();
            witness.Dispose();
            await service.Client.Consultations.RecordConsultationAsync(SampleRequests.Consultation());
            await Poll(async () =>
                (await AnchorAsync(service)).TryGetProperty("failure", out var failure)
                && failure.GetString()!.Contains("does not answer", StringComparison.Ordinal)
            );
            (witness, _, var again) = await WitnessAsync(port);
            again.ShouldBe(witnessKey);
            await AnchoredAsync(service, 10);
            (
                await Programs.RunAsync(Programs.Ledger, "anchors", "--server", service.Address.ToString())
            ).Output.ShouldContain("witness partner");
            (await service.StopAsync()).ShouldBe(0);
        }

        var trusted = await VerifyAsync("db", "--connection", _connection, "--policy", policy, "--ask-witnesses");
        trusted.Exit.ShouldBe(0, trusted.Output + trusted.Error);
        trusted.Output.ShouldContain("10 under the cosignatures demanded");

        var copy = await cluster.CopyDatabaseAsync(_connection);
        await PostgresCluster.ExecuteAsync(
            copy,
            "alter table ledger.ledger_anchor disable trigger user",
            "delete from ledger.ledger_anchor"
        );
        var bare = await VerifyAsync("db", "--connection", copy, "--policy", policy, "--output", "json");
        bare.Exit.ShouldBe(1);
        JsonDocument
            .Parse(bare.Output)
            .RootElement.GetProperty("findings")[0]
            .GetProperty("kind")
            .GetString()
            .ShouldBe("Unwitnessed");

        witness.Kill();
        witness.Dispose();
        (await VerifyAsync("db", "--connection", _connection, "--policy", policy, "--ask-witnesses")).Exit.ShouldBe(3);
        (await VerifyAsync("db", "--connection", _connection, "--policy", "/nowhere")).Exit.ShouldBe(3);
        (await VerifyAsync("mirror", "esdb://127.0.0.1:1?tls=false", "--vkey", _vkey)).Exit.ShouldBe(3);
        (await VerifyAsync("mirror", "nonsense", "--vkey", _vkey)).Exit.ShouldBe(3);
    }

    [Fact]
    public async Task Evidence_is_written_verified_offline_and_false_once_a_word_is_changed()
    {
        var file = Path.Combine(_folder, "case.evidence.html");
        using (
            var service = await ServiceProcess.StartAsync(
                "--connection",
                _connection,
                "--keys",
                _folder,
                "--watch-anomalies",
                "false"
            )
        )
        {
            await service.Client.UpToAGrantAsync();
            await service.Client.Consultations.RecordConsultationAsync(SampleRequests.Consultation());
            var written = await Programs.RunAsync(
                Programs.Ledger,
                "evidence",
                file,
                "--caf",
                "763",
                "--matricule-file",
                Programs.Numbered(_folder, "1204571"),
                "--server",
                service.Address.ToString(),
                "--as",
                "763/investigator-1"
            );
            written.Exit.ShouldBe(0, written.Error);
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var holds = await VerifyAsync("evidence", file, "--vkey", _vkey);
        (holds.Exit, holds.Error).ShouldBe((0, string.Empty));
        holds.Output.ShouldStartWith("HOLDS");
        JsonDocument
            .Parse((await VerifyAsync("evidence", file, "--vkey", _vkey, "--output", "json")).Output)
            .RootElement.GetProperty("answers")
            .GetInt32()
            .ShouldBe(1);
        await File.WriteAllTextAsync(
            file,
            (await File.ReadAllTextAsync(file)).Replace(">Regular</td>", ">Irregular</td>", StringComparison.Ordinal)
        );
        var changed = await VerifyAsync("evidence", file, "--vkey", _vkey);
        changed.Exit.ShouldBe(1);
        changed.Output.ShouldStartWith("DATA HOLD This rendering is not the one that was issued");
        (await VerifyAsync("evidence", "/nowhere", "--vkey", _vkey)).Exit.ShouldBe(3);
    }

    [Fact]
    public async Task A_scan_goes_on_from_where_it_stood_and_says_when_what_it_read_is_no_longer_there()
    {
        var scan = Path.Combine(_folder, "scan.json");
        using (
            var service = await ServiceProcess.StartAsync(
                "--connection",
                _connection,
                "--keys",
                _folder,
                "--watch-anomalies",
                "false"
            )
        )
        {
            await service.Client.UpToAGrantAsync();
            (await service.StopAsync()).ShouldBe(0);
        }

        (await ScanAsync(_connection)).Exit.ShouldBe(0);
        JsonDocument
            .Parse(await File.ReadAllTextAsync(scan))
            .RootElement.GetProperty("position")
            .GetInt64()
            .ShouldBe(9);
        using (
            var service = await ServiceProcess.StartAsync(
                "--connection",
                _connection,
                "--keys",
                _folder,
                "--watch-anomalies",
                "false"
            )
        )
        {
            await service.Client.Consultations.RecordConsultationAsync(SampleRequests.Consultation());
            (await service.StopAsync()).ShouldBe(0);
        }

        var copy = await cluster.CopyDatabaseAsync(_connection);
        (await ScanAsync(_connection)).Output.ShouldContain(
            "10 entries (1 read, 9 taken from the scan before), 10 of them under a signed checkpoint"
        );
        var state = await File.ReadAllTextAsync(scan);

        // What comes after the scan is verified as ever; what came before is no longer read, but for the place where
        // they meet.
        await PostgresCluster.ExecuteAsync(
            copy,
            "alter table ledger.ledger_leaf disable trigger user",
            "alter table ledger.mt_events disable trigger user",
            "update ledger.mt_events set version = 77 where seq_id = (select seq_id from ledger.ledger_leaf where "
                + "position = 9)"
        );
        await File.WriteAllTextAsync(
            scan,
            state.Replace("\"position\": 10", "\"position\": 11", StringComparison.Ordinal)
        );
        (await ScanAsync(copy)).Exit.ShouldBe(3, "a scan that was tampered with is no scan");
        File.Delete(scan);
        (await ScanAsync(copy)).Output.ShouldContain("MODIFIED  position 9, version");
        File.Exists(scan).ShouldBeFalse("a log that is not whole leaves nothing to go on from");
        await File.WriteAllTextAsync(scan, state);
        await PostgresCluster.ExecuteAsync(copy, "delete from ledger.ledger_leaf where position = 9");
        var gone = await ScanAsync(copy);
        gone.Exit.ShouldBe(1);
        gone.Output.ShouldContain("FORKED    position 9");

        Task<(int Exit, string Output, string Error)> ScanAsync(string connection) =>
            VerifyAsync("db", "--connection", connection, "--vkey", _vkey, "--resume", scan);
    }

    private static Task<(int Exit, string Output, string Error)> VerifyAsync(params string[] arguments) =>
        Programs.RunAsync(Programs.LedgerVerify, [.. arguments, "--no-memory"]);

    private async Task<(Process Witness, int Port, string Key)> WitnessAsync(int port)
    {
        var ready = Path.Combine(_folder, "witness-ready");
        File.Delete(ready);
        var witness = Programs.Start(
            Programs.LedgerVerify,
            "witness",
            "serve",
            "--folder",
            Path.Combine(_folder, "witness"),
            "--name",
            "witness.example",
            "--log",
            _vkey,
            "--port",
            $"{port}",
            "--ready-file",
            ready
        );
        await Poll(() => Task.FromResult(File.Exists(ready) || witness.HasExited));
        witness.HasExited.ShouldBeFalse();
        var lines = await File.ReadAllLinesAsync(ready);
        return (witness, new Uri(lines[0]).Port, lines[1]);
    }

    private static async Task<JsonElement> AnchorAsync(ServiceProcess service)
    {
        var run = await Programs.RunAsync(
            Programs.Ledger,
            "anchors",
            "--server",
            service.Address.ToString(),
            "--output",
            "json"
        );
        run.Exit.ShouldBe(0, run.Error);
        return JsonDocument.Parse(run.Output).RootElement.GetProperty("anchors")[0];
    }

    private static Task AnchoredAsync(ServiceProcess service, int size) =>
        Poll(async () =>
            await AnchorAsync(service) is var anchor
            && anchor.TryGetProperty("size", out var at)
            && long.Parse(at.GetString()!, System.Globalization.CultureInfo.InvariantCulture) >= size
        );

    private static async Task Poll(Func<Task<bool>> condition)
    {
        for (var tries = 0; !await condition(); tries++)
        {
            tries.ShouldBeLessThan(600);
            await Task.Delay(50);
        }
    }
}
