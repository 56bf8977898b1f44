using Ledger.Store.Anomalies;
using Microsoft.Extensions.Options;

namespace Ledger.Service.Hosting;

/// <summary>
/// Runs the anomaly rules every second behind the log, on the node that holds the lease. Writers never wait for it.
/// </summary>
internal sealed partial class AnomalyWorker(
    LedgerNode node,
    IOptions<LedgerOptions> options,
    TimeProvider time,
    ILogger<AnomalyWorker> log
) : NodeWorker(node, time, TimeSpan.FromSeconds(1))
{
    private AnomalyWatcher? _watcher;

    protected override bool IsWanted => options.Value.WatchAnomalies && base.IsWanted;

    // The node is started by the time that it is first needed.
    private AnomalyWatcher Watcher =>
        _watcher ??= new AnomalyWatcher(Node.Database, Node.Replica, Node.Writer, Node.History, Node.Id);

    protected override async Task WorkAsync(CancellationToken cancel)
    {
        var watcher = Watcher;
        try
        {
            if (await watcher.ObserveAsync(cancel) is > 0 and var alerts)
            {
                LogAlerts(log, alerts, watcher.Position);
            }

            watcher.Failed.ForEach(f => LogNotRecorded(log, f.Alert.Rule.Name, f.Why));
            watcher.Failed.Clear();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Rules that fail stop no writer. They go on from where they were saved, since no alert is recorded twice.
            LogFailed(log, e);
        }
    }

    protected override async Task EndAsync()
    {
        try
        {
            await Watcher.StopAsync(CancellationToken.None);
        }
        catch (Exception e)
        {
            LogFailed(log, e);
        }
    }

    [LoggerMessage(20, LogLevel.Warning, "{Count} anomalies were found up to position {Position}")]
    private static partial void LogAlerts(ILogger log, int count, long position);

    [LoggerMessage(21, LogLevel.Error, "The anomaly rules failed, and go on from where they were saved")]
    private static partial void LogFailed(ILogger log, Exception why);

    [LoggerMessage(22, LogLevel.Error, "An alert of the rule {Rule} could not be recorded")]
    private static partial void LogNotRecorded(ILogger log, string rule, Exception why);
}
