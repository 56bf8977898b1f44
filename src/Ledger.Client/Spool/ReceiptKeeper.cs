using System.Threading.Channels;
using Caf.Ledger.V1;
using Google.Protobuf;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ledger.Client.Spool;

/// <summary>Gets the receipts of what was sent, behind it, and keeps each once it is shown to hold.</summary>
internal sealed partial class ReceiptKeeper(
    ConsultationSpool spool,
    ReceiptFolder folder,
    TimeProvider time,
    ILogger<ReceiptKeeper> log
) : BackgroundService
{
    private const int AtOnce = 64;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly Channel<bool> _woken = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    /// <summary>Says that some are wanted.</summary>
    public void Wake() => _woken.Writer.TryWrite(true);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var wanted = spool.Store.ReceiptsWanted(AtOnce);
                foreach (var (position, leafHash) in wanted)
                {
                    await KeepAsync(position, leafHash, stoppingToken);
                }

                if (wanted.Count == 0)
                {
                    await _woken.Reader.ReadAsync(stoppingToken);
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogLater(log, e.Message);
                await Task.Delay(Pause, time, stoppingToken);
            }
            catch when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task KeepAsync(long position, byte[] leafHash, CancellationToken cancel)
    {
        try
        {
            await folder.KeepAsync(
                new Acknowledgement { Position = position, LeafHash = ByteString.CopyFrom(leafHash) },
                cancel
            );
            spool.Store.ReceiptKept(position);
        }
        catch (FormatException e)
        {
            // What was acknowledged is not what was signed: the acknowledgement is kept for whoever looks into it.
            LogFalse(log, position, e.Message);
            throw new IOException(e.Message, e);
        }
    }

    [LoggerMessage(3, LogLevel.Information, "Receipts are not to be had now: {Why}")]
    private static partial void LogLater(ILogger log, string why);

    [LoggerMessage(
        4,
        LogLevel.Critical,
        "The receipt of position {Position} does not hold: {Why}. Call the ledger's owner"
    )]
    private static partial void LogFalse(ILogger log, long position, string why);
}
