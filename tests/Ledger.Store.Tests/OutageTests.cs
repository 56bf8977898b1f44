using System.Collections.Concurrent;
using Ledger.Integrity;
using Ledger.Store.Schema;
using Ledger.Tests;

namespace Ledger.Store.Tests;

/// <summary>On a cluster of its own, because it is torn down in the middle.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private readonly PostgresCluster _cluster = new();

    public Task InitializeAsync() => _cluster.InitializeAsync();

    public Task DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task PostgreSQL_going_away_under_load_loses_nothing_acknowledged_and_the_writer_recovers_by_itself()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(_cluster, 0);
        var acknowledged = new ConcurrentDictionary<int, (long Position, Hash256 Leaf)>();
        var unavailable = 0;
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var request = 10_000 + (caller * 1_000_000) + i;
                while (!acknowledged.ContainsKey(request))
                {
                    try
                    {
                        var ack = await ledger.ConsultAsync(request);
                        acknowledged[request] = (ack.Position, ack.LeafHash);
                    }
                    catch (StoreUnavailableException)
                    {
                        // The same request again, as a caller would: it may have been recorded or not.
                        Interlocked.Increment(ref unavailable);
                        await Task.Delay(20);
                    }
                }
            }
        })).ToList();

        for (var round = 0; round < 3; round++)
        {
            var before = acknowledged.Count;
            await Until(() => acknowledged.Count > before + 50);
            var failures = unavailable;
            await _cluster.Server.StopServerAsync(immediate: true, CancellationToken.None);
            await Until(() => unavailable > failures);
            await _cluster.Server.StartServerAsync(CancellationToken.None);
        }

        var last = acknowledged.Count;
        await Until(() => acknowledged.Count > last + 50);
        await stop.CancelAsync();
        await Task.WhenAll(load);

        await ledger.Publisher.PublishAsync(CancellationToken.None);
        (await ledger.VerifyAsync()).Findings.ShouldBeEmpty();
        acknowledged.Values.Select(a => a.Position).Distinct().Count().ShouldBe(acknowledged.Count);
        (await ledger.History.LastPositionAsync(CancellationToken.None)).ShouldBe(8 + acknowledged.Count);
        foreach (var (position, leaf) in acknowledged.Values)
        {
            (await Store.Publishing.TreeReader.LeafAsync(ledger.Database.Source, position, CancellationToken.None)).ShouldBe(leaf);
        }
    }

    private static async Task Until(Func<bool> condition)
    {
        for (var tries = 0; !condition(); tries++)
        {
            tries.ShouldBeLessThan(1500, "the condition never came");
            await Task.Delay(20);
        }
    }
}
