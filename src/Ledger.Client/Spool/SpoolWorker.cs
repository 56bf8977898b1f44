using Ledger.Integrity.Checkpoints;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ledger.Client.Spool;

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
