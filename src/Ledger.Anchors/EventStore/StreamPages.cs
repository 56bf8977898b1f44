namespace Ledger.Anchors.EventStore;

/// <summary>Reads a stream a page a call: a deadline is for a page, and a leader that moves costs one page.</summary>
internal static class StreamPages
{
    private const long Size = 4096;

    /// <summary>Reads forwards.</summary>
    /// <param name="from">The first revision.</param>
    /// <param name="count">The most events.</param>
    /// <param name="page">Reads the events from a revision on, at most so many.</param>
    public static async IAsyncEnumerable<RecordedStreamEvent> ReadAsync(
        long from,
        long count,
        Func<long, long, Task<List<RecordedStreamEvent>>> page
    )
    {
        for (var left = count; left > 0; )
        {
            var wanted = Math.Min(left, Size);
            var events = await page(from, wanted);
            foreach (var e in events)
            {
                yield return e;
            }

            if (events.Count < wanted)
            {
                yield break;
            }

            // A stream whose beginning was truncated is read from where it begins now.
            (from, left) = (events[^1].Revision + 1, left - events.Count);
        }
    }
}
