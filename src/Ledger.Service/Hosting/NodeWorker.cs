namespace Ledger.Service.Hosting;

/// <summary>What a node that records does again and again behind the log, until it stops.</summary>
internal abstract class NodeWorker(LedgerNode node, TimeProvider time, TimeSpan cadence) : BackgroundService
{
    /// <summary>The node that does it.</summary>
    protected LedgerNode Node { get; } = node;

    /// <summary>Whether this node does it.</summary>
    protected virtual bool IsWanted => !Node.IsReadOnly;

    /// <summary>Does it once. What fails is said, and tried again the next time.</summary>
    protected abstract Task WorkAsync(CancellationToken cancel);

    /// <summary>What is still done when the node stops.</summary>
    protected virtual Task EndAsync() => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!IsWanted)
        {
            return;
        }

        using var timer = new PeriodicTimer(cadence, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await WorkAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await EndAsync();
        }
    }
}
