using System.Threading.Channels;
using Ledger.Domain.Common;
using Ledger.Store.ReadModels;
using Ledger.Store.Schema;
using Npgsql;

namespace Ledger.Store.Appending;

/// <summary>
/// Group commit: callers put requests in a bounded queue; one loop takes whatever arrived while the last batch
/// committed and
/// makes it the next batch. Any number of processes may do so on one database.
/// </summary>
public sealed class LedgerWriter : IAsyncDisposable
{
    /// <summary>The most requests in one transaction.</summary>
    public const int MaxBatch = 1000;

    private readonly GroupCommitQueue<AppendRequest> _queue = new(MaxBatch, TimeProvider.System);
    private readonly LedgerDatabase _database;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private Knowledge _known = new();
    private UsageIndex _index = new();
    private JournalVersions _journals = new();

    /// <summary>Starts the loop.</summary>
    public LedgerWriter(LedgerDatabase database)
    {
        _database = database;
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>Records, and returns once it is durable.</summary>
    /// <exception cref="StoreUnavailableException">
    /// The database is away; asking again with the same request id is safe.
    /// </exception>
    /// <exception cref="RequestIdReusedException">The request id was used for another content.</exception>
    public async Task<Acknowledgement> AppendAsync(AppendRequest request, CancellationToken cancel) =>
        await (await EnqueueAsync(request, cancel)).WaitAsync(cancel);

    /// <summary>
    /// Takes its place in the queue, and returns the answer to come: requests enqueued one after another keep their
    /// order.
    /// </summary>
    /// <exception cref="StoreUnavailableException">The writer is stopping.</exception>
    public async Task<Task<Acknowledgement>> EnqueueAsync(AppendRequest request, CancellationToken cancel)
    {
        try
        {
            await _queue.EnqueueAsync(request, cancel);
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
        _queue.Close();
        _stop.CancelAfter(TimeSpan.FromSeconds(10));
        await _loop;
        _stop.Dispose();
    }

    private async Task LoopAsync()
    {
        var requests = new List<AppendRequest>(MaxBatch);
        while (await _queue.NextAsync(requests))
        {
            await RecordAsync(requests);
        }
    }

    private async Task RecordAsync(List<AppendRequest> requests)
    {
        try
        {
            await new Batch(_database, _known, _index, _journals).RunAsync(requests, _stop.Token);
        }
        catch (Exception e)
        {
            // Whatever was learnt in this batch may have been rolled back: the next batch reads it anew.
            (_known, _index, _journals) = (new Knowledge(), new UsageIndex(), new JournalVersions());
            var told = IsUnavailable(e) ? new StoreUnavailableException(e) : e;
            foreach (var request in requests)
            {
                request.Answer.TrySetException(told);
            }
        }
    }

    // What PostgreSQL itself says is worth asking again only where it is about connections, resources, shutdowns or
    // locks; the rest,
    // such as a constraint that does not hold, would fail again for ever.
    private static bool IsUnavailable(Exception e) =>
        e is PostgresException postgres
            ? postgres.SqlState[..2] is "08" or "40" or "53" or "55" or "57" or "58"
            : e
                is NpgsqlException
                    or IOException
                    or TimeoutException
                    or OperationCanceledException
                    or ObjectDisposedException
                || (e.InnerException is { } inner && IsUnavailable(inner));
}
