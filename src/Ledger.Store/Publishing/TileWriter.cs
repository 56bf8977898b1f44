using Ledger.Integrity.Merkle;
using Ledger.Integrity.Tiles;
using Ledger.Store.Schema;

namespace Ledger.Store.Publishing;

/// <summary>
/// Writes full tiles, of every level, from the first that is missing: those that another process left out, because it
/// ended between two of them, too.
/// </summary>
internal sealed class TileWriter(LedgerDatabase database)
{
    // The first tile of each level that is not known to be there.
    private readonly Dictionary<int, long> _next = [];

    /// <summary>Writes the tiles that a log of this size fills.</summary>
    public async Task WriteAsync(long size, CancellationToken cancel)
    {
        var hashes = size;
        for (var level = 0; (hashes /= TilePath.Width) > 0; level++)
        {
            if (!_next.TryGetValue(level, out var next))
            {
                next = await FirstMissingAsync(level, cancel);
            }

            for (; next < hashes; next++)
            {
                await WriteAsync(level, next, cancel);
                _next[level] = next + 1;
            }

            _next[level] = next;
        }
    }

    private async Task WriteAsync(int level, long index, CancellationToken cancel)
    {
        var hashes = await TileSource.HashesAsync(database, level, index, TilePath.Width, cancel);
        await using var insert = database.Source.CreateCommand(
            """
            insert into ledger.ledger_tile (level, index, hashes, root) values ($1, $2, $3, $4) on conflict do nothing
            """
        );
        insert.Parameters.Add(new() { Value = level });
        insert.Parameters.Add(new() { Value = index });
        insert.Parameters.Add(new() { Value = hashes.SelectMany(h => h.ToArray()).ToArray() });
        insert.Parameters.Add(new() { Value = Frontier.RootOf(hashes).ToArray() });
        await insert.ExecuteNonQueryAsync(cancel);
    }

    // Once a process: later it knows what it wrote.
    private async Task<long> FirstMissingAsync(int level, CancellationToken cancel)
    {
        await using var select = database.Source.CreateCommand(
            """
            select coalesce(min(index), 0) from (
                select 0::bigint as index
                where not exists (select 1 from ledger.ledger_tile where level = $1 and index = 0)
                union all
                select t.index + 1 from ledger.ledger_tile t where t.level = $1
                  and not exists (select 1 from ledger.ledger_tile n where n.level = $1 and n.index = t.index + 1)) gaps
            """
        );
        select.Parameters.Add(new() { Value = level });
        return (long)(await select.ExecuteScalarAsync(cancel))!;
    }
}
