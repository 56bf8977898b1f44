using Ledger.Integrity;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Merkle;
using Ledger.Integrity.Tiles;
using Ledger.Store.Schema;

namespace Ledger.Store.Publishing;

/// <summary>Publishes what was recorded: full tiles first, then a signed checkpoint that covers them.</summary>
public sealed class CheckpointPublisher(LedgerDatabase database, NoteSigner signer)
{
    /// <summary>
    /// The last published checkpoint, as a signed note, with the cosignatures collected so far; null before the first.
    /// </summary>
    public static async Task<string?> LatestAsync(LedgerDatabase database, CancellationToken cancel)
    {
        await using var select = database.Source.CreateCommand(
            "select note from ledger.cosigned_checkpoint order by size desc limit 1"
        );
        return (string?)await select.ExecuteScalarAsync(cancel);
    }

    /// <summary>The last checkpoint of at most so many entries, and the first of at least so many.</summary>
    public static async Task<((string Note, long Size)? Before, (string Note, long Size)? After)> AroundAsync(
        LedgerDatabase database,
        long before,
        long after,
        CancellationToken cancel
    )
    {
        return (
            await OneAsync(
                "select note, size from ledger.cosigned_checkpoint where size <= $1 order by size desc limit 1",
                before
            ),
            await OneAsync(
                "select note, size from ledger.cosigned_checkpoint where size >= $1 order by size limit 1",
                after
            )
        );

        async Task<(string, long)?> OneAsync(string sql, long size)
        {
            await using var select = database.Source.CreateCommand(sql);
            select.Parameters.Add(new() { Value = size });
            await using var reader = await select.ExecuteReaderAsync(cancel);
            return await reader.ReadAsync(cancel) ? (reader.GetString(0), reader.GetInt64(1)) : null;
        }
    }

    /// <summary>
    /// Publishes a checkpoint of the log as it is, if it has grown since the last. Any number of processes may do so.
    /// </summary>
    /// <returns>The latest checkpoint, or null when the log is empty.</returns>
    /// <exception cref="LedgerStateException">
    /// What is stored disagrees with the last checkpoint: nothing is signed.
    /// </exception>
    public async Task<Checkpoint?> PublishAsync(CancellationToken cancel)
    {
        // The head first: the tiles then cover at least what it says, however fast the log grows.
        var (size, frontier, origin) = await HeadAsync(cancel);
        await WriteTilesAsync(cancel);
        var last = await LatestAsync(database, cancel) is { } note ? Checkpoint.Open(note, signer.Verifier) : null;
        if (size == 0 || last?.Size >= size)
        {
            return last;
        }

        // The head's frontier and the stored leaves are two witnesses of one tree: sign only what both say, and only
        // what
        // continues what was signed before.
        var root = frontier.Root();
        if (await database.Source.RootAsync(size, cancel) != root)
        {
            throw new LedgerStateException($"The stored leaves do not give the root of the head at size {size}.");
        }

        if (last is not null && await database.Source.RootAsync(last.Size, cancel) != last.Root)
        {
            throw new LedgerStateException(
                $"The stored leaves do not give the root of the checkpoint published at size {last.Size}."
            );
        }

        var checkpoint = new Checkpoint(origin, size, root);
        await using var insert = database.Source.CreateCommand(
            "insert into ledger.ledger_checkpoint (size, note) values ($1, $2) on conflict (size) do nothing"
        );
        insert.Parameters.Add(new() { Value = size });
        insert.Parameters.Add(new() { Value = SignedNote.Sign(checkpoint.ToBody(), signer).ToString() });
        await insert.ExecuteNonQueryAsync(cancel);
        return checkpoint;
    }

