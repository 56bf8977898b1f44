using Ledger.Anchors;
using Ledger.Integrity;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Merkle;
using Ledger.Service.Hosting;
using Ledger.Store.Publishing;

namespace Ledger.Service.Anchoring;

/// <summary>The node's log, as anchors see it.</summary>
internal sealed class AnchoredLog(LedgerNode node) : IAnchoredLog
{
    public async Task<(string Note, Checkpoint Checkpoint)?> LatestAsync(CancellationToken cancel) =>
        await CheckpointPublisher.LatestAsync(node.Database, cancel) is { } note
        && node.Ring.Open(note) is var checkpoint
            ? (node.Keys.Alone(SignedNote.Parse(note)).ToString(), checkpoint)
            : null;

    public Task<IReadOnlyList<Hash256>> ProveAsync(long oldSize, long newSize, CancellationToken cancel) =>
        node.Database.Source.ProveAsync(ProofPlan.Consistency(oldSize, newSize), cancel);

    public async Task<IReadOnlyList<byte[]>> EntriesAsync(long first, int count, CancellationToken cancel) =>
        await TileSource.EntriesAsync(node.Database, first, count, cancel);

    public Task KeepAsync(AnchorProof proof, CancellationToken cancel) =>
        AnchorStore.KeepAsync(node.Database, proof, cancel);

    public async Task<(long Size, DateTimeOffset At)?> LastKeptAsync(
        AnchorKind kind,
        string name,
        CancellationToken cancel
    ) => await AnchorStore.LastAsync(node.Database, kind, name, cancel) is var (proof, at) ? (proof.Size, at) : null;
}
