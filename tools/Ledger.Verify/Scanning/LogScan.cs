using System.Threading.Channels;
using Ledger.Domain;
using Ledger.Domain.Common;
using Ledger.Integrity;

namespace Ledger.Verify.Scanning;

/// <summary>
/// Pairs leaves with events in one pass and recomputes the pairs on every core. Both sides come in the order of the
/// log, so nothing is kept but what does not fit.
/// </summary>
internal static class LogScan
{
    /// <summary>
    /// Chunks of recomputed pairs in the order of the log; what fits nowhere is left in <paramref name="strays"/>.
    /// </summary>
    public static async IAsyncEnumerable<List<Pair>> PairsAsync(
        IAsyncEnumerable<List<LeafRow>> leaves,
        IAsyncEnumerable<List<EventRow>> events,
        List<EventRow> strays,
        ScanState? from,
        bool decode,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel
    )
    {
        var chunks = Channel.CreateBounded<Task<List<Pair>>>(2 * Environment.ProcessorCount);
        var reading = Task.Run(() => ReadAsync(leaves, events, strays, from, decode, chunks.Writer, cancel), cancel);
        await foreach (var chunk in chunks.Reader.ReadAllAsync(cancel))
        {
            yield return await chunk;
        }

        await reading;
    }

    private static async Task ReadAsync(
        IAsyncEnumerable<List<LeafRow>> leaves,
        IAsyncEnumerable<List<EventRow>> events,
        List<EventRow> strays,
        ScanState? from,
        bool decode,
        ChannelWriter<Task<List<Pair>>> chunks,
        CancellationToken cancel
    )
    {
        Exception? failure = null;
        try
        {
            await using var side = new Ahead<EventRow>(events, cancel);
            var (position, previous) = from is null ? (-1L, Hash256.Zero) : (from.Position - 1, from.LastLeaf);
            await foreach (var rows in leaves.WithCancellation(cancel))
            {
                var chunk = new List<Pair>(rows.Count);
                foreach (var leaf in rows)
                {
                    while ((side.IsThere || await side.HasNextAsync()) && side.Current.Sequence < leaf.Sequence)
                    {
                        strays.Add(side.Current);
                        side.Next();
                    }

                    EventRow? found = null;
                    if (side.IsThere && side.Current.Sequence == leaf.Sequence)
                    {
                        found = side.Current;
                        side.Next();
                    }

                    chunk.Add(new Pair(leaf, found) { Stored = Link(leaf) });
                }

                await chunks.WriteAsync(RecomputeAsync(chunk, position, previous, decode), cancel);
                (position, previous) = rows.Count > 0 ? (rows[^1].Position, Link(rows[^1])) : (position, previous);
            }

            while (await side.HasNextAsync())
            {
                strays.Add(side.Current);
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

    private static Task<List<Pair>> RecomputeAsync(List<Pair> chunk, long position, Hash256 previous, bool decode) =>
        Task.Run(() =>
        {
            foreach (var pair in chunk)
            {
                pair.Holds = pair.Leaf.Position == position + 1 && PairCheck.Holds(pair, previous);
                (position, previous) = (pair.Leaf.Position, pair.Stored);
                pair.Fact = decode && pair.Holds ? Decode(pair) : null;
            }

            return chunk;
        });

    private static Fact Decode(Pair pair)
    {
        try
        {
            var (context, @event) = EventCodec.Decode(pair.Event!.Type, pair.Event.Content);
            return new Fact(
                pair.Leaf.Position,
                new DateTimeOffset(pair.Leaf.RecordedAt, TimeSpan.Zero),
                context,
                @event
            );
        }
        catch (FormatException e)
        {
            throw new CannotVerifyException(
                $"The event at position {pair.Leaf.Position} is not one that this version can read: {e.Message} "
                    + $"(--log-only leaves the read models alone.)"
            );
        }
    }

    private static Hash256 Link(LeafRow leaf) =>
        leaf.LeafHash.Length == Hash256.Size ? new Hash256(leaf.LeafHash) : default;
}