    /// <summary>
    /// Refuses a database whose head, leaves and last checkpoint disagree, or that is not this key's ledger.
    /// </summary>
    /// <exception cref="LedgerStateException">The message says what disagrees.</exception>
    public async Task RequireSoundAsync(CancellationToken cancel)
    {
        // The checkpoint first: another node may publish while this one looks, and the log may only be longer than what
        // was published.
        var note = await LatestAsync(database, cancel);
        var (size, frontier, origin) = await HeadAsync(cancel);
        if (origin != signer.Verifier.Name)
        {
            throw new LedgerStateException(
                $"The database holds the ledger '{origin}', the key is of '{signer.Verifier.Name}'."
            );
        }

        await using var last = database.Source.CreateCommand(
            """
            select h.last_leaf = coalesce((select leaf_hash from ledger.ledger_leaf where position = h.size - 1), decode(repeat('00', 32), 'hex')),
                   coalesce((select max(position) from ledger.ledger_leaf), -1) + 1 = h.size
            from ledger.ledger_head h
            """
        );
        await using (var reader = await last.ExecuteReaderAsync(cancel))
        {
            await reader.ReadAsync(cancel);
            if (!reader.GetBoolean(1))
            {
                throw new LedgerStateException($"The head says {size} entries, and the leaves say otherwise.");
            }

            if (!reader.GetBoolean(0))
            {
                throw new LedgerStateException("The last leaf is not the one that the head names.");
            }
        }

        await WriteTilesAsync(cancel);
        if (await database.Source.RootAsync(size, cancel) != frontier.Root())
        {
            throw new LedgerStateException($"The stored leaves do not give the root of the head at size {size}.");
        }

        if (note is null)
        {
            return;
        }

        var checkpoint = Open(note);
        if (checkpoint.Size > size)
        {
            throw new LedgerStateException(
                $"A checkpoint of {checkpoint.Size} entries was published, and only {size} are there: the log was "
                    + $"truncated."
            );
        }

        if (await database.Source.RootAsync(checkpoint.Size, cancel) != checkpoint.Root)
        {
            throw new LedgerStateException(
                $"The stored leaves do not give the root of the checkpoint published at size {checkpoint.Size}."
            );
        }
    }

    private Checkpoint Open(string note)
    {
        try
        {
            return Checkpoint.Open(note, signer.Verifier);
        }
        catch (FormatException e)
        {
            throw new LedgerStateException($"The last published checkpoint does not open with this key: {e.Message}");
        }
    }

    private async Task<(long Size, Frontier Frontier, string Origin)> HeadAsync(CancellationToken cancel)
    {
        await using var select = database.Source.CreateCommand("select size, frontier, origin from ledger.ledger_head");
        await using var reader = await select.ExecuteReaderAsync(cancel);
        if (!await reader.ReadAsync(cancel))
        {
            throw new LedgerStateException("The head of the log is missing.");
        }

        var size = reader.GetInt64(0);
        try
        {
            return (size, Frontier.Parse(size, reader.GetFieldValue<byte[]>(1)), reader.GetString(2));
        }
        catch (ArgumentException e)
        {
            throw new LedgerStateException($"The head's frontier is not that of {size} entries: {e.Message}");
        }
    }

    private async Task WriteTilesAsync(CancellationToken cancel)
    {
        var (size, firstMissing) = await TilesAsync(cancel);
        for (var index = firstMissing; (index + 1) * TilePath.Width <= size; index++)
        {
            await WriteTileAsync(
                0,
                index,
                await TreeReader.LeavesAsync(database.Source, index * TilePath.Width, TilePath.Width, cancel),
                cancel
            );
            var (level, above) = (1, index);
            while ((above + 1) % TilePath.Width == 0)
            {
                above /= TilePath.Width;
                var roots = await TreeReader.TileRootsAsync(
                    database.Source,
                    level - 1,
                    above * TilePath.Width,
                    TilePath.Width,
                    cancel
                );
                await WriteTileAsync(level++, above, roots, cancel);
            }
        }
    }

    private async Task<(long Size, long FirstMissing)> TilesAsync(CancellationToken cancel)
    {
        await using var state = database.Source.CreateCommand(
            "select h.size, (select coalesce(max(index), -1) + 1 from ledger.ledger_tile where level = 0) from "
                + "ledger.ledger_head h"
        );
        await using var reader = await state.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    private async Task WriteTileAsync(int level, long index, List<Hash256> hashes, CancellationToken cancel)
    {
        await using var insert = database.Source.CreateCommand(
            "insert into ledger.ledger_tile (level, index, hashes, root) values ($1, $2, $3, $4) on conflict do nothing"
        );
        insert.Parameters.Add(new() { Value = level });
        insert.Parameters.Add(new() { Value = index });
        insert.Parameters.Add(new() { Value = hashes.SelectMany(h => h.ToArray()).ToArray() });
        insert.Parameters.Add(new() { Value = Frontier.RootOf(hashes).ToArray() });
        await insert.ExecuteNonQueryAsync(cancel);
    }
}
