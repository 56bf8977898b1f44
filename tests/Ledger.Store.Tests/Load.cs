using System.Collections.Concurrent;
using Ledger.Integrity;
using Ledger.Store.Schema;

namespace Ledger.Store.Tests;

/// <summary>
/// Callers that ask until they are answered, with the same request id, and remember every acknowledgement.
/// </summary>
internal sealed class Load : IAsyncDisposable
{
    private readonly ConcurrentDictionary<int, (long Position, Hash256 Leaf, DateTimeOffset RecordedAt)> _acknowledged =
        new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TestLedger _ledger;
    private readonly List<Task> _callers;
    private int _unavailable;
    private int _repeated;

    public Load(TestLedger ledger, int callers)
    {
        _ledger = ledger;
        _callers =
        [
            .. Enumerable.Range(0, callers).Select(caller => Task.Run(() => CallAsync(10_000 + (caller * 1_000_000)))),
        ];
    }

    public int Acknowledged => _acknowledged.Count;

    /// <summary>How often a caller was told that the database is away.</summary>
    public int Unavailable => _unavailable;

    /// <summary>How often a request that was asked again had been recorded the first time.</summary>
    public int Repeated => _repeated;

    public static async Task Until(Func<bool> condition, string what = "the condition")
    {
        for (var tries = 0; !condition(); tries++)
        {
            tries.ShouldBeLessThan(1500, $"{what} never came");
            await Task.Delay(20);
        }
    }

    /// <summary>Waits for so many acknowledgements more.</summary>
    public Task MoreAsync(int count)
    {
        var before = Acknowledged;
        return Until(() => Acknowledged >= before + count, $"{count} more acknowledgements");
    }

    /// <summary>
    /// Stops, and holds the log against every acknowledgement: all there, nothing twice, nothing else, and the verifier
    /// content.
    /// </summary>
    public async Task RequireNothingLostAsync(LedgerDatabase? database = null)
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_callers);
        await _ledger.Publisher.PublishAsync(CancellationToken.None);
        (await _ledger.VerifyAsync()).Findings.ShouldBeEmpty();
        _acknowledged.Values.Select(a => a.Position).Distinct().Count().ShouldBe(Acknowledged);
        (await _ledger.History.LastPositionAsync(CancellationToken.None)).ShouldBe(8 + Acknowledged);
        foreach (var (position, leaf, _) in _acknowledged.Values)
        {
            (
                await Publishing.TreeReader.LeafAsync(
                    (database ?? _ledger.Database).Source,
                    position,
                    CancellationToken.None
                )
            ).ShouldBe(leaf);
        }

        _acknowledged.Values.OrderBy(a => a.Position).Select(a => a.RecordedAt).ShouldBeInOrder();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_callers);
        _stop.Dispose();
    }

    private async Task CallAsync(int first)
    {
        for (var request = first; !_stop.IsCancellationRequested; request++)
        {
            for (var tries = 0; !_acknowledged.ContainsKey(request); tries++)
            {
                tries.ShouldBeLessThan(3000, "the database never came back");
                try
                {
                    var ack = await _ledger.ConsultAsync(request);
                    _acknowledged[request] = (ack.Position, ack.LeafHash, ack.RecordedAt);
                    Interlocked.Add(ref _repeated, ack.Repeated ? 1 : 0);
                }
                catch (StoreUnavailableException)
                {
                    // The same request again, as a caller would: it may have been recorded or not.
                    Interlocked.Increment(ref _unavailable);
                    await Task.Delay(20);
                }
            }
        }
    }
}
