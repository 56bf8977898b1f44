using System.Threading.Channels;

namespace Ledger.Store.Appending;

/// <summary>
/// A bounded queue with one reader, who takes whatever arrived while the last batch committed. Callers that were just
/// answered
/// are about to ask again: they are given a moment to, or every other batch would be the first of them alone.
/// </summary>
public sealed class GroupCommitQueue<T>(int maxBatch, TimeProvider time)
{
    private static readonly TimeSpan Moment = TimeSpan.FromMicroseconds(500);

    private readonly Channel<T> _queue = Channel.CreateBounded<T>(
        new BoundedChannelOptions(8 * maxBatch) { SingleReader = true }
    );
    private int _last;

    /// <summary>Takes a place in the queue; waits while it is full.</summary>
    /// <exception cref="ChannelClosedException">The queue is closed.</exception>
    public ValueTask EnqueueAsync(T item, CancellationToken cancel) => _queue.Writer.WriteAsync(item, cancel);

    /// <summary>Takes no more. What is in the queue is still handed out.</summary>
    public void Close() => _queue.Writer.TryComplete();

    /// <summary>Fills the next batch.</summary>
    /// <returns>Whether there was anything before the queue closed.</returns>
    public async Task<bool> NextAsync(List<T> batch)
    {
        batch.Clear();
        if (!await _queue.Reader.WaitToReadAsync())
        {
            return false;
        }

        var since = time.GetTimestamp();
        while (_queue.Reader.Count < _last && time.GetElapsedTime(since) < Moment)
        {
            await Task.Yield();
        }

        while (batch.Count < maxBatch && _queue.Reader.TryRead(out var item))
        {
            batch.Add(item);
        }

        _last = batch.Count;
        return true;
    }
}
