using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Ledger.Tests;
using Npgsql;

namespace Ledger.EndToEnd;

/// <summary>
/// A portal with a spool under load, in a process of its own: the ledger goes away, the portal is killed, the disk is
/// full. Nothing that was taken is lost, doubled or out of its order, and its receipt is held.
/// </summary>
[Collection(PostgresTests.Name)]
public sealed class SpoolDrillTests(PostgresCluster cluster) : IAsyncLifetime
{
    private const int ASecond = 300;

    private readonly string _folder = Directory.CreateTempSubdirectory("ledger-drill-").FullName;
    private readonly ConcurrentQueue<string> _taken = new();
    private string _connection = string.Empty;
    private string _vkey = string.Empty;
    private readonly List<Process> _portals = [];
    private int _full;

    // A minute where somebody drills; in CI what shows the same.
    private static int SecondsAway =>
        int.Parse(Environment.GetEnvironmentVariable("LEDGER_DRILL_SECONDS") ?? "6", CultureInfo.InvariantCulture);

    private string Spool => Path.Combine(_folder, "spool");

    private string Receipts => Path.Combine(_folder, "receipts");

    public async Task InitializeAsync()
    {
        _connection = await cluster.CreateDatabaseAsync();
        string[] init = ["db", "init", "--connection", _connection, "--origin", "ledger.example/drill"];
        var (exit, output, error) = await Programs.RunAsync(Programs.Ledger, [.. init, "--keys", _folder]);
        exit.ShouldBe(0, error);
        _vkey = output.Trim();
        Directory.CreateDirectory(Spool);
        Directory.CreateDirectory(Receipts);
    }

    public Task DisposeAsync()
    {
        // A drill that fails leaves nobody at work.
        foreach (var portal in _portals)
        {
            portal.Kill();
            portal.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_ledger_that_is_away_and_a_portal_killed_twice_lose_double_and_disorder_nothing() =>
        await DrillAsync(
            ASecond,
            () =>
            {
                var asked = _taken.Count;
                return () => _taken.Count > asked + (SecondsAway * ASecond);
            }
        );

    [FullDiskFact]
    public async Task A_disk_that_is_full_takes_nothing_more_and_nothing_that_was_taken_is_lost()
    {
        using (var mount = Process.Start("mount", ["-t", "tmpfs", "-o", "size=7m", "tmpfs", Spool]))
        {
            await mount.WaitForExitAsync();
            mount.ExitCode.ShouldBe(0);
        }

        try
        {
            await DrillAsync(2 * ASecond, () => () => _full > ASecond);
        }
        finally
        {
            using var unmount = Process.Start("umount", ["-l", Spool]);
            await unmount.WaitForExitAsync();
        }
    }

    private async Task DrillAsync(int aSecond, Func<Func<bool>> away)
    {
        var port = 0;
        using (var service = await ServeAsync(0))
        {
            port = service.Address.Port;
            await service.Client.UpToAGrantAsync();
            var portal = Portal(service.Address, aSecond);
            await UntilAsync(() => _taken.Count > aSecond);
            await service.StopAsync();
            await KillAsync(portal);
        }

        {
            var portal = Portal(new Uri($"http://127.0.0.1:{port}"), aSecond);
            await UntilAsync(away());
            await KillAsync(portal);
        }

        {
            var portal = Portal(new Uri($"http://127.0.0.1:{port}"), aSecond);
            using var service = await ServeAsync(port);
            var before = _taken.Count;
            await UntilAsync(() => _taken.Count > before + aSecond);
            portal.StandardInput.Close();
            await portal.WaitForExitAsync();
            portal.ExitCode.ShouldBe(0);
            var again = Portal(service.Address, aSecond: 0);
            await UntilAsync(() => Directory.EnumerateFiles(Receipts).Count() >= _taken.Count);
            again.StandardInput.Close();
            await again.WaitForExitAsync();
            await RequireExactAsync();
            await service.StopAsync();
        }
    }

    // One may have been taken and the portal killed before it could say so: it is recorded too, and once.
    private async Task RequireExactAsync()
    {
        var recorded = new List<string>();
        await using (var connection = new NpgsqlConnection(_connection))
        {
            await connection.OpenAsync();
            await using var select = new NpgsqlCommand(
                """
                select convert_from(e.bdata, 'utf8')::json -> 'context' ->> 'requestId'
                from ledger.mt_events e join ledger.ledger_leaf l using (seq_id)
                where e.type = 'consultation-recorded.v1' order by l.position
                """,
                connection
            );
            await using var rows = await select.ExecuteReaderAsync();
            while (await rows.ReadAsync())
            {
                recorded.Add(rows.GetString(0));
            }
        }

        recorded.ShouldBeUnique();
        var told = _taken.ToHashSet();
        recorded.Where(told.Contains).ShouldBe(_taken);
        (recorded.Count - _taken.Count).ShouldBeInRange(0, 2);

        var receipts = Directory.EnumerateFiles(Receipts).ToList();
        receipts.Count.ShouldBe(recorded.Count);
        foreach (var receipt in new[] { receipts[0], receipts[receipts.Count / 2], receipts[^1] })
        {
            string[] verify = ["receipt", receipt, "--vkey", _vkey];
            (await Programs.RunAsync(Programs.LedgerVerify, verify)).Exit.ShouldBe(0);
        }
    }

    private Task<ServiceProcess> ServeAsync(int port) =>
        ServiceProcess.StartAsync(
            "--connection",
            _connection,
            "--keys",
            _folder,
            "--port",
            port.ToString(CultureInfo.InvariantCulture)
        );

    private Process Portal(Uri address, int aSecond)
    {
        string[] arguments = [$"{address}", Spool, Receipts, _vkey, $"{aSecond}"];
        var portal = Process.Start(
            new ProcessStartInfo("dotnet", [Programs.Bench, "spool-portal", .. arguments])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        _portals.Add(portal);
        portal.OutputDataReceived += (_, line) =>
        {
            if (line.Data == "full")
            {
                Interlocked.Increment(ref _full);
            }
            else if (line.Data is { Length: > 0 } id)
            {
                _taken.Enqueue(id);
            }
        };
        portal.BeginOutputReadLine();
        return portal;
    }

    private static async Task KillAsync(Process portal)
    {
        portal.Kill();
        await portal.WaitForExitAsync();
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (var tries = 0; !holds(); tries++)
        {
            (tries < 3000).ShouldBeTrue("it did not come to that");
            await Task.Delay(20);
        }
    }
}

/// <summary>A test that needs a disk to fill, which root alone can make; skipped, saying so, elsewhere.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FullDiskFactAttribute : FactAttribute
{
    public FullDiskFactAttribute() => Skip = CanMount() ? null : "No small disk can be mounted here.";

    private static bool CanMount()
    {
        var folder = Directory.CreateTempSubdirectory("ledger-mount-").FullName;
        try
        {
            return Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder) && Run("umount", folder);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
        finally
        {
            Directory.Delete(folder);
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
