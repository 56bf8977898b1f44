using System.Collections;
using System.Collections.Immutable;

namespace Ledger.Domain.Knowing;

/// <summary>
/// A list that only grows. Adding gives another list; both share what they have alike, at eight bytes for each item.
/// Lists may be read, and added to, by several threads at once.
/// </summary>
/// <typeparam name="T">What is in it.</typeparam>
internal sealed class AppendOnlyList<T> : IReadOnlyList<T>
{
    /// <summary>A list of nothing.</summary>
    public static readonly AppendOnlyList<T> Empty = new([], 0);

    private const int ChunkSize = 1024;
    private const int FirstSize = 4;

    // All chunks are of the full size, but for the first while it is the only one.
    private readonly ImmutableArray<Chunk> _chunks;

    private AppendOnlyList(ImmutableArray<Chunk> chunks, int count) => (_chunks, Count) = (chunks, count);

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public T this[int index] =>
        (uint)index < (uint)Count
            ? _chunks[index / ChunkSize].Items[index % ChunkSize]
            : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>The list with one more item.</summary>
    public AppendOnlyList<T> Add(T item)
    {
        var used = Count - (Math.Max(_chunks.Length - 1, 0) * ChunkSize);
        if (Count == 0 || used == ChunkSize)
        {
            return new(_chunks.Add(Chunk.Of([], Count == 0 ? FirstSize : ChunkSize, item)), Count + 1);
        }

        var last = _chunks[^1];
        return last.TryAdd(used, item)
            ? new(_chunks, Count + 1)
            : new(_chunks.SetItem(_chunks.Length - 1, last.Copy(used, item)), Count + 1);
    }

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    // The room after the items of one list may be taken once, by the first list that is longer.
    private sealed class Chunk
    {
        private int _used;

        private Chunk(T[] items, int used) => (Items, _used) = (items, used);

        public T[] Items { get; }

        public static Chunk Of(ReadOnlySpan<T> items, int size, T next)
        {
            var copy = new T[size];
            items.CopyTo(copy);
            copy[items.Length] = next;
            return new(copy, items.Length + 1);
        }

        public bool TryAdd(int used, T item)
        {
            if (used == Items.Length || Interlocked.CompareExchange(ref _used, used + 1, used) != used)
            {
                return false;
            }

            Items[used] = item;
            return true;
        }

        public Chunk Copy(int used, T next) =>
            Of(Items.AsSpan(0, used), used == Items.Length ? used * 2 : Items.Length, next);
    }
}
