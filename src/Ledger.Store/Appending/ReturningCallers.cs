namespace Ledger.Store.Appending;

/// <summary>
/// Callers who had one answer and are about to ask again. Beside others who send much, a batch waits a little for them,
/// or each would miss the next batch and have half a share. It waits less and less for callers who do not return.
/// </summary>
/// <param name="time">What measures the wait.</param>
/// <remarks>Its owner's lock guards it.</remarks>
internal sealed class ReturningCallers(TimeProvider time)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    private Answered _last = new();
    private Answered _before = new();
    private TaskCompletionSource? _allReturned;
    private TimeSpan _wait = LongestWait;

    /// <summary>Whether some of those whom the last two batches answered are still to return.</summary>
    public bool AreAway => !_last.AllReturned || !_before.AllReturned;

    /// <summary>A batch is made: whoever has not returned is awaited no longer.</summary>
    public void BeginBatch()
    {
        // Who returns a batch too late returns all the same: only those who stay away shorten the wait.
        if (_before.Count > 0)
        {
            _wait = _before.MostReturned ? LongestWait : Half(_wait);
        }

        (_before, _last, _allReturned) = (_last, new Answered(), null);
    }

    /// <summary>A caller's last item is in the batch.</summary>
    public void Left(object caller) => _last.Add(caller);

    /// <summary>A caller has an item again.</summary>
    public void Returned(object caller)
    {
        if (!_last.Return(caller))
        {
            _before.Return(caller);
        }

        if (_last.AllReturned)
        {
            _allReturned?.TrySetResult();
        }
    }

    /// <summary>What ends once all have returned, or have been waited for long enough.</summary>
    public Task AllReturned()
    {
        if (_last.AllReturned)
        {
            return Task.CompletedTask;
        }

        _allReturned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return Task.WhenAny(_allReturned.Task, Task.Delay(_wait, time));
    }

    private static TimeSpan Half(TimeSpan wait) => wait / 2 > ShortestWait ? wait / 2 : ShortestWait;

    // The callers who had nothing more to send when a batch was made.
    private sealed class Answered
    {
        private readonly HashSet<object> _away = [];

        public int Count { get; private set; }

        public bool AllReturned => _away.Count == 0;

        public bool MostReturned => _away.Count * 2 <= Count;

        public void Add(object caller)
        {
            _away.Add(caller);
            Count++;
        }

        public bool Return(object caller) => _away.Remove(caller);
    }
}
