using System.Threading.Channels;
using Ledger.Integrity;

namespace Ledger.Verify.Scanning;

/// <summary>
/// Pairs leaves with events in one pass and recomputes the pairs on every core. Both sides come in the order of the log, so
/// nothing is kept but what does not fit.
/// </summary>
internal static class LogScan
{
    private const int ChunkSize = 2048;

    /// <summary>Chunks of recomputed pairs in the order of the log; what fits nowhere is left in <paramref name="strays"/>.</summary>
    public static async IAsyncEnumerable<List<Pair>> PairsAsync(
        IAsyncEnumerable<LeafRow> leaves, IAsyncEnumerable<EventRow> events, List<EventRow> strays,
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
        IAsyncEnumerable<LeafRow> leaves, IAsyncEnumerable<EventRow> events, List<EventRow> strays,
        ChannelWriter<Task<List<Pair>>> chunks, CancellationToken cancel)
    {
        Exception? failure = null;
        try
        {
            await using var next = events.GetAsyncEnumerator(cancel);
            var hasEvent = await next.MoveNextAsync();
            var (chunk, previous) = (new List<Pair>(ChunkSize), (LeafRow?)null);
            await foreach (var leaf in leaves.WithCancellation(cancel))
            {
                while (hasEvent && next.Current.Sequence < leaf.Sequence)
                {
                    strays.Add(next.Current);
                    hasEvent = await next.MoveNextAsync();
                }

                EventRow? found = null;
                if (hasEvent && next.Current.Sequence == leaf.Sequence)
                {
                    found = next.Current;
                    hasEvent = await next.MoveNextAsync();
                }

                chunk.Add(new Pair(leaf, found) { Stored = leaf.LeafHash.Length == Hash256.Size ? new Hash256(leaf.LeafHash) : default });
                if (chunk.Count == ChunkSize)
                {
                    await chunks.WriteAsync(RecomputeAsync(chunk, previous), cancel);
                    (chunk, previous) = (new List<Pair>(ChunkSize), leaf);
                }
            }

            await chunks.WriteAsync(RecomputeAsync(chunk, previous), cancel);
            while (hasEvent)
            {
                strays.Add(next.Current);
                hasEvent = await next.MoveNextAsync();
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
}
