using Ledger.Integrity;
using Ledger.Integrity.Merkle;
using Ledger.Integrity.Tiles;
using Npgsql;

namespace Ledger.Store.Publishing;

/// <summary>Reads nodes of the tree: roots of full tiles where they exist, and leaves below.</summary>
public static class TreeReader
{
    /// <summary>The proof that a plan asks for.</summary>
    /// <exception cref="Schema.LedgerStateException">A leaf or a tile that the tree has is not in the database.</exception>
    public static async Task<IReadOnlyList<Hash256>> ProveAsync(this NpgsqlDataSource source, ProofPlan plan, CancellationToken cancel)
    {
        var hashes = new List<Hash256>(plan.Nodes.Count);
        foreach (var node in plan.Nodes)
        {
            hashes.Add(await NodeAsync(source, node, cancel));
        }

        return plan.Resolve(hashes);
    }

    /// <summary>The root of the first <paramref name="size"/> entries.</summary>
    public static async Task<Hash256> RootAsync(this NpgsqlDataSource source, long size, CancellationToken cancel) =>
        (await source.ProveAsync(ProofPlan.Root(size), cancel))[0];

    /// <summary>The leaf hash at a position.</summary>
    /// <exception cref="Schema.LedgerStateException">It is not there.</exception>
    public static async Task<Hash256> LeafAsync(this NpgsqlDataSource source, long position, CancellationToken cancel) =>
        (await LeavesAsync(source, position, 1, cancel))[0];

    /// <summary>The leaf hashes from one position on.</summary>
    internal static Task<List<Hash256>> LeavesAsync(NpgsqlDataSource source, long first, long count, CancellationToken cancel) =>
        HashesAsync(source, "select leaf_hash from ledger.ledger_leaf where position >= $1 and position < $2 order by position", first, count, null, cancel);

    /// <summary>The roots of full tiles of a level.</summary>
    internal static Task<List<Hash256>> TileRootsAsync(NpgsqlDataSource source, int level, long first, long count, CancellationToken cancel) =>
        HashesAsync(source, "select root from ledger.ledger_tile where index >= $1 and index < $2 and level = $3 order by index", first, count, level, cancel);

    private static async Task<Hash256> NodeAsync(NpgsqlDataSource source, TreeNode node, CancellationToken cancel)
    {
        // A node stands on 2^n hashes of the nearest tile level below it.
        var tileLevel = node.Level / TilePath.Height;
        var span = node.Level % TilePath.Height;
        var (first, count) = (node.Index << span, 1L << span);
        var hashes = tileLevel == 0
            ? await LeavesAsync(source, first, count, cancel)
            : await TileRootsAsync(source, tileLevel - 1, first, count, cancel);
        return Frontier.RootOf(hashes);
    }

    private static async Task<List<Hash256>> HashesAsync(
        NpgsqlDataSource source, string sql, long first, long count, int? level, CancellationToken cancel)
    {
        await using var select = source.CreateCommand(sql);
        select.Parameters.Add(new() { Value = first });
        select.Parameters.Add(new() { Value = first + count });
        if (level is { } l)
        {
            select.Parameters.Add(new() { Value = l });
        }

        var hashes = new List<Hash256>();
        await using var reader = await select.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            hashes.Add(new Hash256(reader.GetFieldValue<byte[]>(0)));
        }

        return hashes.Count == count
            ? hashes
            : throw new Schema.LedgerStateException($"The tree lacks hashes: {count} from {first} on are asked for, {hashes.Count} are there.");
    }
}
