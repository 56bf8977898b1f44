using System.Threading.Channels;
using Ledger.Integrity;

namespace Ledger.Verify.Scanning;

/// <summary>
/// Pairs leaves with events in one pass and recomputes the pairs on every core. Both sides come in the order of the log, so
/// nothing is kept but what does not fit.
/// </summary>
internal static class LogScan
{
    /// <summary>Chunks of recomputed pairs in the order of the log; what fits nowhere is left in <paramref name="strays"/>.</summary>
    public static async IAsyncEnumerable<List<Pair>> PairsAsync(
        IAsyncEnumerable<List<LeafRow>> leaves, IAsyncEnumerable<List<EventRow>> events, List<EventRow> strays,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var chunks = Channel.CreateBounded<Task<List<Pair>>>(2 * Environment.ProcessorCount);
        var reading = Task.Run(() => ReadAsync(leaves, events, strays, chunks.Writer, cancel), cancel);
        await foreach (var chunk in chunks.Reader.ReadAllAsync(cancel))
        {
            yield return await chunk;
        }

        await reading;
    }

    private static async Task ReadAsync(
        IAsyncEnumerable<List<LeafRow>> leaves, IAsyncEnumerable<List<EventRow>> events, List<EventRow> strays,
        ChannelWriter<Task<List<Pair>>> chunks, CancellationToken cancel)
    {
        Exception? failure = null;
        try
        {
            await using var side = new Side(events.GetAsyncEnumerator(cancel));
            var previous = (LeafRow?)null;
            await foreach (var rows in leaves.WithCancellation(cancel))
            {
                var chunk = new List<Pair>(rows.Count);
                foreach (var leaf in rows)
                {
                    while ((side.Current ?? await side.PeekAsync()) is { } stray && stray.Sequence < leaf.Sequence)
                    {
                        strays.Add(stray);
                        side.Next();
                    }

                    EventRow? found = null;
                    if (side.Current?.Sequence == leaf.Sequence)
                    {
                        found = side.Current;
                        side.Next();
                    }

                    chunk.Add(new Pair(leaf, found) { Stored = Link(leaf) });
                }

                await chunks.WriteAsync(RecomputeAsync(chunk, previous), cancel);
                previous = rows.Count > 0 ? rows[^1] : previous;
            }

            while ((side.Current ?? await side.PeekAsync()) is { } left)
            {
                strays.Add(left);
                side.Next();
            }
        }
        catch (Exception e)
        {
            failure = e;
        }
        finally
        {
            chunks.Complete(failure);
        }
    }

    private static Task<List<Pair>> RecomputeAsync(List<Pair> chunk, LeafRow? before) => Task.Run(() =>
    {
        var (position, previous) = before is null ? (-1L, Hash256.Zero) : (before.Position, Link(before));
        foreach (var pair in chunk)
        {
            pair.Holds = pair.Leaf.Position == position + 1 && PairCheck.Holds(pair, previous);
            (position, previous) = (pair.Leaf.Position, pair.Stored);
        }

        return chunk;
    });

    private static Hash256 Link(LeafRow leaf) => leaf.LeafHash.Length == Hash256.Size ? new Hash256(leaf.LeafHash) : default;

    /// <summary>The events one by one, out of their chunks.</summary>
    private sealed class Side(IAsyncEnumerator<List<EventRow>> chunks) : IAsyncDisposable
    {
        private List<EventRow> _chunk = [];
        private int _at;

        /// <summary>The next event, unless the chunk is used up.</summary>
        public EventRow? Current => _at < _chunk.Count ? _chunk[_at] : null;

        /// <summary>The next event, from the next chunk if need be; null at the end.</summary>
        public async ValueTask<EventRow?> PeekAsync()
        {
            while (Current is null && await chunks.MoveNextAsync())
            {
                (_chunk, _at) = (chunks.Current, 0);
            }

            return Current;
        }

        public void Next() => _at++;

        public ValueTask DisposeAsync() => chunks.DisposeAsync();
    }
}
