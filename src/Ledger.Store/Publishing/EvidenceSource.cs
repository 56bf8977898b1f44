using Ledger.Integrity;
using Ledger.Integrity.Merkle;
using Ledger.Store.Reading;
using Ledger.Store.Schema;

namespace Ledger.Store.Publishing;

/// <summary>An event with everything that proves it.</summary>
/// <param name="Position">Where it stands.</param>
/// <param name="Entry">Its entry, as it was hashed.</param>
/// <param name="Salt">The salt of its content hash.</param>
/// <param name="Content">Its content, as it was hashed.</param>
/// <param name="Path">Its inclusion proof, leaf to root.</param>
public sealed record ProvableEvent(
    long Position,
    string Entry,
    byte[] Salt,
    byte[] Content,
    IReadOnlyList<Hash256> Path
);

/// <summary>Events with what proves them, from the database.</summary>
public static class EvidenceSource
{
    /// <summary>The events at these positions, proved in the tree of a size; not proved where none is given.</summary>
    public static async Task<IReadOnlyList<ProvableEvent>> EventsAsync(
        LedgerDatabase database,
        IReadOnlyList<long> positions,
        long? size,
        CancellationToken cancel
    )
    {
        await using var select = database.Source.CreateCommand(
            $"""
            select {TileSource.EntryColumns}, l.salt, e.bdata
            from ledger.ledger_leaf l join ledger.mt_events e on e.seq_id = l.seq_id
            where l.position = any($1) order by l.position
            """
        );
        select.Parameters.Add(new() { Value = positions.ToArray() });
        var found = await select.RowsAsync(
            r =>
                (Entry: TileSource.ReadEntry(r), Salt: r.GetFieldValue<byte[]>(7), Content: r.GetFieldValue<byte[]>(8)),
            cancel
        );
        var paths = size is { } tree
            ? await database.Source.ProveAllAsync(
                found.ConvertAll(f => ProofPlan.Inclusion(f.Entry.Position, tree)),
                cancel
            )
            : found.ConvertAll(_ => (IReadOnlyList<Hash256>)[]);
        return
        [
            .. found.Zip(
                paths,
                (f, path) =>
                    new ProvableEvent(
                        f.Entry.Position,
                        System.Text.Encoding.UTF8.GetString(f.Entry.Encode()),
                        f.Salt,
                        f.Content,
                        path
                    )
            ),
        ];
    }
}
