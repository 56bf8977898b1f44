using Ledger.Integrity;
using Ledger.Integrity.Merkle;
using Ledger.Integrity.Tiles;
using Ledger.Store.Reading;
using Npgsql;

namespace Ledger.Store.Publishing;

/// <summary>Reads nodes of the tree: roots of full tiles where they exist, and leaves below.</summary>
public static class TreeReader
{
    /// <summary>The proof that a plan asks for.</summary>
    /// <exception cref="Schema.LedgerStateException">
    /// A leaf or a tile that the tree has is not in the database.
    /// </exception>
    public static async Task<IReadOnlyList<Hash256>> ProveAsync(
        this NpgsqlDataSource source,
        ProofPlan plan,
        CancellationToken cancel
    )
    {
        var hashes = new List<Hash256>(plan.Nodes.Count);
        foreach (var node in plan.Nodes)
        {
            hashes.Add(await NodeAsync(source, node, cancel));
        }

        return plan.Resolve(hashes);
    }

    /// <summary>
    /// The proofs that many plans ask for. What they have in common is read once: a proof more costs little.
    /// </summary>
    /// <exception cref="Schema.LedgerStateException">
    /// A leaf or a tile that the tree has is not in the database.
    /// </exception>
    public static async Task<IReadOnlyList<IReadOnlyList<Hash256>>> ProveAllAsync(
        this NpgsqlDataSource source,
        IReadOnlyList<ProofPlan> plans,
        CancellationToken cancel
    )
    {
        var (tiles, nodes) = (
            new Dictionary<(int Level, long Index), List<Hash256>>(),
            new Dictionary<TreeNode, Hash256>()
        );
        foreach (var node in plans.SelectMany(p => p.Nodes).Distinct())
        {
            var (level, first, count) = Standing(node);
            var key = (level, first / TilePath.Width);
            if (!tiles.TryGetValue(key, out var tile))
            {
                tiles[key] = tile = await RangeAsync(source, level, key.Item2 * TilePath.Width, TilePath.Width, cancel);
            }

            var hashes = tile.Skip((int)(first % TilePath.Width)).Take((int)count).ToList();
            nodes[node] = hashes.Count == count ? Frontier.RootOf(hashes) : throw Lacks(first, count, hashes.Count);
        }

        return [.. plans.Select(p => p.Resolve([.. p.Nodes.Select(n => nodes[n])]))];
    }

    /// <summary>The root of the first <paramref name="size"/> entries.</summary>
    public static async Task<Hash256> RootAsync(this NpgsqlDataSource source, long size, CancellationToken cancel) =>
        (await source.ProveAsync(ProofPlan.Root(size), cancel))[0];

    /// <summary>The right edge of the tree of the first <paramref name="size"/> entries.</summary>
    public static async Task<Frontier> FrontierAsync(this NpgsqlDataSource source, long size, CancellationToken cancel)
    {
        var roots = new List<Hash256>();
        foreach (var node in ProofPlan.Root(size).Nodes)
        {
            roots.Add(await NodeAsync(source, node, cancel));
        }

        return Frontier.Restore(size, roots);
    }

    /// <summary>The leaf hash at a position.</summary>
    /// <exception cref="Schema.LedgerStateException">It is not there.</exception>
    public static async Task<Hash256> LeafAsync(
        this NpgsqlDataSource source,
        long position,
        CancellationToken cancel
    ) => (await LeavesAsync(source, position, 1, cancel))[0];

    /// <summary>The leaf hashes from one position on.</summary>
    internal static Task<List<Hash256>> LeavesAsync(
        NpgsqlDataSource source,
        long first,
        long count,
        CancellationToken cancel
    ) => HashesAsync(source, 0, first, count, cancel);

    /// <summary>The roots of full tiles of a level.</summary>
    internal static Task<List<Hash256>> TileRootsAsync(
        NpgsqlDataSource source,
        int level,
        long first,
        long count,
        CancellationToken cancel
    ) => HashesAsync(source, level + 1, first, count, cancel);

    private static async Task<Hash256> NodeAsync(NpgsqlDataSource source, TreeNode node, CancellationToken cancel)
    {
        var (level, first, count) = Standing(node);
        return Frontier.RootOf(await HashesAsync(source, level, first, count, cancel));
    }

    // A node stands on 2^n hashes of the nearest tile level below it, all in one tile.
    private static (int Level, long First, long Count) Standing(TreeNode node)
    {
        var span = node.Level % TilePath.Height;
        return (node.Level / TilePath.Height, node.Index << span, 1L << span);
    }

    private static async Task<List<Hash256>> HashesAsync(
        NpgsqlDataSource source,
        int level,
        long first,
        long count,
        CancellationToken cancel
    )
    {
        var hashes = await RangeAsync(source, level, first, count, cancel);
        if (hashes.Count == count)
        {
            return hashes;
        }

        if (level == 0)
        {
            throw Lacks(first, count, hashes.Count);
        }

        // A tile is written a moment after its leaves, perhaps by another node: until then what is below it serves.
        var made = new List<Hash256>((int)count);
        for (var index = first; index < first + count; index++)
        {
            var below = await HashesAsync(source, level - 1, index * TilePath.Width, TilePath.Width, cancel);
            made.Add(Frontier.RootOf(below));
        }

        return made;
    }

    // The hashes of a tile level that are there: leaves at level 0, roots of full tiles above.
    private static async Task<List<Hash256>> RangeAsync(
        NpgsqlDataSource source,
        int level,
        long first,
        long count,
        CancellationToken cancel
    )
    {
        await using var select = source.CreateCommand(
            level == 0
                ? "select leaf_hash from ledger.ledger_leaf where position >= $1 and position < $2 order by position"
                : "select root from ledger.ledger_tile where index >= $1 and index < $2 and level = $3 order by index"
        );
        select.Parameters.Add(new() { Value = first });
        select.Parameters.Add(new() { Value = first + count });
        if (level > 0)
        {
            select.Parameters.Add(new() { Value = level - 1 });
        }

        return await select.RowsAsync(r => new Hash256(r.GetFieldValue<byte[]>(0)), cancel);
    }

    private static Schema.LedgerStateException Lacks(long first, long count, int there) =>
        new($"The tree lacks hashes: {count} from {first} on are asked for, {there} are there.");
}
