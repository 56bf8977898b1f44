using Ledger.Domain.Knowing;
using Ledger.Store.Appending;
using Ledger.Store.Schema;

namespace Ledger.Store.Knowing;

/// <summary>
/// What this node knows: one immutable value, replaced by a later one after the commit that made it. It is read without
/// a lock, by the writer, the questions and the rules alike. What another node recorded is read from the log when
/// somebody needs it; what the log no longer says, after a failover that lost commits, is forgotten.
/// </summary>
public sealed class Replica(LedgerDatabase database) : IDisposable
{
    private readonly SemaphoreSlim _reading = new(1);
    private readonly PastViews _pasts = new();
    private KnownTo _known = KnownTo.Nothing;

    /// <summary>What is known now.</summary>
    public Knowledge Known => Now.Known;

    internal KnownTo Now => Volatile.Read(ref _known);

    /// <summary>What was known at a position: a view, remembered for the next who asks.</summary>
    public Knowledge AsKnownAt(Knowledge known, long position) => _pasts.Of(known, position);

    /// <inheritdoc/>
    public void Dispose() => _reading.Dispose();

    /// <summary>Publishes a later value. An earlier one changes nothing.</summary>
    internal void Publish(KnownTo later)
    {
        var known = Now;
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

    /// <summary>What is known, with everything that a log with this end says.</summary>
    /// <exception cref="LedgerStateException">The log does not hold all the facts that it says it does.</exception>
    internal async Task<Knowledge> AtLeastAsync(LastLeafRow last, CancellationToken cancel)
    {
        if (Now is var now && now.IsAllOf(last))
        {
            return now.Known;
        }

        // One at a time, so that whoever reads takes one of the writers' connections at most.
        await _reading.WaitAsync(cancel);
        try
        {
            return await CatchUpAsync(last, cancel);
        }
        finally
        {
            _reading.Release();
        }
    }

    private async Task<Knowledge> CatchUpAsync(LastLeafRow last, CancellationToken cancel)
    {
        var now = Now;
        if (now.Position > last.GovernancePosition)
        {
            // A batch may have committed since; a value is published only after its commit, so this end is its own.
            last = await LastLeafRow.ReadAsync(database.Writing, cancel);
        }

        if (now.IsAllOf(last))
        {
            return now.Known;
        }

        await using var connection = await database.Writing.OpenConnectionAsync(cancel);
        var reader = new FactReader(connection, null);
        if (now.Position > last.GovernancePosition || !await reader.SaysAsync(now, cancel))
        {
            Volatile.Write(ref _known, now = KnownTo.Nothing);
            _pasts.Clear();
        }

        Publish((await reader.CatchUpAsync(now, last, null, cancel))!);
        return Known;
    }
}
