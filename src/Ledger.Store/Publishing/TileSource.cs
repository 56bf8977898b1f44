using Ledger.Integrity;
using Ledger.Integrity.Entries;
using Ledger.Integrity.Tiles;
using Ledger.Store.Reading;
using Ledger.Store.Schema;
using Npgsql;

namespace Ledger.Store.Publishing;

/// <summary>The tiles and the bundles of entries, from the database.</summary>
public static class TileSource
{
    // What an entry is made from, of 'ledger_leaf l join mt_events e'.
    internal const string EntryColumns =
        "l.position, l.recorded_at, e.stream_id, e.version, e.type, l.content_hash, (select p.leaf_hash from "
        + "ledger.ledger_leaf p where p.position = l.position - 1)";

    /// <summary>The hashes of a tile: leaves at level 0, roots of full tiles above.</summary>
    /// <exception cref="LedgerStateException">Some are not there.</exception>
    public static async Task<List<Hash256>> HashesAsync(
        LedgerDatabase database,
        int level,
        long index,
        int width,
        CancellationToken cancel
    ) =>
        level == 0
            ? await TreeReader.LeavesAsync(database.Source, index * TilePath.Width, width, cancel)
            : await TreeReader.TileRootsAsync(database.Source, level - 1, index * TilePath.Width, width, cancel);

    /// <summary>The entries from one position on, as they were hashed.</summary>
    /// <exception cref="LedgerStateException">Some are not there.</exception>
    public static async Task<List<byte[]>> EntriesAsync(
        LedgerDatabase database,
        long first,
        int count,
        CancellationToken cancel
    )
    {
        await using var select = database.Source.CreateCommand(
            $"""
            select {EntryColumns}
            from ledger.ledger_leaf l join ledger.mt_events e on e.seq_id = l.seq_id
            where l.position >= $1 and l.position < $2 order by l.position
            """
        );
        select.Parameters.Add(new() { Value = first });
        select.Parameters.Add(new() { Value = first + count });
        var entries = await select.RowsAsync(r => ReadEntry(r).Encode(), cancel);
        return entries.Count == count
            ? entries
            : throw new LedgerStateException(
                $"{count} entries from position {first} on are asked for, {entries.Count} are there."
            );
    }

    internal static Entry ReadEntry(NpgsqlDataReader reader) =>
        new(
            reader.GetInt64(0),
            reader.IsDBNull(6) ? Hash256.Zero : new Hash256(reader.GetFieldValue<byte[]>(6)),
            reader.Instant(1),
            reader.GetString(2),
            reader.GetInt64(3),
            reader.GetString(4),
            new Hash256(reader.GetFieldValue<byte[]>(5))
        );
}
