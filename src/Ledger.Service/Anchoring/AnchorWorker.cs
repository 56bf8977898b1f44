using Ledger.Anchors;
using Ledger.Service.Hosting;
using Ledger.Store.Schema;

namespace Ledger.Service.Anchoring;

/// <summary>
/// Keeps every anchor up to the log, each at its own pace. Writers never wait for it, and one anchor never for another.
/// </summary>
internal sealed partial class AnchorWorker(
    LedgerNode node,
    AnchorBoard board,
    TimeProvider time,
    ILogger<AnchorWorker> log
) : BackgroundService
{
    private static readonly TimeSpan Cadence = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(
            board
                .Anchors.Append(board.Cosigner)
                .OfType<IAnchor>()
                .Select(a => KeepUpAsync(a, new AnchoredLog(node), stoppingToken))
        );

    private async Task KeepUpAsync(IAnchor anchor, AnchoredLog anchored, CancellationToken cancel)
    {
        for (var pause = Cadence; !cancel.IsCancellationRequested; )
        {
            try
            {
                board.Reached(anchor, await anchor.AnchorAsync(anchored, cancel));
                pause = Cadence;
            }
            catch (Exception) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Whatever an answer from outside leads to, it stops neither the service nor the other anchors. Who is
                // outside is asked less and less often; the database, which everybody needs, as often as ever.
                var ours = e is LedgerStateException or Npgsql.NpgsqlException or IOException or TimeoutException;
                pause = ours ? Cadence : TimeSpan.FromTicks(Math.Min(2 * pause.Ticks, LongestPause.Ticks));
                Say(anchor, e);
            }

            await Task.Delay(pause, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Say(IAnchor anchor, Exception e)
    {
        var contradicts = e is AnchorException { Contradicts: true };
        if (!board.Failed(anchor, e.Message, contradicts))
        {
            // Said already: the board and the health say it on.
            return;
        }

        if (contradicts)
        {
            LogContradicted(log, anchor.Name, e.Message);
        }
        else
        {
            LogBehind(log, anchor.Name, e.Message);
        }
    }

    [LoggerMessage(30, LogLevel.Warning, "The anchor '{Anchor}' falls behind: {Why}")]
    private static partial void LogBehind(ILogger log, string anchor, string why);

    [LoggerMessage(31, LogLevel.Critical, "The anchor '{Anchor}' contradicts the log; run the verifier: {Why}")]
    private static partial void LogContradicted(ILogger log, string anchor, string why);
}
