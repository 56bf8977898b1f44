using System.Threading.Channels;
using Microsoft.Extensions.Hosting;

namespace Ledger.Client.Spool;

/// <summary>Says to a loop that there is something to do; said twice before it looks is said once.</summary>
internal sealed class Signal
{
    private readonly Channel<bool> _said = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    public void Set() => _said.Writer.TryWrite(true);

    public ValueTask<bool> WaitAsync(CancellationToken cancel) => _said.Reader.ReadAsync(cancel);
}

/// <summary>
/// Works until nothing is left, waits until something is there, and goes on by itself after whatever failed: what waits
/// is still there, and nothing but the portal's end stops the loop.
/// </summary>
internal abstract class SpoolLoop(Signal wanted, TimeProvider time, TimeSpan shortest, TimeSpan longest)
    : BackgroundService
{
    /// <summary>Set whenever there is something to do.</summary>
    public Signal Wanted { get; } = wanted;

    /// <summary>Does some of it.</summary>
    /// <returns>Whether there was anything to do.</returns>
    protected abstract Task<bool> WorkAsync(CancellationToken cancel);

    /// <summary>Says what failed, and how long it is left alone.</summary>
    protected abstract void Say(Exception failure, TimeSpan pause);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = shortest;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!await WorkAsync(stoppingToken))
                {
                    await Wanted.WaitAsync(stoppingToken);
                }

                pause = shortest;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Say(e, pause);
                await Task.Delay(pause, time, stoppingToken);
                pause = TimeSpan.FromTicks(Math.Min(longest.Ticks, pause.Ticks * 2));
            }
            catch when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }
}
