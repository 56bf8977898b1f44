using System.Text;
using Ledger.Integrity.Checkpoints;

namespace Ledger.Anchors.EventStore;

/// <summary>
/// Mirrors entries and checkpoints into EventStoreDB. The mirror's own last event says where to go on, and every append
/// names the revision that it expects: any number of nodes may mirror at once, and nothing is there twice. That an
/// append was taken is believed once its events can be read: EventStoreDB says so of events that it had before, too,
/// though their stream was deleted since.
/// </summary>
public sealed class MirrorAnchor : IAnchor
{
    private const int Batch = 500;

    // EventStoreDB takes at most 1 MiB of data in one append.
    private const int BatchBytes = 512 * 1024;

    private readonly IEventStreams _streams;
    private readonly Func<LogKeys> _keys;
    private readonly Patience _patience;
    private readonly Action<long>? _progress;
    private readonly string _entries;
    private readonly string _checkpoints;
    private long? _compared;

    /// <summary>A mirror of the log of a key.</summary>
    /// <param name="streams">Where it is.</param>
    /// <param name="keys">The ledger's keys, as they are at a moment.</param>
    /// <param name="time">What measures how long to wait for what was written to be read.</param>
    /// <param name="progress">Told the size that is mirrored, batch by batch.</param>
    public MirrorAnchor(IEventStreams streams, Func<LogKeys> keys, TimeProvider time, Action<long>? progress = null)
    {
        (_streams, _keys, _patience, _progress) = (streams, keys, new Patience(time), progress);
        (_entries, _checkpoints) = (Mirror.Entries(keys().Name), Mirror.Checkpoints(keys().Name));
    }

    /// <inheritdoc/>
    public string Name => "mirror";

    /// <inheritdoc/>
    public async Task<long> AnchorAsync(IAnchoredLog log, CancellationToken cancel)
    {
        try
        {
            var (latest, next) = await StandingAsync(log, cancel);
            if (latest is not var (note, checkpoint))
            {
                return 0;
            }

            for (var from = next; next < checkpoint.Size; )
            {
                next = await AppendAsync(log, next, checkpoint.Size, cancel);
                if (from == 0 || next == checkpoint.Size)
                {
                    // Of a beginning at once: all of a long log would be sent in vain.
                    await RequireReadableAsync(next, cancel);
                    from = next;
                }

                _progress?.Invoke(next);
            }

            await AppendCheckpointAsync(note, checkpoint, cancel);
            return checkpoint.Size;
        }
        catch (MirrorUnavailableException e)
        {
            _compared = null;
            throw new AnchorException(e.Message, contradicts: false, e);
        }
    }

    // The log, and where to go on with it. A mirror that is ahead of it may have been served by another node a moment
    // ago: that node's checkpoint is then published by now.
    private async Task<((string Note, Checkpoint Checkpoint)? Latest, long Next)> StandingAsync(
        IAnchoredLog log,
        CancellationToken cancel
    )
    {
        for (var again = false; ; again = true)
        {
            var latest = await log.LatestAsync(cancel);
            var size = latest?.Checkpoint.Size ?? 0;
            var next = await NextAsync(log, size, cancel);
            if (next <= size)
            {
                return (latest, next);
            }

            if (again)
            {
                throw Contradicts($"holds {next} entries, and the log has only published {size}: its end was cut off");
            }
        }
    }

    // Where to go on. What the mirror holds last is compared with the log once, and whenever another writer was there.
    private async Task<long> NextAsync(IAnchoredLog log, long size, CancellationToken cancel)
    {
        if (await _streams.LastAsync(_entries, cancel) is not { } last)
        {
            return 0;
        }

        if (_compared != last.Revision)
        {
            // Only what the log has published can be compared.
            if (last.Revision >= size)
            {
                return last.Revision + 1;
            }

            var ours = await log.EntriesAsync(last.Revision, 1, cancel);
            if (!last.Data.Span.SequenceEqual(ours[0]))
            {
                throw Contradicts($"holds another entry at position {last.Revision} than the log");
            }

            _compared = last.Revision;
        }

        return last.Revision + 1;
    }

    private async Task<long> AppendAsync(IAnchoredLog log, long next, long size, CancellationToken cancel)
    {
        var entries = Within(await log.EntriesAsync(next, (int)Math.Min(Batch, size - next), cancel));
        try
        {
            await _streams.AppendAsync(_entries, next - 1, [.. entries.Select(Mirror.Of)], cancel);
            _compared = next + entries.Count - 1;
            return next + entries.Count;
        }
        catch (WrongRevisionException e)
        {
            // Another node was faster, and what it wrote may not be readable yet.
            _compared = null;
            var now = await _patience.ForAsync(() => NextAsync(log, size, cancel), found => found != next, cancel);
            return now != next ? now
                : e.Actual >= next ? throw Gone($"ends at {e.Actual} and shows its entries up to {next - 1} only")
                : throw new AnchorException("The mirror refuses the revision that it gave.");
        }
    }

    private static List<byte[]> Within(IReadOnlyList<byte[]> entries)
    {
        var bytes = 0L;
        return [.. entries.TakeWhile((entry, i) => (bytes += entry.Length) <= BatchBytes || i == 0)];
    }

    private async Task RequireReadableAsync(long next, CancellationToken cancel)
    {
        var last = await _patience.ForAsync(
            async () => (await _streams.LastAsync(_entries, cancel))?.Revision ?? -1,
            revision => revision >= next - 1,
            cancel
        );
        if (last < next - 1)
        {
            _compared = null;
            throw Gone(
                $"says that it took the entry {next - 1} and shows {(last < 0 ? "none" : $"{last} as its last")}"
            );
        }
    }

    private async Task AppendCheckpointAsync(string note, Checkpoint checkpoint, CancellationToken cancel)
    {
        // Another node may be faster, and what it wrote not readable yet: look again, for a while.
        if (!await _patience.ForAsync(TryAsync, done => done, cancel))
        {
            throw new AnchorException("The mirror refuses the revision that it gave for a checkpoint.");
        }

        async Task<bool> TryAsync()
        {
            var last = await _streams.LastAsync(_checkpoints, cancel);
            if (last is not null && Opened(last) is { } mirrored && mirrored.Size >= checkpoint.Size)
            {
                return mirrored.Size > checkpoint.Size || mirrored.Root == checkpoint.Root
                    ? true
                    : throw Contradicts($"holds another checkpoint of size {checkpoint.Size}");
            }

            try
            {
                var expected = last?.Revision ?? IEventStreams.NoStream;
                await _streams.AppendAsync(_checkpoints, expected, [Mirror.Of(note)], cancel);
                return true;
            }
            catch (WrongRevisionException)
            {
                return false;
            }
        }
    }

    private Checkpoint Opened(RecordedStreamEvent last)
    {
        try
        {
            return Checkpoint.Open(Encoding.UTF8.GetString(last.Data.Span), _keys());
        }
        catch (FormatException e)
        {
            throw Contradicts($"holds a checkpoint that is not of this key: {e.Message}");
        }
    }

    private static AnchorException Gone(string what) => Contradicts($"{what}: its stream was deleted or truncated");

    private static AnchorException Contradicts(string what) => new($"The mirror {what}.", contradicts: true);
}
