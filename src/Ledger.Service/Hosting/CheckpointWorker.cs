using Ledger.Store.Publishing;
using Ledger.Store.Schema;

namespace Ledger.Service.Hosting;

/// <summary>
/// Publishes a checkpoint every second when the log has grown. A log that disagrees with itself is never signed.
/// </summary>
internal sealed partial class CheckpointWorker(LedgerNode node, TimeProvider time, ILogger<CheckpointWorker> log)
    : NodeWorker(node, time, TimeSpan.FromSeconds(1))
{
    protected override Task EndAsync() => WorkAsync(CancellationToken.None);

    protected override async Task WorkAsync(CancellationToken cancel)
    {
        try
        {
            await Node.Publisher.PublishAsync(cancel);
            await Node.RecordRotationsAsync(cancel);
            Node.Unsound = null;
        }
        catch (Exception e) when (e is LedgerStateException or RestoredCopyException or FormatException)
        {
            Node.Unsound = e.Message;
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
