using Ledger.Integrity.Checkpoints;
using Ledger.Store.Reading;
using Ledger.Store.Schema;
using Npgsql;

namespace Ledger.Store.Publishing;

/// <summary>Keeps what anchors outside said about checkpoints.</summary>
public static class AnchorStore
{
    /// <summary>Keeps a proof. What the same anchor said about the same size before stays.</summary>
    public static async Task KeepAsync(LedgerDatabase database, AnchorProof proof, CancellationToken cancel)
    {
        await using var insert = database.Source.CreateCommand(
            "insert into ledger.ledger_anchor (size, kind, name, proof) values ($1, $2, $3, $4) on conflict do nothing"
        );
        insert.Parameters.Add(new() { Value = proof.Size });
        insert.Parameters.Add(new() { Value = (short)proof.Kind });
        insert.Parameters.Add(new() { Value = proof.Name });
        insert.Parameters.Add(new() { Value = proof.Proof });
        await insert.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>The last that an anchor said, and when it was kept by the database's clock; null for nothing.</summary>
    public static async Task<(AnchorProof Proof, DateTimeOffset At)?> LastAsync(
        LedgerDatabase database,
        AnchorKind kind,
        string name,
        CancellationToken cancel
    )
    {
        await using var select = database.Source.CreateCommand(
            "select size, kind, name, proof, made_at from ledger.ledger_anchor where kind = $1 and name = $2 "
                + "order by size desc limit 1"
        );
        select.Parameters.Add(new() { Value = (short)kind });
        select.Parameters.Add(new() { Value = name });
        return await select.RowsAsync(Read, cancel) is [var last] ? last : null;
    }

    /// <summary>
    /// The first of a kind about a checkpoint that covers a position and is no longer than a size; null for none.
    /// </summary>
    public static async Task<AnchorProof?> FirstCoveringAsync(
        LedgerDatabase database,
        AnchorKind kind,
        long position,
        long size,
        CancellationToken cancel
    )
    {
        await using var select = database.Source.CreateCommand(
            "select size, kind, name, proof, made_at from ledger.ledger_anchor where kind = $1 and size > $2 and "
                + "size <= $3 order by size limit 1"
        );
        select.Parameters.Add(new() { Value = (short)kind });
        select.Parameters.Add(new() { Value = position });
        select.Parameters.Add(new() { Value = size });
        return await select.RowsAsync(Read, cancel) is [var first] ? first.Proof : null;
    }

    /// <summary>The proofs of a kind, by size.</summary>
    public static async Task<List<AnchorProof>> AllAsync(
        LedgerDatabase database,
        AnchorKind kind,
        CancellationToken cancel
    )
    {
        await using var select = database.Source.CreateCommand(
            "select size, kind, name, proof, made_at from ledger.ledger_anchor where kind = $1 order by size, name"
        );
        select.Parameters.Add(new() { Value = (short)kind });
        return (await select.RowsAsync(Read, cancel)).ConvertAll(p => p.Proof);
    }

    private static (AnchorProof Proof, DateTimeOffset At) Read(NpgsqlDataReader reader) =>
        (
            new AnchorProof(
                reader.GetInt64(0),
                (AnchorKind)reader.GetInt16(1),
                reader.GetString(2),
                reader.GetFieldValue<byte[]>(3)
            ),
            reader.Instant(4)
        );
}
