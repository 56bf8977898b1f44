using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Ledger.Service.Hosting;

/// <summary>Ready when the database answers and the log agrees with itself.</summary>
internal sealed class LedgerHealth(LedgerNode node) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (node.Unsound is { } why)
        {
            return HealthCheckResult.Unhealthy(why);
        }

        try
        {
            var last = await node.History.LastPositionAsync(cancellationToken);
            return HealthCheckResult.Healthy($"last position {last}");
        }
        catch (Npgsql.NpgsqlException e)
        {
            return HealthCheckResult.Unhealthy("The database is away.", e);
        }
    }
}
