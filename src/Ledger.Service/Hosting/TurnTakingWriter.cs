using Grpc.Core;

namespace Ledger.Service.Hosting;

/// <summary>
/// Writes a stream a turn at a time: what makes the next answers holds a turn, and a reader who is slow holds none.
/// </summary>
internal sealed class TurnTakingWriter<T>(IServerStreamWriter<T> inner, Turns turns, CancellationToken cancel)
    : IServerStreamWriter<T>,
        IDisposable
{
    private static readonly TimeSpan TurnLength = TimeSpan.FromMilliseconds(20);

    private Turns.Turn? _turn;

    public WriteOptions? WriteOptions
    {
        get => inner.WriteOptions;
        set => inner.WriteOptions = value;
    }

    /// <summary>Takes the first turn.</summary>
    public async Task BeginAsync() => _turn = await turns.TakeAsync(cancel);

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public async Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        var written = inner.WriteAsync(message, cancellationToken);
        if (written.IsCompletedSuccessfully && _turn?.Took < TurnLength)
        {
            return;
        }

        _turn?.Dispose();
        await written;
        await BeginAsync();
    }

    public void Dispose() => _turn?.Dispose();
}
