using Ledger.Store.Publishing;
using Ledger.Store.Schema;

namespace Ledger.Service.Hosting;

/// <summary>
/// Publishes a checkpoint every second when the log has grown. A log that disagrees with itself is never signed.
/// </summary>
internal sealed partial class CheckpointWorker(LedgerNode node, TimeProvider time, ILogger<CheckpointWorker> log)
    : BackgroundService
{
    private static readonly TimeSpan Cadence = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (node.IsReadOnly)
        {
            return;
        }

        using var timer = new PeriodicTimer(Cadence, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await PublishAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await PublishAsync(CancellationToken.None);
        }
    }

    private async Task PublishAsync(CancellationToken cancel)
    {
        try
        {
            await node.Publisher.PublishAsync(cancel);
            await node.RecordRotationsAsync(cancel);
            node.Unsound = null;
        }
        catch (Exception e) when (e is LedgerStateException or RestoredCopyException or FormatException)
        {
            node.Unsound = e.Message;
            LogUnsound(log, e.Message);
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException or IOException or TimeoutException)
        {
            LogUnavailable(log, e.Message);
        }
    }

    [LoggerMessage(10, LogLevel.Critical, "Nothing is signed: {Why}")]
    private static partial void LogUnsound(ILogger log, string why);

    [LoggerMessage(11, LogLevel.Warning, "No checkpoint was published, the database or the keys are away: {Why}")]
    private static partial void LogUnavailable(ILogger log, string why);
}
