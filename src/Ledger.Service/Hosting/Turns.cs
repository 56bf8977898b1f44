namespace Ledger.Service.Hosting;

/// <summary>
/// Turns at the processors for whoever asks: so many at once. While writers are busy a turn that ends is followed by a
/// rest of three times its length, so that askers, however many, leave writers most of the machine.
/// </summary>
/// <param name="atOnce">How many turns at once.</param>
/// <param name="writersAreBusy">Whether many record just now.</param>
/// <param name="time">What measures turns.</param>
internal sealed class Turns(int atOnce, Func<bool> writersAreBusy, TimeProvider time) : IDisposable
{
    private const int RestPerTurn = 3;

    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _free = new(atOnce);

    /// <summary>Waits for a turn.</summary>
    public async Task<Turn> TakeAsync(CancellationToken cancel)
    {
        await _free.WaitAsync(cancel);
        return new Turn(this, time.GetTimestamp());
    }

    public void Dispose() => _free.Dispose();

    private async Task EndAsync(TimeSpan took)
    {
        if (writersAreBusy())
        {
            var rest = RestPerTurn * took;
            await Task.Delay(rest < LongestRest ? rest : LongestRest, time);
        }

        _free.Release();
    }

    /// <summary>
    /// A turn, until it is disposed of. The rest that follows it is nobody's wait but the next one's.
    /// </summary>
    internal sealed class Turn(Turns turns, long since) : IDisposable
    {
        private bool _ended;

        /// <summary>How long it has lasted.</summary>
        public TimeSpan Took => turns.Time.GetElapsedTime(since);

        public void Dispose()
        {
            if (!_ended)
            {
                _ended = true;
                _ = turns.EndAsync(Took);
            }
        }
    }

    private TimeProvider Time => time;
}
