namespace Ledger.Anchors.EventStore;

/// <summary>
/// Looks again for some seconds: what EventStoreDB acknowledged to one caller may not be readable by another at once.
/// </summary>
internal sealed class Patience(TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    /// <summary>Looks until what is seen will do, or time is over, with a pause between two looks.</summary>
    /// <returns>What was seen last.</returns>
    public async Task<T> ForAsync<T>(Func<Task<T>> look, Func<T, bool> willDo, CancellationToken cancel)
    {
        var since = time.GetTimestamp();
        for (var pause = TimeSpan.FromMilliseconds(20); ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            var seen = await look();
            if (willDo(seen) || time.GetElapsedTime(since) > Limit)
            {
                return seen;
            }

            await Task.Delay(pause, time, cancel);
        }
    }
}
