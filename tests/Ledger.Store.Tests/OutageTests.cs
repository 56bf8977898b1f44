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
        await using var load = new Load(ledger, 8);
        for (var round = 0; round < 3; round++)
        {
            await load.MoreAsync(50);
            var failures = load.Unavailable;
            await _cluster.Server.StopServerAsync(immediate: true, CancellationToken.None);
            await Load.Until(() => load.Unavailable > failures, "a refusal");
            await _cluster.Server.StartServerAsync(CancellationToken.None);
        }

        await load.MoreAsync(50);
        await load.RequireNothingLostAsync();
    }
}
