using Ledger.Store.Anomalies;
using Microsoft.Extensions.Options;

namespace Ledger.Service.Hosting;

/// <summary>Runs the anomaly rules every second behind the log. Writers never wait for it.</summary>
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
        if (!options.Value.WatchAnomalies)
        {
            return;
        }

        var watcher = new AnomalyWatcher(node.Database, node.Writer, node.History);
        using var timer = new PeriodicTimer(Cadence, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (await watcher.ObserveAsync(stoppingToken) is > 0 and var alerts)
                {
                    LogAlerts(log, alerts, watcher.Position);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Rules that fail stop no writer. What was seen half-way cannot be unseen: begin again, since no alert
                // is recorded twice.
                watcher = new AnomalyWatcher(node.Database, node.Writer, node.History);
                LogFailed(log, e);
            }
        }
    }

    [LoggerMessage(20, LogLevel.Warning, "{Count} anomalies were found up to position {Position}")]
    private static partial void LogAlerts(ILogger log, int count, long position);

    [LoggerMessage(21, LogLevel.Error, "The anomaly rules failed, and begin again")]
    private static partial void LogFailed(ILogger log, Exception why);
}
