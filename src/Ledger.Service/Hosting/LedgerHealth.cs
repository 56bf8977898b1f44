using Ledger.Domain.Common;
using Ledger.Service.Anchoring;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Ledger.Service.Hosting;

/// <summary>
/// Ready when the database answers and the log agrees with itself. An anchor that is away, or a log whose time runs
/// ahead of the clock, is said, and stops nobody.
/// </summary>
internal sealed partial class LedgerHealth(LedgerNode node, AnchorBoard anchors, ILogger<LedgerHealth> log)
    : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    )
    {
        if (node.Unsound is { } why)
        {
            return HealthCheckResult.Unhealthy(why);
        }

        try
        {
            var (last, ahead) = await node.History.EndAsync(cancellationToken);
            var wrong = anchors.All.Where(a => a.Failure is not null).Select(a => $"{a.Name}: {a.Failure}").ToList();
            if (ahead > LegalTime.Skew)
            {
                wrong.Add($"The log's time runs {ahead:d\\.hh\\:mm\\:ss} ahead of the clock, as once the clock did.");
                LogAhead(log, ahead);
            }

            return wrong.Count == 0
                ? HealthCheckResult.Healthy($"last position {last}")
                : HealthCheckResult.Degraded(string.Join(" ", wrong));
        }
        catch (Npgsql.NpgsqlException e)
        {
            return HealthCheckResult.Unhealthy("The database is away.", e);
        }
    }

    [LoggerMessage(
        60,
        LogLevel.Warning,
        "The log's time runs {Ahead} ahead of the clock: events are recorded at the time of the last one until the "
            + "clock has caught up. Facts are held against the clock"
    )]
    private static partial void LogAhead(ILogger log, TimeSpan ahead);
}
