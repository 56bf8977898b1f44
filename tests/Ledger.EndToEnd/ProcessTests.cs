using System.Collections.Concurrent;
using System.Diagnostics;
using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Store.Embedded;
using Ledger.Tests;

namespace Ledger.EndToEnd;

/// <summary>The service as a process: started, signalled, killed, and started again, on folders of all kinds.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ledger-process-").FullName;

    public ProcessTests() => File.SetUnixFileMode(_folder, (UnixFileMode)0b111_001_001);

    private string Data => Path.Combine(_folder, "data");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("--port", "99999")]
    [InlineData("--port", "5080", "--http-port", "5080")]
    [InlineData("--port", "0", "--witness-policy", "/nowhere/policy")]
    [InlineData("--port", "0", "--timestamp-url", "no address")]
    [InlineData("--port", "0", "--mirror", "esdb://host?tls=true&tls=true")]
    [InlineData("--port", "0", "--mirror", "host:2113")]
    [InlineData("--port", "0", "--connection", "Hos=1;;=")]
    [InlineData("--port", "0", "--origin", "two words")]
    [InlineData("--port", "0", "--ready-file", "/nowhere/ready")]
    public async Task A_wrong_option_is_told_in_one_line_before_anything_is_made(params string[] options)
    {
        var (exit, _, error) = await Programs.RunAsync(Programs.Ledger, ["serve", "--data", Data, .. options]);
        exit.ShouldBe(2, error);
        error.TrimEnd().Split('\n').ShouldHaveSingleItem().ShouldStartWith("ledger: ");
        Directory.Exists(Data).ShouldBeFalse();
    }

    [Fact]
    public async Task A_machine_without_time_zones_is_told_before_anything_is_made()
    {
        var start = new ProcessStartInfo("dotnet", [Programs.Ledger, "serve", "--port", "0", "--data", Data])
        {
            RedirectStandardError = true,
        };
        start.Environment["TZDIR"] = "/nowhere";
        using var process = Process.Start(start)!;
        (await process.StandardError.ReadToEndAsync()).ShouldContain("apt-get install tzdata");
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(2);
        Directory.Exists(Data).ShouldBeFalse();
    }

    [Fact]
    public async Task A_second_service_on_the_same_folder_is_refused_and_the_first_serves_on()
    {
        using var first = await ServiceProcess.StartAsync("--data", Data);
        var (exit, _, error) = await Programs.RunAsync(Programs.Ledger, "serve", "--port", "0", "--data", Data);
        exit.ShouldBe(3);
        error.TrimEnd().Split('\n').ShouldHaveSingleItem().ShouldContain(Data);
        var taken = await Programs.RunAsync(
            Programs.Ledger,
            "serve",
            "--port",
            $"{first.Address.Port}",
            "--data",
            Path.Combine(_folder, "other")
        );
        taken.Exit.ShouldBe(2);
        await first.Client.UpToAGrantAsync();
        (await first.StopAsync()).ShouldBe(0);
        Postmasters(Data).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_folder_may_have_any_name_that_an_address_can_have_and_others_are_refused_by_name()
    {
        var odd = Path.Combine(_folder, "l'agence \"d$(x)\" é; \\");
        using (var service = await ServiceProcess.StartAsync("--data", odd))
        {
            await service.Client.UpToAGrantAsync();
            (await service.StopAsync()).ShouldBe(0);
        }

        foreach (var name in new[] { "a,b", "a:b", "a\nb", new string('x', 100) })
        {
            var refused = Path.Combine(_folder, name);
            (await Programs.RunAsync(Programs.Ledger, "serve", "--port", "0", "--data", refused)).Exit.ShouldBe(2);
            Directory.Exists(refused).ShouldBeFalse();
        }
    }

    [Fact]
    public async Task Settings_of_the_environment_count_where_no_option_is_given()
    {
        var ready = Path.Combine(_folder, "ready");
        var start = new ProcessStartInfo("dotnet", [Programs.Ledger, "serve"]) { RedirectStandardOutput = true };
        start.Environment["Ledger__Port"] = "0";
        start.Environment["Ledger__DataFolder"] = Data;
        start.Environment["Ledger__ReadyFile"] = ready;
        using var process = Process.Start(start)!;
        await UntilAsync(() => File.Exists(ready) || process.HasExited);
        File.ReadAllLines(ready)[0].ShouldNotBe("http://127.0.0.1:5080");
        await SignalAsync("-TERM", process);
        process.ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task A_signal_ends_open_streams_and_what_was_taken_is_recorded_and_signed()
    {
        using var service = await ServiceProcess.StartAsync("--data", Data);
        await service.Client.UpToAGrantAsync();
        var answered = new ConcurrentDictionary<string, long>();
        var streams = Enumerable.Range(0, 4).Select(_ => Task.Run(() => PushAsync(service, answered))).ToList();
        await UntilAsync(() => answered.Count > 500);

        // A checkpoint follows within a second: here one has.
        var covered = SampleRequests.Consultation();
        covered.Context.Covered = true;
        await service.Client.Consultations.RecordConsultationAsync(covered);
        var vkey = (await service.Client.Integrity.GetCheckpointAsync(new())).Vkey;
        (await service.StopAsync()).ShouldBe(0);
        await Task.WhenAll(streams);
        Postmasters(Data).ShouldBeEmpty();
        await using var postgres = await EmbeddedPostgres.StartAsync(
            Path.Combine(Data, "postgres"),
            CancellationToken.None
        );
        var entries = await PostgresCluster.QueryAsync<long>(
            postgres.ConnectionString,
            "select count(*) from ledger.ledger_leaf"
        );
        answered.Values.ShouldAllBe(position => position < entries);
        var verified = await Programs.RunAsync(
            Programs.LedgerVerify,
            "db",
            "--connection",
            postgres.ConnectionString,
            "--vkey",
            vkey,
            "--no-memory"
        );
        verified.Exit.ShouldBe(0, verified.Output + verified.Error);
        verified.Output.ShouldContain($"{entries:N0} entries, {entries:N0} of them under a signed checkpoint");
    }

    [Theory]
    [InlineData("-TERM", 50)]
    [InlineData("-TERM", 400)]
    [InlineData("-TERM", 1200)]
    [InlineData("-KILL", 700)]
    [InlineData("-KILL", 1500)]
    public async Task A_first_start_that_is_cut_off_anywhere_is_gone_on_with_by_the_next(string signal, int after)
    {
        using (var cut = Programs.Start(Programs.Ledger, "serve", "--port", "0", "--data", Data))
        {
            // Wherever this falls: the next start must not care.
            await Task.WhenAny(cut.WaitForExitAsync(), Task.Delay(after));
            await SignalAsync(signal, cut);
        }

        using var service = await ServiceProcess.StartAsync("--data", Data);
        await service.Client.UpToAGrantAsync();
        (await service.StopAsync()).ShouldBe(0);
        Postmasters(Data).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cluster_half_made_is_made_again()
    {
        var half = Directory.CreateDirectory(Path.Combine(Data, "postgres", "cluster.half.new"));
        await File.WriteAllTextAsync(Path.Combine(half.FullName, "PG_VERSION"), "15\n");
        using var service = await ServiceProcess.StartAsync("--data", Data);
        (await service.StopAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_process_that_has_the_number_of_a_dead_PostgreSQL_is_left_alone()
    {
        using (var service = await ServiceProcess.StartAsync("--data", Data))
        {
            await service.StopAsync();
        }

        using var innocent = Process.Start("sleep", "300");
        try
        {
            var file = Path.Combine(Data, "postgres", "cluster", "postmaster.pid");
            await File.WriteAllLinesAsync(file, [$"{innocent.Id}", "/nowhere", "1", "5432", "..", "", " 1 1", "ready"]);
            File.SetUnixFileMode(file, (UnixFileMode)0b110_110_110);
            using (var service = await ServiceProcess.StartAsync("--data", Data))
            {
                await service.Client.UpToAGrantAsync();
                (await service.StopAsync()).ShouldBe(0);
            }

            innocent.HasExited.ShouldBeFalse();
        }
        finally
        {
            innocent.Kill();
        }
    }

    [Fact]
    public async Task A_restored_copy_is_refused_served_read_only_and_adopted_by_an_act_that_verifiers_report()
    {
        var keys = Path.Combine(_folder, "keys");
        string vkey;
        using (var service = await ServiceProcess.StartAsync("--data", Data, "--keys", keys))
        {
            await service.Client.UpToAGrantAsync();
            await service.Client.Consultations.RecordConsultationAsync(SampleRequests.Consultation());
            (await service.StopAsync()).ShouldBe(0);
        }

        await RunAsync("cp", "-a", Data, Data + ".backup");
        using (var service = await ServiceProcess.StartAsync("--data", Data, "--keys", keys))
        {
            await service.Client.Consultations.RecordConsultationAsync(SampleRequests.Consultation());
            vkey = (await service.Client.Integrity.GetCheckpointAsync(new())).Vkey;
            (await service.StopAsync()).ShouldBe(0);
        }

        Directory.Delete(Data, recursive: true);
        Directory.Move(Data + ".backup", Data);
        var refused = await Programs.RunAsync(Programs.Ledger, "serve", "--port", "0", "--data", Data, "--keys", keys);
        refused.Exit.ShouldBe(1);
        refused.Error.TrimEnd().Split('\n').ShouldHaveSingleItem().ShouldContain("ledger db adopt");

        using (var copy = await ServiceProcess.StartAsync("--data", Data, "--keys", keys, "--read-only", "true"))
        {
            var who = await copy.Client.History.WhoCouldAccessAsync(
                new()
                {
                    Asking = SampleRequests.Asking(),
                    Allocataire = SampleRequests.Consultation().Consultation.Allocataire,
                    At = SampleRequests.At("2026-03-10T10:00:00Z"),
                }
            );
            who.Rights.ShouldHaveSingleItem();
            (
                await Should.ThrowAsync<RpcException>(async () =>
                    await copy.Client.Consultations.RecordConsultationAsync(SampleRequests.Consultation())
                )
            ).StatusCode.ShouldBe(StatusCode.FailedPrecondition);
            (await copy.StopAsync()).ShouldBe(0);
        }

        string[] adopt = ["db", "adopt", "--data", Data, "--keys", keys, "--caf", "763", "--agent", "caf-admin"];
        (await Programs.RunAsync(Programs.Ledger, [.. adopt, "--reason", " "])).Exit.ShouldBe(2);
        var adopted = await Programs.RunAsync(Programs.Ledger, [.. adopt, "--reason", "The disk was lost."]);
        adopted.Exit.ShouldBe(0, adopted.Error);
        (await Programs.RunAsync(Programs.Ledger, [.. adopt, "--reason", "Again."])).Exit.ShouldBe(1);
        using (var service = await ServiceProcess.StartAsync("--data", Data, "--keys", keys))
        {
            await service.Client.Consultations.RecordConsultationAsync(SampleRequests.Consultation());
            (await service.StopAsync()).ShouldBe(0);
        }

        await using var postgres = await EmbeddedPostgres.StartAsync(
            Path.Combine(Data, "postgres"),
            CancellationToken.None
        );
        var verified = await Programs.RunAsync(
            Programs.LedgerVerify,
            "db",
            "--connection",
            postgres.ConnectionString,
            "--vkey",
            vkey,
            "--no-memory"
        );
        verified.Output.ShouldContain("RESTORED  position ");
    }

    // Until the service ends the stream: what is answered until then is recorded.
    private static async Task PushAsync(ServiceProcess service, ConcurrentDictionary<string, long> answered)
    {
        using var call = service.Client.Consultations.RecordConsultations();
        var reading = Task.Run(async () =>
        {
            await foreach (var answer in call.ResponseStream.ReadAllAsync())
            {
                if (answer.Recorded is { } recorded)
                {
                    answered[answer.RequestId] = recorded.Acknowledgement.Position;
                }
            }
        });
        try
        {
            while (!reading.IsCompleted)
            {
                var one = SampleRequests.Consultation();
                await call.RequestStream.WriteAsync(
                    new RecordConsultationsRequest { Context = one.Context, Consultation = one.Consultation }
                );
            }
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or IOException)
        {
            // The service said that it ends, or has ended while this was on its way.
        }

        var end = await Should.ThrowAsync<RpcException>(() => reading);
        end.StatusCode.ShouldBe(StatusCode.Unavailable, end.ToString());
    }

    private static IEnumerable<int> Postmasters(string data) =>
        Directory
            .EnumerateDirectories("/proc")
            .Select(p => Path.GetFileName(p))
            .Where(p => p.All(char.IsAsciiDigit))
            .Where(p => CwdOf(p) == Path.Combine(data, "postgres", "cluster"))
            .Select(int.Parse);

    private static string? CwdOf(string process)
    {
        try
        {
            return new FileInfo($"/proc/{process}/cwd").ResolveLinkTarget(returnFinalTarget: false)?.FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!holds())
        {
            await Task.Delay(20, bound.Token);
        }
    }

    private static async Task SignalAsync(string signal, Process process)
    {
        if (!process.HasExited)
        {
            await RunAsync("kill", signal, $"{process.Id}");
        }

        await process.WaitForExitAsync();
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
    }
}
