using Grpc.Core;

namespace Ledger.Service.Hosting;

/// <summary>
/// Writes a stream a turn at a time: what makes the next answers holds a turn, and a reader who is slow holds none.
/// </summary>
internal sealed class TurnTakingWriter<T>(
    IServerStreamWriter<T> inner,
    Turns turns,
    TimeProvider time,
    ServerCallContext call
) : IServerStreamWriter<T>, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan TurnLength = TimeSpan.FromMilliseconds(20);

    private Turns.Turn? _turn;

    public WriteOptions? WriteOptions
    {
        get => inner.WriteOptions;
        set => inner.WriteOptions = value;
    }

    /// <summary>Takes the first turn.</summary>
    public async Task BeginAsync() => _turn = await turns.TakeAsync(call.CancellationToken);

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public async Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        var written = inner.WriteAsync(message, cancellationToken);
        if (written.IsCompletedSuccessfully && _turn?.Took < TurnLength)
        {
            return;
        }

        _turn?.Dispose();
        await TakenAsync(written);
        await BeginAsync();
    }

    public void Dispose() => _turn?.Dispose();

    // Who does not read keeps a place from those who would.
    private async Task TakenAsync(Task written)
    {
        try
        {
            await written.WaitAsync(Patience, time, call.CancellationToken);
        }
        catch (TimeoutException e)
        {
            call.GetHttpContext().Abort();
            throw new OperationCanceledException("The answer was not read for a minute.", e);
        }
    }
}
