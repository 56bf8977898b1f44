using Ledger.Domain.Knowing;
using Ledger.Store.Schema;

namespace Ledger.Store.Knowing;

/// <summary>
/// What this node knows: one immutable value, replaced by a later one after the commit that made it. It is read without
/// a lock, by the writer, the questions and the rules alike. What another node recorded is read from the log when
/// somebody needs it.
/// </summary>
public sealed class Replica(LedgerDatabase database) : IDisposable
{
    private const int MostPasts = 16;

    private readonly SemaphoreSlim _reading = new(1);
    private readonly Lock _pasts = new();
    private readonly LinkedList<(long At, Knowledge Known)> _views = new();
    private Knowledge _known = Knowledge.None;

    /// <summary>What is known now.</summary>
    public Knowledge Known => Volatile.Read(ref _known);

    /// <summary>Publishes a later value. An earlier one changes nothing.</summary>
    public void Publish(Knowledge later)
    {
        var known = Known;
        while (later.Position > known.Position)
        {
            var found = Interlocked.CompareExchange(ref _known, later, known);
            if (ReferenceEquals(found, known))
            {
                return;
            }

            known = found;
        }
    }

    /// <summary>What is known, with everything up to a position that bears on rights.</summary>
    public async Task<Knowledge> AtLeastAsync(long governancePosition, CancellationToken cancel)
    {
        if (Known.Position >= governancePosition)
        {
            return Known;
        }

        await _reading.WaitAsync(cancel);
        try
        {
            if (Known.Position < governancePosition)
            {
                await using var connection = await database.Source.OpenConnectionAsync(cancel);
                Publish((await FactReader.CatchUpAsync(Known, connection, null, governancePosition, null, cancel))!);
            }

            return Known;
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>What was known at a position: a view, remembered for the next who asks.</summary>
    public Knowledge AsKnownAt(Knowledge known, long position)
    {
        if (position >= known.Position)
        {
            return known;
        }

        // Many positions give the same knowledge: that of the last fact before them stands for all.
        var last = known.LastAt(position);
        lock (_pasts)
        {
            for (var node = _views.First; node is not null; node = node.Next)
            {
                if (node.Value.At == last)
                {
                    _views.Remove(node);
                    _views.AddFirst(node);
                    return node.Value.Known;
                }
            }

            var view = known.AsKnownAt(last);
            _views.AddFirst((last, view));
            if (_views.Count > MostPasts)
            {
                _views.RemoveLast();
            }

            return view;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _reading.Dispose();
}
