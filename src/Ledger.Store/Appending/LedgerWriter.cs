using System.Threading.Channels;
using JasperFx.Events;
using Ledger.Integrity.Merkle;
using Ledger.Store.Knowing;
using Ledger.Store.Publishing;
using Ledger.Store.Schema;

namespace Ledger.Store.Appending;

/// <summary>
/// Group commit: callers put requests in a fair queue; one loop takes whatever arrived while the last batch committed
/// and makes it the next batch. Any number of processes may do so on one database.
/// </summary>
public sealed class LedgerWriter : IAsyncDisposable
{
    /// <summary>The most requests in one transaction: more would only make everybody wait longer.</summary>
    public const int MaxBatch = 256;

    /// <summary>The most requests of one caller that wait at once.</summary>
    public const int RoomForEach = 256;

    /// <summary>About how many requests wait in all, and the most callers.</summary>
    public const int RoomForAll = 8192;

    // A batch of more than the questions make, which leave their traces, within this time.
    private const int MuchInABatch = 4;
    private static readonly TimeSpan MuchLately = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly FairQueue<AppendRequest> _queue = new(MaxBatch, RoomForEach, RoomForAll, TimeProvider.System);
    private readonly CancellationTokenSource _stop = new();
    private readonly LedgerDatabase _database;
    private readonly Replica _replica;
    private readonly Task _loop;
    private LogTail _tail = LogTail.Empty;
    private long _muchAt;
    private bool _stopped;

    /// <summary>Starts the loop.</summary>
    public LedgerWriter(LedgerDatabase database, Replica replica)
    {
        (_database, _replica) = (database, replica);
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>The right edge of the tree as this node left it: what a checkpoint's leaves must agree with.</summary>
    public Frontier Frontier => Volatile.Read(ref _tail).Frontier;

    /// <summary>Whether many were recorded together a moment ago.</summary>
    public bool IsRecordingMuch =>
        Volatile.Read(ref _muchAt) is not 0 and var at && TimeProvider.System.GetElapsedTime(at) < MuchLately;

    /// <summary>Records, and returns once it is durable.</summary>
    /// <param name="request">What to record.</param>
    /// <param name="cancel">Stops waiting; what is recorded stays so.</param>
    /// <param name="caller">Whose line; null for one of its own.</param>
    /// <exception cref="StoreUnavailableException">The database is away; asking again with the same request id is
    /// safe.</exception>
    /// <exception cref="RequestIdReusedException">The request id was used for another content.</exception>
    /// <exception cref="QueueFullException">More callers record at once than there is room for.</exception>
    public async Task<Acknowledgement> AppendAsync(
        AppendRequest request,
        CancellationToken cancel,
        object? caller = null
    ) => await (await EnqueueAsync(request, caller ?? request, cancel)).WaitAsync(cancel);

    /// <summary>
    /// Takes its place in the caller's line, and returns the answer to come: requests enqueued one after another keep
    /// their order.
    /// </summary>
    /// <param name="request">What to record.</param>
    /// <param name="caller">Whose line: callers take turns, however much one of them sends.</param>
    /// <param name="cancel">Stops waiting for room.</param>
    /// <exception cref="StoreUnavailableException">The writer is stopping.</exception>
    /// <exception cref="QueueFullException">More callers record at once than there is room for.</exception>
    public async Task<Task<Acknowledgement>> EnqueueAsync(
        AppendRequest request,
        object caller,
        CancellationToken cancel
    )
    {
        try
        {
            await _queue.EnqueueAsync(caller, request, cancel);
        }
        catch (ChannelClosedException e)
        {
            throw new StoreUnavailableException(e);
        }

        return request.Answer.Task;
    }

    /// <summary>Stops taking requests, records those taken, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopped)
        {
            return;
        }

        _stopped = true;
        _queue.Close();
        _stop.CancelAfter(Patience);
        await _loop;
        _stop.Dispose();
        _queue.Dispose();
    }

    private async Task LoopAsync()
    {
        var requests = new List<AppendRequest>(MaxBatch);
        while (await _queue.NextAsync(requests))
        {
            if (requests.Count > MuchInABatch)
            {
                Volatile.Write(ref _muchAt, TimeProvider.System.GetTimestamp());
            }

            await RecordAsync([.. requests]);
        }
    }

    private async Task RecordAsync(IReadOnlyList<AppendRequest> requests)
    {
        try
        {
            await TryRecordAsync(requests);
        }
        catch (Exception e) when (StoreUnavailableException.Is(e))
        {
            // The pools' other connections may be as dead as this one: nobody else has to find out by trying.
            _database.Writing.Clear();
            _database.Source.Clear();
            Fail(requests, new StoreUnavailableException(e));
        }
        catch (LedgerStateException e)
        {
            Fail(requests, e);
        }
        catch (Exception) when (requests.Count > 1)
        {
            // What PostgreSQL refuses for good is of one request: the others are recorded without it.
            var half = requests.Count / 2;
            await RecordAsync([.. requests.Take(half)]);
            await RecordAsync([.. requests.Skip(half)]);
        }
        catch (EventStreamUnexpectedMaxEventIdException)
        {
            // Under the head's lock nobody else can have written to the stream.
            Fail(
                requests,
                new LedgerStateException(
                    "The table ledger.mt_streams does not follow from the events: make it again with 'ledger rebuild'."
                )
            );
        }
        catch (Exception e)
        {
            Fail(requests, e);
        }
    }

    private async Task TryRecordAsync(IReadOnlyList<AppendRequest> requests)
    {
        // Answered requests of a batch that failed behind its commit are not recorded again.
        var open = requests.Where(r => !r.Answer.Task.IsCompleted).ToList();
        while (open.Count > 0)
        {
            try
            {
                if (await new Batch(_database, _replica, _tail).RunAsync(open, _stop.Token) is { } tail)
                {
                    _tail = tail;
                    return;
                }

                await CatchUpAsync();
            }
            catch (EventStreamUnexpectedMaxEventIdException) when (!_tail.Journals.IsEmpty)
            {
                // It may be of a page, whose row is gone: what happened is recorded on new ones.
                _tail = _tail with
                {
                    Journals = LogTail.Empty.Journals,
                };
            }
        }
    }

    // Outside the head's lock, whatever other nodes have written is read: all of it, after a start.
    private async Task CatchUpAsync()
    {
        var last = await LastLeafRow.ReadAsync(_database.Writing, _stop.Token);
        await _replica.AtLeastAsync(last, _stop.Token);
        var size = last.Position + 1;
        var frontier = await _database.Writing.FrontierAsync(size, _stop.Token);
        _tail = new LogTail(frontier, last.LeafHash, LogTail.Empty.Journals);
    }

    private static void Fail(IReadOnlyList<AppendRequest> requests, Exception why)
    {
        foreach (var request in requests)
        {
            request.Answer.TrySetException(why);
        }
    }
}
