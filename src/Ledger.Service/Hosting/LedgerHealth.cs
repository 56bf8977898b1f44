using Ledger.Service.Anchoring;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Ledger.Service.Hosting;

/// <summary>
/// Ready when the database answers and the log agrees with itself. An anchor that is away is said, and stops nobody.
/// </summary>
internal sealed class LedgerHealth(LedgerNode node, AnchorBoard anchors) : IHealthCheck
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
            var last = await node.History.LastPositionAsync(cancellationToken);
            var behind = anchors.All.Where(a => a.Failure is not null).Select(a => $"{a.Name}: {a.Failure}").ToList();
            return behind.Count == 0
                ? HealthCheckResult.Healthy($"last position {last}")
                : HealthCheckResult.Degraded(string.Join(" ", behind));
        }
        catch (Npgsql.NpgsqlException e)
        {
            return HealthCheckResult.Unhealthy("The database is away.", e);
        }
    }
}
