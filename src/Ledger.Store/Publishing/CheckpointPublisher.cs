using Ledger.Integrity;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Merkle;
using Ledger.Store.Schema;

namespace Ledger.Store.Publishing;

/// <summary>Publishes what was recorded: full tiles first, then a signed checkpoint that covers them.</summary>
/// <param name="database">The ledger's database.</param>
/// <param name="signer">The ledger's keys.</param>
/// <param name="memory">What the signer remembers.</param>
/// <param name="writer">The right edge of the tree as this node's writer left it; null where it writes nothing.</param>
public sealed class CheckpointPublisher(
    LedgerDatabase database,
    LedgerSigner signer,
    SignerMemory memory,
    Func<Frontier>? writer = null
)
{
    private readonly TileWriter _tiles = new(database);

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
    /// <returns>The latest checkpoint, as a signed note; null when the log is empty.</returns>
    /// <exception cref="LedgerStateException">
    /// What is stored disagrees with itself, or does not continue what was
    /// signed: nothing is signed.
    /// </exception>
    public async Task<string?> PublishAsync(CancellationToken cancel)
    {
        // What this node wrote first, then the size: the tiles cover at least that, however fast the log grows.
        var mine = writer?.Invoke();
        var size = await SizeAsync(cancel);
        await _tiles.WriteAsync(size, cancel);
        var latest = await LatestAsync(database, cancel);
        var last = latest is null ? null : Open(latest);
        if (size == 0 || last?.Size >= size)
        {
            return latest;
        }

        size = mine?.Size > (last?.Size ?? 0) && mine.Size <= size ? mine.Size : size;
        var root = await AgreedRootAsync(mine, last?.Size ?? 0, size, cancel);
        await RequireContinuationAsync(last, cancel);
        using (await memory.HoldAsync(cancel))
        {
            // Another process may have signed more in the meantime, or one may have ended between signing and
            // publishing.
            return await RememberedAsync(cancel) is var (signed, note) && signed.Size >= size
                ? await InsertAsync(signed.Size, note)
                : await SignAsync(new Checkpoint(signer.Keys.Name, size, root));
        }
    }

    /// <summary>
    /// Refuses a database whose leaves, events and last checkpoint disagree, that is not this key's ledger, or that
    /// does not continue what the key has signed.
    /// </summary>
    /// <exception cref="LedgerStateException">The message says what disagrees.</exception>
    public async Task RequireSoundAsync(CancellationToken cancel)
    {
        await _tiles.WriteAsync(await SizeAsync(cancel), cancel);
        await RequireAgreementAsync(cancel);
        await RequireRememberedAsync(cancel);
        await RememberPublishedAsync(cancel);
    }

    /// <summary>
    /// Refuses a database whose leaves, events and last checkpoint disagree, or that is not this key's ledger. Changes
    /// nothing.
    /// </summary>
    /// <exception cref="LedgerStateException">The message says what disagrees.</exception>
    public async Task RequireAgreementAsync(CancellationToken cancel)
    {
        // The checkpoint first: another node may publish while this one looks, and the log may only be longer than
        // that.
        var note = await LatestAsync(database, cancel);
        var size = await SizeAsync(cancel);
        var origin = await database.OriginAsync(cancel);
        if (origin != signer.Keys.Name)
        {
            throw new LedgerStateException(
                $"The database holds the ledger '{origin}', the key is of '{signer.Keys.Name}'."
            );
        }

        var checkpoint = note is null ? null : Open(note);
        if (checkpoint?.Size > size)
        {
            throw new LedgerStateException(
                $"A checkpoint of {checkpoint.Size} entries was published, and only {size} are there: "
                    + "the log was truncated."
            );
        }

        await RequireContinuationAsync(checkpoint, cancel);
        await TailCheck.RequireAsync(database, checkpoint?.Size ?? 0, size, cancel);
    }

    /// <summary>
    /// Refuses a log that does not continue the last checkpoint that this key signed: a restored copy.
    /// </summary>
    /// <exception cref="RestoredCopyException">It does not.</exception>
    public async Task RequireRememberedAsync(CancellationToken cancel)
    {
        using (await memory.HoldAsync(cancel))
        {
            await RememberedAsync(cancel);
        }
    }

    // A signer that lost its memory remembers what was published; one whose memory is of a backup, too.
    private async Task RememberPublishedAsync(CancellationToken cancel)
    {
        using (await memory.HoldAsync(cancel))
        {
            if (
                await LatestAsync(database, cancel) is { } note
                && Open(note).Size > (memory.Recall(signer.Keys)?.Checkpoint.Size ?? 0)
            )
            {
                memory.Keep(signer.Keys.Alone(SignedNote.Parse(note)).ToString());
            }
        }
    }

    /// <summary>
    /// Signs the log as it is, though it does not continue what was signed before: the adoption of a restored copy,
    /// which is recorded in the log first.
    /// </summary>
    public async Task<string> AdoptAsync(CancellationToken cancel)
    {
        var size = await SizeAsync(cancel);
        await _tiles.WriteAsync(size, cancel);
        var root = await AgreedRootAsync(null, 0, size, cancel);
        using (await memory.HoldAsync(cancel))
        {
            return await SignAsync(new Checkpoint(signer.Keys.Name, size, root));
        }
    }

    // The leaves that are stored and what this node wrote are two witnesses of one tree: sign only what both say. What
    // other nodes wrote is recomputed from its events.
    private async Task<Hash256> AgreedRootAsync(Frontier? mine, long from, long size, CancellationToken cancel)
    {
        var root = await database.Source.RootAsync(size, cancel);
        if (mine?.Size != size)
        {
            await TailCheck.RequireAsync(database, from, size, cancel);
        }
        else if (mine.Root() != root)
        {
            throw new LedgerStateException($"The stored leaves do not give the root of the head at size {size}.");
        }

        return root;
    }

    private async Task RequireContinuationAsync(Checkpoint? last, CancellationToken cancel)
    {
        if (last is not null && await database.Source.RootAsync(last.Size, cancel) != last.Root)
        {
            throw new LedgerStateException(
                $"The stored leaves do not give the root of the checkpoint published at size {last.Size}."
            );
        }
    }

    // What was signed last, which the log must continue. It may have grown since its size was read.
    private async Task<(Checkpoint Checkpoint, string Note)?> RememberedAsync(CancellationToken cancel)
    {
        signer.Refresh();
        if (memory.Recall(signer.Keys) is not var (signed, note))
        {
            return null;
        }

        var size = await SizeAsync(cancel);
        return signed.Size <= size && await database.Source.RootAsync(signed.Size, cancel) == signed.Root
            ? (signed, note)
            : throw new RestoredCopyException(signed, size);
    }

    private async Task<string> SignAsync(Checkpoint checkpoint)
    {
        signer.Refresh();
        var note = signer.Sign(checkpoint).ToString();
        signer.Keys.Open(note);
        memory.Keep(note);
        return await InsertAsync(checkpoint.Size, note);
    }

    // Not to be cancelled: what was signed is published.
    private async Task<string> InsertAsync(long size, string note)
    {
        await using var insert = database.Source.CreateCommand(
            "insert into ledger.ledger_checkpoint (size, note) values ($1, $2) on conflict (size) do nothing"
        );
        insert.Parameters.Add(new() { Value = size });
        insert.Parameters.Add(new() { Value = note });
        await insert.ExecuteNonQueryAsync(CancellationToken.None);
        return note;
    }

    private Checkpoint Open(string note)
    {
        try
        {
            return signer.Open(note);
        }
        catch (FormatException e)
        {
            throw new LedgerStateException($"The last published checkpoint does not open with this key: {e.Message}");
        }
    }

    private async Task<long> SizeAsync(CancellationToken cancel)
    {
        await using var select = database.Source.CreateCommand("select ledger.last_position() + 1");
        return (long)(await select.ExecuteScalarAsync(cancel))!;
    }
}
