using Caf.Ledger.V1;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace Ledger.Client.Spool;

/// <summary>Gets the receipts of what was sent, behind it, and keeps each once it is shown to hold.</summary>
internal sealed partial class ReceiptKeeper(
    ConsultationSpool spool,
    ReceiptFolder folder,
    TimeProvider time,
    ILogger<ReceiptKeeper> log
) : SpoolLoop(new Signal(), time, Pause, Pause)
{
    private const int AtOnce = 256;
    private const int SideBySide = 8;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override void Say(Exception failure, TimeSpan pause) => LogLater(log, failure.Message);

    /// <inheritdoc/>
    protected override async Task<bool> WorkAsync(CancellationToken cancel)
    {
        var some = spool.Store.ReceiptsWanted(AtOnce);
        await Parallel.ForEachAsync(
            some,
            new ParallelOptions { MaxDegreeOfParallelism = SideBySide, CancellationToken = cancel },
            async (wanted, stop) => await KeepAsync(wanted.Position, wanted.LeafHash, stop)
        );
        return some.Count > 0;
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
