using Ledger.Service.Hosting;
using Ledger.Store.Pseudonyms;

namespace Ledger.Service.Retention;

/// <summary>
/// Does away with keys that the log says were destroyed: whoever recorded it may have ended before, and other nodes have
/// them in memory.
/// </summary>
internal sealed partial class RetentionWorker(LedgerNode node, TimeProvider time, ILogger<RetentionWorker> log)
    : NodeWorker(node, time, TimeSpan.FromMinutes(1))
{
    protected override async Task WorkAsync(CancellationToken cancel)
    {
        try
        {
            await Node.History.SnapshotAsync(null, cancel);
            Node.Pseudonyms.Forget();
        }
        catch (KeyUnavailableException e)
        {
            LogLeft(log, e.Message);
        }
        catch (Npgsql.NpgsqlException e)
        {
            LogAway(log, e.Message);
        }
    }

    [LoggerMessage(60, LogLevel.Error, "{Why}")]
    private static partial void LogLeft(ILogger log, string why);

    [LoggerMessage(61, LogLevel.Warning, "Which keys were destroyed is not known, the database is away: {Why}")]
    private static partial void LogAway(ILogger log, string why);
}
