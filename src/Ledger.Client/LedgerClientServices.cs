using System.Diagnostics.Metrics;
using Ledger.Client.Spool;
using Ledger.Integrity.Checkpoints;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ledger.Client;

/// <summary>Adds the ledger to a portal.</summary>
public static class LedgerClientServices
{
    /// <summary>
    /// Adds <see cref="LedgerClient"/> and <see cref="ConsultationRecorder"/>, a health check named <c>ledger</c>, metrics
    /// under the meter <c>Ledger.Client</c>; and, where <see cref="LedgerClientOptions.Spool"/> says so, what waits and
    /// what sends it. The options are checked when the portal starts.
    /// </summary>
    public static IServiceCollection AddLedgerClient(
        this IServiceCollection services,
        Action<LedgerClientOptions> configure
    )
    {
        services.AddOptions<LedgerClientOptions>().Configure(configure).ValidateOnStart();
        services.AddSingleton<IValidateOptions<LedgerClientOptions>, LedgerClientOptionsRules>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(s => new LedgerClient(Options(s)));
        services.AddSingleton(s => new SpoolHolder(Options(s), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => new ConsultationRecorder(
            s.GetRequiredService<LedgerClient>(),
            s.GetRequiredService<SpoolHolder>()
        ));
        services.AddSingleton<LedgerClientMetrics>();
        services.AddHostedService<SpoolWorker>();
        services.AddHealthChecks().AddCheck<LedgerClientHealth>("ledger");
        return services;
    }

    private static LedgerClientOptions Options(IServiceProvider services) =>
        services.GetRequiredService<IOptions<LedgerClientOptions>>().Value;
}

/// <summary>The spool of a portal that has one.</summary>
internal sealed class SpoolHolder(LedgerClientOptions options, TimeProvider time) : IAsyncDisposable
{
    public ConsultationSpool? Spool { get; } = options.Spool is { } spool ? new ConsultationSpool(spool, time) : null;

    public async ValueTask DisposeAsync()
    {
        if (Spool is not null)
        {
            await Spool.DisposeAsync();
        }
    }
}

/// <summary>Runs what sends the spool and what keeps the receipts, for a portal that has them.</summary>
internal sealed class SpoolWorker(
    SpoolHolder holder,
    LedgerClient client,
    LedgerClientMetrics metrics,
    IOptions<LedgerClientOptions> options,
    TimeProvider time,
    ILoggerFactory logs
) : IHostedService
{
    private readonly List<BackgroundService> _running = [];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (holder.Spool is not { } spool)
        {
            return;
        }

        metrics.Watch(spool);
        var keeper = options.Value is { ReceiptFolder: { } folder, Vkey: { } vkey }
            ? new ReceiptKeeper(
                spool,
                new ReceiptFolder(client, NoteVerifier.Parse(vkey), folder),
                time,
                logs.CreateLogger<ReceiptKeeper>()
            )
            : null;
        _running.Add(new SpoolSender(spool, client, keeper, time, logs.CreateLogger<SpoolSender>()));
        if (keeper is not null)
        {
            _running.Add(keeper);
        }

        foreach (var service in _running)
        {
            await service.StartAsync(cancellationToken);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var service in _running)
        {
            await service.StopAsync(cancellationToken);
            service.Dispose();
        }
    }
}

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
        catch (Grpc.Core.RpcException e) when (e.StatusCode == Grpc.Core.StatusCode.NotFound)
        {
            return HealthCheckResult.Healthy("Nothing is signed yet.", waits);
        }
        catch (Grpc.Core.RpcException e)
        {
            // With a spool the portal goes on.
            return holder.Spool is null
                ? HealthCheckResult.Unhealthy(e.Status.Detail, data: waits)
                : HealthCheckResult.Degraded(e.Status.Detail, data: waits);
        }
    }
}

/// <summary>How deep the spool is, and how old what waits.</summary>
internal sealed class LedgerClientMetrics(TimeProvider time) : IDisposable
{
    private readonly Meter _meter = new("Ledger.Client");

    public void Dispose() => _meter.Dispose();

    public void Watch(ConsultationSpool spool)
    {
        _meter.CreateObservableGauge(
            "ledger.client.spool.depth",
            () => spool.State.Depth,
            "{consultation}",
            "Consultations that wait to be sent."
        );
        _meter.CreateObservableGauge(
            "ledger.client.spool.age",
            () => spool.State.OldestAt is { } at ? (time.GetUtcNow() - at).TotalSeconds : 0,
            "s",
            "The age of the oldest consultation that waits."
        );
        _meter.CreateObservableGauge(
            "ledger.client.spool.refused",
            () => spool.State.Refused,
            "{consultation}",
            "Consultations that the ledger refused, kept for somebody to look at."
        );
    }
}
