using Grpc.Core;
using Ledger.Client.Spool;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Ledger.Client;

/// <summary>Whether the ledger answers, and whether what waits is being sent.</summary>
internal sealed class LedgerClientHealth(
    LedgerClient client,
    SpoolHolder holder,
    IOptions<LedgerClientOptions> options,
    TimeProvider time
) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    )
    {
        var state = holder.Spool?.State;
        var waits = new Dictionary<string, object>
        {
            ["waiting"] = state?.Depth ?? 0,
            ["refused"] = state?.Refused ?? 0,
        };
        if (state?.OldestAt is { } oldest && time.GetUtcNow() - oldest > options.Value.Spool!.OldestHealthy)
        {
            return HealthCheckResult.Degraded($"Consultations wait since {oldest:u}.", data: waits);
        }

        try
        {
            await client.Integrity.GetCheckpointAsync(
                new(),
                deadline: (time.GetUtcNow() + TimeSpan.FromSeconds(2)).UtcDateTime,
                cancellationToken: cancellationToken
            );
            return HealthCheckResult.Healthy(data: waits);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return HealthCheckResult.Healthy("Nothing is signed yet.", waits);
        }
        catch (RpcException e)
        {
            // With a spool the portal goes on.
            return holder.Spool is null
                ? HealthCheckResult.Unhealthy(e.Status.Detail, data: waits)
                : HealthCheckResult.Degraded(e.Status.Detail, data: waits);
        }
    }
}
