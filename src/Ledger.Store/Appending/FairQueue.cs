using System.Threading.Channels;

namespace Ledger.Store.Appending;

/// <summary>
/// A queue with one reader, who takes whatever arrived while the last batch committed, one item of each caller in turn:
/// how long a caller waits depends on how many callers there are, not on how much one of them sends. Each caller has
/// room for so many items, fewer where there are many callers, and waits for room beyond.
/// </summary>
/// <remarks>
/// Callers that were just answered are about to ask again: they are given a moment to, or every other batch would be
/// the first of them alone.
/// </remarks>
/// <param name="maxBatch">The most items handed out at once.</param>
/// <param name="roomForEach">The most items of one caller that wait.</param>
/// <param name="roomForAll">About how many items wait in all; also the most callers.</param>
/// <param name="time">What measures the moment.</param>
public sealed class FairQueue<T>(int maxBatch, int roomForEach, int roomForAll, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromMicroseconds(500);

    private readonly Lock _gate = new();
    private readonly Dictionary<object, Line> _lines = [];
    private readonly Queue<Line> _turns = [];
    private readonly ReturningCallers _returning = new(time);
    private readonly SemaphoreSlim _arrived = new(0);
    private int _waiting;
    private int _last;
    private bool _closed;

    private int Count => Volatile.Read(ref _waiting);

    /// <summary>Takes a place in the caller's line; waits while the line is full.</summary>
    /// <exception cref="ChannelClosedException">The queue is closed.</exception>
    /// <exception cref="QueueFullException">There are more callers than the queue has room for.</exception>
    public async ValueTask EnqueueAsync(object caller, T item, CancellationToken cancel)
    {
        while (Place(caller, item) is { } room)
        {
            await room.WaitAsync(cancel);
        }
    }

    /// <summary>Takes no more. What is in the queue is still handed out.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            foreach (var line in _lines.Values)
            {
                line.MakeRoom();
            }
        }

        _arrived.Release();
    }

    /// <inheritdoc/>
    public void Dispose() => _arrived.Dispose();

    /// <summary>Fills the next batch.</summary>
    /// <returns>Whether there was anything before the queue closed.</returns>
    public async Task<bool> NextAsync(List<T> batch)
    {
        batch.Clear();
        while (Count == 0)
        {
            if (Volatile.Read(ref _closed))
            {
                return false;
            }

            await _arrived.WaitAsync();
        }

        var since = time.GetTimestamp();
        while (Count < Math.Min(_last, maxBatch) && time.GetElapsedTime(since) < Moment)
        {
            await Task.Yield();
        }

        await ReturningAsync();
        lock (_gate)
        {
            var most = Most();
            _returning.BeginBatch();
            while (batch.Count < most && _turns.TryDequeue(out var line))
            {
                batch.Add(line.Items.Dequeue());
                line.MakeRoom();
                if (line.Items.Count > 0)
                {
                    _turns.Enqueue(line);
                }
                else
                {
                    _lines.Remove(line.Caller);
                    _returning.Left(line.Caller);
                }
            }

            _waiting -= batch.Count;
        }

        _last = batch.Count;
        return true;
    }

    // Where nobody sends more than one at a time, the moment above is enough.
    private Task ReturningAsync()
    {
        lock (_gate)
        {
            return _turns.Any(line => line.Items.Count > 1) ? _returning.AllReturned() : Task.CompletedTask;
        }
    }

    // Who waits for one answer at a time is in each batch once: beside others who send much, batches are short, or her
    // share would be that of one item in a batch of theirs, and her wait that of two long batches.
    private int Most()
    {
        var someWaitForOne = _returning.AreAway || _turns.Any(line => line.Items.Count == 1);
        return someWaitForOne ? Math.Min(maxBatch, Math.Max(_lines.Count, maxBatch / 4)) : maxBatch;
    }

    // Null once the item has its place; else what tells that there is room again.
    private Task? Place(object caller, T item)
    {
        lock (_gate)
        {
            if (_closed)
            {
                throw new ChannelClosedException();
            }

            if (!_lines.TryGetValue(caller, out var line))
            {
                if (_lines.Count >= roomForAll)
                {
                    throw new QueueFullException();
                }

                _lines[caller] = line = new Line(caller);
                _returning.Returned(caller);
            }

            if (line.Items.Count >= Math.Clamp(roomForAll / _lines.Count, 1, roomForEach))
            {
                return line.Room;
            }

            if (line.Items.Count == 0)
            {
                _turns.Enqueue(line);
            }

            line.Items.Enqueue(item);
            if (_waiting++ == 0 && _arrived.CurrentCount == 0)
            {
                _arrived.Release();
            }

            return null;
        }
    }

    private sealed class Line(object caller)
    {
        private TaskCompletionSource? _room;

        public object Caller { get; } = caller;

        public Queue<T> Items { get; } = [];

        public Task Room =>
            (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        public void MakeRoom()
        {
            _room?.TrySetResult();
            _room = null;
        }
    }
}

/// <summary>There are more callers than there is room for: ask again a little later.</summary>
public sealed class QueueFullException() : Exception("Too many callers record at once. Ask again a little later.");
