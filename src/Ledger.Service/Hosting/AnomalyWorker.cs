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
) : BackgroundService
{
    private static readonly TimeSpan Cadence = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.WatchAnomalies || node.IsReadOnly)
        {
            return;
        }

        var watcher = new AnomalyWatcher(node.Database, node.Replica, node.Writer, node.History, node.Id);
        using var timer = new PeriodicTimer(Cadence, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await ObserveAsync(watcher, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await StopAsync(watcher);
        }
    }

    private async Task ObserveAsync(AnomalyWatcher watcher, CancellationToken cancel)
    {
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

    private async Task StopAsync(AnomalyWatcher watcher)
    {
        try
        {
            await watcher.StopAsync(CancellationToken.None);
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
