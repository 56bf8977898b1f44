using Ledger.Integrity.Checkpoints;

namespace Ledger.Anchors.EventStore;

/// <summary>
/// Mirrors entries and checkpoints into EventStoreDB. The mirror's own last event says where to go on, and every append
/// names the revision that it expects: any number of nodes may mirror at once, and nothing is there twice.
/// </summary>
public sealed class MirrorAnchor(IEventStreams streams, NoteVerifier key) : IAnchor
{
    private const int Batch = 500;

    private readonly string _entries = Mirror.Entries(key.Name);
    private readonly string _checkpoints = Mirror.Checkpoints(key.Name);
    private long? _compared;

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

            while (next < checkpoint.Size)
            {
                next = await AppendAsync(log, next, checkpoint.Size, cancel);
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
        if (await streams.LastAsync(_entries, cancel) is not { } last)
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
        var count = (int)Math.Min(Batch, size - next);
        var entries = await log.EntriesAsync(next, count, cancel);
        try
        {
            await streams.AppendAsync(_entries, next - 1, [.. entries.Select(Mirror.Of)], cancel);
            _compared = next + count - 1;
            return next + count;
        }
        catch (WrongRevisionException)
        {
            // Another node was faster: go on from where it came to.
            _compared = null;
            return await NextAsync(log, size, cancel) is var now && now != next
                ? now
                : throw new AnchorException("The mirror refuses the revision that it gave.");
        }
    }

    private async Task AppendCheckpointAsync(string note, Checkpoint checkpoint, CancellationToken cancel)
    {
        while (await streams.LastAsync(_checkpoints, cancel) is var last)
        {
            if (last is not null && Opened(last) is { } mirrored && mirrored.Size >= checkpoint.Size)
            {
                if (mirrored.Size == checkpoint.Size && mirrored.Root != checkpoint.Root)
                {
                    throw Contradicts($"holds another checkpoint of size {checkpoint.Size}");
                }

                return;
            }

            try
            {
                await streams.AppendAsync(
                    _checkpoints,
                    last?.Revision ?? IEventStreams.NoStream,
                    [Mirror.Of(note)],
                    cancel
                );
                return;
            }
            catch (WrongRevisionException)
            {
                // Another node was faster: look again.
            }
        }
    }

    private Checkpoint Opened(RecordedStreamEvent last)
    {
        try
        {
            return Checkpoint.Open(System.Text.Encoding.UTF8.GetString(last.Data.Span), key);
        }
        catch (FormatException e)
        {
            throw Contradicts($"holds a checkpoint that is not of this key: {e.Message}");
        }
    }

    private static AnchorException Contradicts(string what) => new($"The mirror {what}.", contradicts: true);
}
