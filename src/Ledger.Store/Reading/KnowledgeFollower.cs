using Ledger.Domain.Common;
using Ledger.Store.Schema;

namespace Ledger.Store.Reading;

/// <summary>
/// What is known, kept in memory and brought up to date before each question; and, for questions about the past, what
/// was known
/// then. Questions take turns: each needs it for a few milliseconds.
/// </summary>
internal sealed class KnowledgeFollower(LedgerDatabase database) : IDisposable
{
    private const int MostPasts = 8;

    private readonly SemaphoreSlim _turn = new(1);
    private readonly Dictionary<long, Knowledge> _pasts = [];
    private readonly Queue<long> _order = new();
    private Knowledge _known = new();

    /// <summary>Computes on what was known at a position.</summary>
    public async Task<T> AskAsync<T>(long known, Func<Knowledge, T> compute, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            await CatchUpAsync(cancel);
            return compute(AsKnownAt(known));
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async Task CatchUpAsync(CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await using var head = connection.CreateCommand();
        head.CommandText = "select governance_position from ledger.ledger_head";
        var last = (long)(await head.ExecuteScalarAsync(cancel))!;
        try
        {
            await _known.CatchUpAsync(connection, null, last, cancel);
        }
        catch
        {
            // Half of it may have been learnt.
            _known = new Knowledge();
            throw;
        }
    }

    private Knowledge AsKnownAt(long position)
    {
        if (position >= _known.Position)
        {
            return _known;
        }

        // Many positions know the same: that of the last fact before them stands for all.
        var last = _known.LastAt(position);
        if (!_pasts.TryGetValue(last, out var past))
        {
            if (_order.Count == MostPasts)
            {
                _pasts.Remove(_order.Dequeue());
            }

            _pasts[last] = past = _known.AsKnownAt(last);
            _order.Enqueue(last);
        }

        return past;
    }
}
