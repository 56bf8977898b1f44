using Caf.Ledger.V1;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Ledger.Client.Spool;

/// <summary>
/// Sends what waits, the oldest first, and goes on by itself when the ledger is back. What the ledger refuses for what it
/// says is kept apart, with the reason; what it cannot do now is sent again.
/// </summary>
internal sealed partial class SpoolSender(
    ConsultationSpool spool,
    LedgerClient client,
    ReceiptKeeper? receipts,
    TimeProvider time,
    ILogger<SpoolSender> log
) : SpoolLoop(spool.Taken, time, Shortest, Longest)
{
    private const int AtOnce = 256;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(200);

    // What is wrong with the item itself: sent again it would be refused again.
    private static readonly HashSet<StatusCode> Final =
    [
        StatusCode.InvalidArgument,
        StatusCode.AlreadyExists,
        StatusCode.FailedPrecondition,
        StatusCode.PermissionDenied,
        StatusCode.NotFound,
        StatusCode.OutOfRange,
        StatusCode.Unimplemented,
    ];

    /// <inheritdoc/>
    protected override void Say(Exception failure, TimeSpan pause) => LogAway(log, failure.Message, pause);

    /// <inheritdoc/>
    protected override async Task<bool> WorkAsync(CancellationToken cancel)
    {
        var items = spool.Store.Oldest(AtOnce);
        if (items.Count == 0)
        {
            return false;
        }

        var recorded = new List<(long, long, byte[])>();
        var refused = new List<(long, int, string)>();
        try
        {
            await foreach (var answer in client.RecordAsync(items.Select(Request), cancel))
            {
                var place = items[recorded.Count + refused.Count].Place;
                if (answer.Recorded is { Acknowledgement: { } ack })
                {
                    recorded.Add((place, ack.Position, ack.LeafHash.ToByteArray()));
                    continue;
                }

                if (!Final.Contains((StatusCode)answer.Error.Code))
                {
                    // The order is kept: nothing after it is sent before it.
                    throw new RpcException(new Status((StatusCode)answer.Error.Code, answer.Error.Message));
                }

                LogRefused(log, answer.RequestId, answer.Error.Message);
                refused.Add((place, answer.Error.Code, answer.Error.Message));
            }
        }
        finally
        {
            spool.Store.Settle(recorded, refused);
            receipts?.Wanted.Set();
        }

        return true;
    }

    private static RecordConsultationsRequest Request(SpoolItem item)
    {
        var taken = RecordConsultationRequest.Parser.ParseFrom(item.Content);
        return new() { Context = taken.Context, Consultation = taken.Consultation };
    }

    [LoggerMessage(1, LogLevel.Warning, "The ledger did not take what waits: {Why}. It is sent again in {Pause}")]
    private static partial void LogAway(ILogger log, string why, TimeSpan pause);

    [LoggerMessage(
        2,
        LogLevel.Error,
        "The ledger refused the consultation of the request {Request}: {Why}. It is kept"
    )]
    private static partial void LogRefused(ILogger log, string request, string why);
}
