namespace Ledger.Verify.Scanning;

/// <summary>Rows one by one, out of the chunks that they come in, with a look at the next.</summary>
internal sealed class Ahead<T>(IAsyncEnumerable<List<T>> chunks, CancellationToken cancel) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<List<T>> _chunks = chunks.GetAsyncEnumerator(cancel);
    private List<T> _chunk = [];
    private int _at;

    /// <summary>Whether <see cref="Current"/> is there without asking for another chunk.</summary>
    public bool IsThere => _at < _chunk.Count;

    /// <summary>The next row.</summary>
    public T Current => _chunk[_at];

    /// <summary>Whether there is a next row, in the next chunk if need be.</summary>
    public async ValueTask<bool> HasNextAsync()
    {
        while (!IsThere && await _chunks.MoveNextAsync())
        {
            (_chunk, _at) = (_chunks.Current, 0);
        }

        return IsThere;
    }

    /// <summary>Takes the next row.</summary>
    public void Next() => _at++;

    public ValueTask DisposeAsync() => _chunks.DisposeAsync();
}
