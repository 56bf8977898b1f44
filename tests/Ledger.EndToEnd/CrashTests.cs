using System.Collections.Concurrent;
using Grpc.Core;
using Ledger.Store.Embedded;
using Ledger.Tests;
using Npgsql;

namespace Ledger.EndToEnd;

public sealed class CrashTests
{
    [Fact]
    public async Task Killed_three_times_under_load_the_service_keeps_all_it_acknowledged_and_restarts_without_help()
    {
        var folder = Directory.CreateTempSubdirectory("ledger-crash-").FullName;
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_001_001);
        var service = await ServiceProcess.StartAsync("--data", folder, "--watch-anomalies", "false");
        try
        {
            await service.Client.UpToAGrantAsync();
            var acknowledged = new ConcurrentDictionary<string, (long Position, string Leaf)>();
            using var stop = new CancellationTokenSource();
            var load = Enumerable
                .Range(0, 8)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        while (!stop.IsCancellationRequested)
                        {
                            var request = SampleRequests.Consultation();
                            while (!acknowledged.ContainsKey(request.Context.RequestId))
                            {
                                try
                                {
                                    var ack = (
                                        await Volatile
                                            .Read(ref service)
                                            .Client.Consultations.RecordConsultationAsync(request)
                                    ).Acknowledgement;
                                    acknowledged[request.Context.RequestId] = (ack.Position, ack.LeafHash.ToBase64());
                                }
                                catch (Exception e)
                                    when (e
                                            is RpcException { StatusCode: not StatusCode.InvalidArgument }
                                                or ObjectDisposedException
                                    )
                                {
                                    // Whether it was recorded cannot be known: the same request again, to whoever
                                    // serves next.
                                    await Task.Delay(20);
                                }
                            }
                        }
                    })
                )
                .ToList();

            for (var round = 0; round < 3; round++)
            {
                var before = acknowledged.Count;
                await Until(() => acknowledged.Count > before + 100);
                await service.KillAsync();
                var next = await ServiceProcess.StartAsync("--data", folder, "--watch-anomalies", "false");
                Interlocked.Exchange(ref service, next).Dispose();
            }

            var last = acknowledged.Count;
            await Until(() => acknowledged.Count > last + 100);
            await stop.CancelAsync();
            await Task.WhenAll(load);
            var vkey = await PublishedKeyAsync(service);
            (await service.StopAsync()).ShouldBe(0);
            service.Dispose();

            await using var postgres = await EmbeddedPostgres.StartAsync(
                Path.Combine(folder, "postgres"),
                CancellationToken.None
            );
            (await LeavesAsync(postgres.ConnectionString)).ShouldBe(acknowledged.Values, ignoreOrder: true);
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
            verified.Output.ShouldContain(
                $"{9 + acknowledged.Count:N0} entries, {9 + acknowledged.Count:N0} of them under a signed checkpoint"
            );
        }
        finally
        {
            // A test that fails half-way leaves nothing running either: the orderly end takes the embedded PostgreSQL
            // with it.
            if (service.IsRunning)
            {
                await service.StopAsync();
            }

            service.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }

    // A service killed within its first second has published nothing yet.
    private static async Task<string> PublishedKeyAsync(ServiceProcess service)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return (await service.Client.Integrity.GetCheckpointAsync(new())).Vkey;
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.NotFound && tries < 500)
            {
                await Task.Delay(20);
            }
        }
    }

    private static async Task<List<(long, string)>> LeavesAsync(string connectionString)
    {
        await using var source = NpgsqlDataSource.Create(connectionString + ";Pooling=false");
        await using var select = source.CreateCommand(
            "select position, encode(leaf_hash, 'base64') from ledger.ledger_leaf where position >= 9"
        );
        var leaves = new List<(long, string)>();
        await using var reader = await select.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            leaves.Add((reader.GetInt64(0), reader.GetString(1)));
        }

        return leaves;
    }

    private static async Task Until(Func<bool> condition)
    {
        for (var tries = 0; !condition(); tries++)
        {
            tries.ShouldBeLessThan(3000, "the condition never came");
            await Task.Delay(20);
        }
    }
}
