using Ledger.Integrity.Checkpoints;
using Ledger.Store.Publishing;
using Ledger.Store.Schema;

namespace Ledger.Service.Hosting;

/// <summary>
/// The last published checkpoint, this node's or another's. However many wait for the next one, the database is asked
/// once for all of them, and each signature is checked once.
/// </summary>
internal sealed class PublishedCheckpoint(LedgerDatabase database, LedgerSigner signer, TimeProvider time)
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private (string Note, Checkpoint Checkpoint)? _latest;
    private Task? _looking;

    /// <summary>The first that is seen to cover a position.</summary>
    /// <param name="position">The position.</param>
    /// <param name="unsound">Why nothing is signed any more; null while it is.</param>
    /// <param name="cancel">Stops waiting.</param>
    /// <exception cref="LedgerStateException">Nothing is signed any more.</exception>
    public async Task<(string Note, Checkpoint Checkpoint)> CoveringAsync(
        long position,
        Func<string?> unsound,
        CancellationToken cancel
    )
    {
        for (var wait = TimeSpan.Zero; ; wait = Glance)
        {
            // Also where the last one seen covers it: it may bear more cosignatures by now.
            await LookAsync(wait).WaitAsync(cancel);
            if (_latest is { } latest && latest.Checkpoint.Size > position)
            {
                return latest;
            }

            if (unsound() is { } why)
            {
                throw new LedgerStateException($"It is recorded, and nothing is signed: {why}");
            }
        }
    }

    // Whoever comes while somebody looks waits for the same look.
    private Task LookAsync(TimeSpan wait)
    {
        lock (_gate)
        {
            return _looking is { IsCompleted: false } looking ? looking : _looking = ReadAsync(wait);
        }
    }

    private async Task ReadAsync(TimeSpan wait)
    {
        await Task.Delay(wait, time);
        if (
            await CheckpointPublisher.LatestAsync(database, CancellationToken.None) is { } note
            && note != _latest?.Note
        )
        {
            _latest = (note, signer.Open(note));
        }
    }
}
