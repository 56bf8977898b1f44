using System.Diagnostics;
using Ledger.Store.Anomalies;
using Ledger.Store.Appending;
using Ledger.Store.Knowing;
using Ledger.Store.Reading;
using Ledger.Store.Schema;

namespace Ledger.Bench.Overload;

/// <summary>The anomaly rules over a whole log, and after a restart.</summary>
internal static class RulesCatchUp
{
    public static async Task<List<Measurement>> RunAsync(Workload workload)
    {
        await using var ledger = await Simulated.LoadAsync(workload, consultations: 880_000);
        await using var database = new LedgerDatabase(ledger.ConnectionString);
        using var replica = new Replica(database);
        await using var writer = new LedgerWriter(database, replica);
        var history = new AccessHistory(database, replica, ledger.Keys);
        var node = new Guid(1, 0, 0, new byte[8]);
        var watch = Stopwatch.StartNew();
        var alerts = await new AnomalyWatcher(database, replica, writer, history, node).ObserveAsync(
            CancellationToken.None
        );
        var first = watch.Elapsed.TotalSeconds;

        // As after a kill: nothing is saved beyond what was saved on the way.
        watch.Restart();
        var watcher = new AnomalyWatcher(database, replica, writer, history, node);
        await watcher.ObserveAsync(CancellationToken.None);
        return
        [
            OverloadExperiment.Of($"the rules over {watcher.Position + 1:N0} events, {alerts:N0} alerts", "s", first),
            OverloadExperiment.Of("… after a restart", "s", watch.Elapsed.TotalSeconds),
        ];
    }
}
