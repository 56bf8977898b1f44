using Ledger.Domain.Common;
using Ledger.Domain.Control;
using Ledger.Integrity.Checkpoints;
using Ledger.Store.Appending;
using Ledger.Store.Knowing;
using Ledger.Store.Schema;

namespace Ledger.Store.Publishing;

/// <summary>The adoption of a restored copy: recorded in its log first, then signed.</summary>
/// <param name="database">The copy. No service may run on it.</param>
/// <param name="signer">The ledger's key.</param>
/// <param name="memory">What the signer remembers.</param>
/// <param name="request">The id under which the act is recorded.</param>
public sealed class Adoption(LedgerDatabase database, LedgerSigner signer, SignerMemory memory, Guid request)
{
    /// <summary>Adopts.</summary>
    /// <returns>How many entries that were signed are not there, at least, and how many there are now.</returns>
    /// <exception cref="LedgerStateException">It continues what was signed: there is nothing to adopt.</exception>
    public async Task<(long Lost, long Size)> RunAsync(Actor actor, string why, CancellationToken cancel)
    {
        var publisher = new CheckpointPublisher(database, signer, memory);
        await database.RequireFitAsync(cancel);
        await publisher.RequireAgreementAsync(cancel);
        if (await NotContinuedAsync(publisher, cancel) is not { } last)
        {
            throw new LedgerStateException(
                "This database continues what its key has signed: there is nothing to adopt."
            );
        }

        // Whether the key of its time is still there is known before anything is recorded.
        var from = (await LastLeafRow.ReadAsync(database.Source, cancel)).Position + 1;
        signer.Keys.Open(signer.Sign(new Checkpoint(signer.Keys.Name, from + 1, last.Root)).ToString());
        using (var replica = new Replica(database))
        {
            await using var writer = new LedgerWriter(database, replica);
            var adopt = new AdoptRestoredLedger(from, last.Size, Convert.ToBase64String(last.Root.ToArray()), why);
            await writer.AppendAsync(AppendRequest.Of(new EventContext(actor, request), [], adopt), cancel);
        }

        await publisher.AdoptAsync(cancel);
        return (Math.Max(0, last.Size - from), from + 1);
    }

    private static async Task<Checkpoint?> NotContinuedAsync(CheckpointPublisher publisher, CancellationToken cancel)
    {
        try
        {
            await publisher.RequireRememberedAsync(cancel);
            return null;
        }
        catch (RestoredCopyException e)
        {
            return e.SignedLast;
        }
    }
}
