using System.Diagnostics;
using Ledger.Store.Embedded;
using Ledger.Tests;
using Npgsql;

namespace Ledger.Store.Tests;

/// <summary>
/// What may go wrong under the writer, under load: afterwards nothing acknowledged is missing, nothing is there twice,
/// and the verifier is content.
/// </summary>
[Collection(PostgresTests.Name)]
public sealed class FaultTests(PostgresCluster cluster)
{
    [Theory]
    [InlineData(Cut.BeforeTheLock)]
    [InlineData(Cut.AfterTheAppend)]
    [InlineData(Cut.BeforeTheCommit)]
    [InlineData(Cut.AfterTheCommit)]
    public async Task A_connection_cut_in_a_batch_loses_nothing_and_doubles_nothing(Cut cut)
    {
        await using var direct = await TestLedger.WithHistoryAsync(cluster, 0);
        await using var proxy = new CuttingProxy(new NpgsqlConnectionStringBuilder(direct.ConnectionString).Host!);
        // Statements are said in full each time, so that the proxy understands them.
        await using var cutOff = TestLedger.Open(
            new NpgsqlConnectionStringBuilder(direct.ConnectionString)
            {
                Host = proxy.Host,
                MaxAutoPrepare = 0,
            }.ConnectionString
        );
        await using var load = new Load(cutOff, 8);
        for (var round = 1; round <= 5; round++)
        {
            await load.MoreAsync(20);
            proxy.Arm(cut);
            await Load.Until(() => proxy.Cuts == round, "the cut");
        }

        await load.MoreAsync(20);
        await load.RequireNothingLostAsync(direct.Database);
        load.Unavailable.ShouldBeGreaterThanOrEqualTo(5);
        if (cut == Cut.AfterTheCommit)
        {
            load.Repeated.ShouldBeGreaterThanOrEqualTo(5, "what was recorded and not answered is found again");
        }
        else
        {
            load.Repeated.ShouldBe(0, "what was not committed was not recorded");
        }
    }

    [Fact]
    public async Task A_clock_that_steps_back_does_not_take_the_log_back_and_one_that_leaps_on_is_followed()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        await PostgresCluster.ExecuteAsync(
            ledger.ConnectionString,
            "create schema shifted",
            "create table shifted.shift as select interval '0' as by",
            "create function shifted.clock_timestamp() returns timestamptz language sql volatile as 'select "
                + "pg_catalog.clock_timestamp() + by from shifted.shift'",
            $"alter database {new NpgsqlConnectionStringBuilder(ledger.ConnectionString).Database} set "
                + $"search_path = shifted, pg_catalog, public"
        );
        await using var shifted = TestLedger.Open(ledger.ConnectionString + ";Application Name=shifted");
        await using var load = new Load(shifted, 4);
        await load.MoreAsync(20);
        var before = await RecordedAtAsync();
        await PostgresCluster.ExecuteAsync(ledger.ConnectionString, "update shifted.shift set by = interval '-2 days'");
        await load.MoreAsync(20);
        var during = await RecordedAtAsync();
        during.ShouldBeGreaterThanOrEqualTo(before);
        during.ShouldBeLessThan(before.AddHours(1), "the time stands until the clock has caught up");
        await PostgresCluster.ExecuteAsync(ledger.ConnectionString, "update shifted.shift set by = interval '2 days'");
        await load.MoreAsync(20);
        (await RecordedAtAsync()).ShouldBeGreaterThan(before.AddDays(1));
        await load.RequireNothingLostAsync();

        Task<DateTime> RecordedAtAsync() =>
            PostgresCluster.QueryAsync<DateTime>(
                ledger.ConnectionString,
                "select recorded_at from ledger.ledger_leaf order by position desc limit 1"
            );
    }

    [VolumeFact]
    public async Task A_full_volume_refuses_writers_loses_nothing_and_once_there_is_room_goes_on()
    {
        await using var volume = await Volume.MountAsync(megabytes: 220);
        await using var server = await EmbeddedPostgres.StartAsync(
            Path.Combine(volume.Path, "pg"),
            CancellationToken.None
        );
        await PostgresCluster.ExecuteAsync(server.ConnectionString, "create database small");
        await using var ledger = await TestLedger.WithHistoryAsync(server.ConnectionStringTo("small"), 0);
        await using var load = new Load(ledger, 8);
        for (var round = 0; round < 2; round++)
        {
            await load.MoreAsync(50);
            var failures = load.Unavailable;
            volume.Fill();
            await Load.Until(() => load.Unavailable > failures + 20, "a refusal");
            volume.MakeRoom();
            // Where the log of PostgreSQL itself found no room, PostgreSQL stops: whoever made room starts it again.
            await BringBackAsync(server, load);
        }

        await load.RequireNothingLostAsync();
    }

    // A server that is about to stop still says that it runs.
    private static async Task BringBackAsync(EmbeddedPostgres server, Load load)
    {
        var before = load.Acknowledged;
        for (var tries = 0; load.Acknowledged < before + 50; tries++)
        {
            tries.ShouldBeLessThan(300, "the writers never went on");
            try
            {
                await server.StartServerAsync(CancellationToken.None);
            }
            catch (EmbeddedPostgresException)
            {
                // It is still on its way down.
            }

            await Task.Delay(100);
        }
    }
}

/// <summary>A small volume of its own, in memory.</summary>
internal sealed class Volume : IAsyncDisposable
{
    private Volume(string path) => Path = path;

    public string Path { get; }

    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    public static bool CanMount { get; } = Environment.IsPrivilegedProcess && Probe();

    public static async Task<Volume> MountAsync(int megabytes)
    {
        var volume = new Volume(Directory.CreateTempSubdirectory("vol-").FullName);
        (
            await RunAsync("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=0711", "ledger-test", volume.Path)
        ).ShouldBeTrue();
        return volume;
    }

    /// <summary>Leaves no room at all.</summary>
    public void Fill()
    {
        using var file = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        var block = new byte[1024 * 1024];
        for (var size = block.Length; size >= 512; size /= 2)
        {
            try
            {
                while (true)
                {
                    file.Write(block, 0, size);
                }
            }
            catch (IOException)
            {
                // Smaller blocks may still fit.
            }
        }
    }

    public void MakeRoom() => File.Delete(Ballast);

    public async ValueTask DisposeAsync()
    {
        await RunAsync("umount", "-l", Path);
        Directory.Delete(Path, recursive: true);
    }

    private static bool Probe()
    {
        var folder = Directory.CreateTempSubdirectory("vol-").FullName;
        var mounted = RunAsync("mount", "-t", "tmpfs", "-o", "size=1m", "ledger-test", folder).GetAwaiter().GetResult();
        if (mounted)
        {
            RunAsync("umount", folder).GetAwaiter().GetResult();
        }

        Directory.Delete(folder);
        return mounted;
    }

    private static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true }
        )!;
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }
}

/// <summary>Skips, saying so, where no volume may be mounted.</summary>
internal sealed class VolumeFactAttribute : FactAttribute
{
    public VolumeFactAttribute() => Skip = Volume.CanMount ? null : "No volume may be mounted here: that takes root.";
}
