using Ledger.Domain;
using Ledger.Integrity;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Entries;
using Ledger.Integrity.Merkle;
using Ledger.Verify.ReadModels;
using Npgsql;

namespace Ledger.Verify.Scanning;

/// <summary>Verifies a live database over a read-only connection: every event, every leaf, every checkpoint, and what was remembered.</summary>
public sealed class DatabaseVerifier
{
    private readonly List<Finding> _findings = [];
    private readonly List<EventRow> _strays = [];
    private readonly List<Pair> _broken = [];
    private readonly List<Pair> _lonely = [];
    private readonly Diagnosis _diagnosis = new([.. EventCodec.All.Select(e => e.Name)]);
    private readonly Frontier _tree = new();
    private readonly Trust _trust;
    private readonly ReadModelCheck? _readModels;
    private bool _treeIsKnown = true;
    private Hash256? _link = Hash256.Zero;
    private long _expected;
    private Queue<KnownCheckpoint> _signed = new();
    private long _lastGoodSize;
    private bool _forkSaid;

    private DatabaseVerifier(Trust trust, ReadModelCheck? readModels) => (_trust, _readModels) = (trust, readModels);

    /// <summary>Verifies.</summary>
    /// <param name="connectionString">A role that may read suffices.</param>
    /// <param name="trust">What the log is held against.</param>
    /// <param name="logOnly">Whether the read models are left alone, rather than compared with what the verified events give.</param>
    /// <param name="progress">Told how many entries were read, of how many.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="CannotVerifyException">The database cannot be read, or holds no such ledger.</exception>
    public static async Task<Verification> RunAsync(
        string connectionString, Trust trust, bool logOnly, IProgress<(long Read, long Total)>? progress, CancellationToken cancel)
    {
        try
        {
            await using var reading = await LogReading.OpenAsync(connectionString, cancel);
            await using var readModels = logOnly ? null : await ReadModelCheck.OpenAsync(reading, cancel);
            return await new DatabaseVerifier(trust, readModels).RunAsync(reading, progress, cancel);
        }
        catch (NpgsqlException e)
        {
            throw new CannotVerifyException($"The database cannot be read: {e.Message}");
        }
    }

    private async Task<Verification> RunAsync(LogReading reading, IProgress<(long Read, long Total)>? progress, CancellationToken cancel)
    {
        var head = await reading.HeadAsync(cancel) ?? throw new CannotVerifyException("The database holds no ledger: its head is missing.");
        if (head.Origin != _trust.Key.Name)
        {
            throw new CannotVerifyException($"The database holds the ledger '{head.Origin}', the key is of '{_trust.Key.Name}'.");
        }

        var checkpoints = await OpenCheckpointsAsync(reading, cancel);
        var latest = checkpoints.LastOrDefault();
        _signed = new Queue<KnownCheckpoint>(checkpoints.Select(c => new KnownCheckpoint("signed", c.Checkpoint)).Concat(_trust.Known).OrderBy(c => c.Checkpoint.Size));

        Pair? pending = null;
        Pair? before = null;
        await foreach (var chunk in LogScan.PairsAsync(reading.LeavesAsync(cancel), reading.EventsAsync(cancel), _strays, _readModels is not null, cancel))
        {
            // One pair behind, so that a diagnosis can look at the next.
            foreach (var pair in chunk)
            {
                if (pending is not null)
                {
                    Take(pending, before, pair);
                    before = pending;
                }

                pending = pair;
            }

            await CompareAsync(chunk);
            progress?.Report((_expected, head.Size));
        }

        if (pending is not null)
        {
            Take(pending, before, null);
        }

        CheckEnd(head, latest.Checkpoint);
        PairStrays();
        FindSwaps();
        if (_readModels is not null && _findings.Count == 0)
        {
            _findings.AddRange(await _readModels.EndAsync(cancel));
        }

        return new Verification(
            _trust.Key.Name, _expected, latest.Checkpoint?.Size ?? 0, _trust.Remembered,
            [.. _findings.OrderBy(f => f.Position ?? long.MaxValue).ThenBy(f => f.Kind)], latest.Note);
    }

    private async Task<List<(Checkpoint Checkpoint, string Note)>> OpenCheckpointsAsync(LogReading reading, CancellationToken cancel)
    {
        var opened = new List<(Checkpoint, string)>();
        foreach (var (size, note) in await reading.CheckpointsAsync(cancel))
        {
            try
            {
                var checkpoint = Checkpoint.Open(note, _trust.Key);
                if (checkpoint.Size != size)
                {
                    throw new FormatException($"it is filed under size {size} and is of size {checkpoint.Size}.");
                }

                opened.Add((checkpoint, note));
            }
            catch (FormatException e)
            {
                _findings.Add(new Finding(FindingKind.Modified, null, "checkpoint", $"The checkpoint of size {size} does not open with the key: {e.Message}"));
            }
        }

        return opened;
    }

    private void Take(Pair pair, Pair? before, Pair? next)
    {
        var leaf = pair.Leaf;
        if (leaf.Position < _expected)
        {
            _findings.Add(new Finding(FindingKind.Inserted, leaf.Position, null, "A leaf stands before the first position."));
            return;
        }

        for (; _expected < leaf.Position; _expected++)
        {
            _findings.Add(new Finding(FindingKind.Deleted, _expected, null, "The event and its leaf are gone."));
            _treeIsKnown = false;
            _link = null;
        }

        CheckSigned();
        _expected++;

        // The pair was recomputed from the stored hash before it. Where that one was overwritten, the true one decides.
        if (pair.Holds || (_link is { } link && PairCheck.Holds(pair, link)))
        {
            _diagnosis.Note(pair.Event!);
            _link = pair.Stored;
        }
        else
        {
            _link = Diagnose(pair, before, next);
        }

        if (_treeIsKnown)
        {
            _tree.Append(_link ?? pair.Stored);
        }
    }

    // Returns the leaf hash that the position had: the stored one, unless it was overwritten and the rest gives it back.
    private Hash256 Diagnose(Pair pair, Pair? before, Pair? next)
    {
        if (pair.Event is not { } e)
        {
            _lonely.Add(pair);
            return pair.Stored;
        }

        var changed = _diagnosis.Of(pair, _link, before?.Leaf.RecordedAt, next).ToList();
        _findings.AddRange(changed.Select(c => new Finding(FindingKind.Modified, pair.Leaf.Position, c.Column, c.Message)));
        if (changed.Exists(c => c.Column is "content" or "entry"))
        {
            _broken.Add(pair);
        }

        return changed.Exists(c => c.Column == "leaf_hash") && _link is { } link
            ? PairCheck.LeafHash(pair.Leaf.Position, link, pair.Leaf.RecordedAt, e.StreamId, e.Version, e.Type, new Hash256(pair.Leaf.ContentHash))
            : pair.Stored;
    }

    private void CheckSigned()
    {
        while (_signed.TryPeek(out var signed) && signed.Checkpoint.Size <= _expected)
        {
            _signed.Dequeue();
            var (size, root) = (signed.Checkpoint.Size, signed.Checkpoint.Root);
            if (!_treeIsKnown || size != _tree.Size)
            {
                continue;
            }

            if (size == 0 || _tree.Root() == root)
            {
                _lastGoodSize = size;
            }
            else if (!_forkSaid)
            {
                _forkSaid = true;
                _findings.Add(new Finding(
                    FindingKind.Forked, null, null,
                    $"The first {size} entries are not those of the {signed.By} checkpoint of that size: something at or after position {_lastGoodSize} was rewritten."));
            }
        }
    }

    // Only of a log that holds so far: what follows from tampered events proves nothing.
    private async Task CompareAsync(List<Pair> chunk)
    {
        if (_readModels is not null && _findings.Count == 0 && chunk.TrueForAll(p => p.Fact is not null))
        {
            await _readModels.TakeAsync(chunk.ConvertAll(p => p.Fact!));
        }
    }

    private void CheckEnd((long Size, byte[] LastLeaf, byte[] Frontier, string Origin) head, Checkpoint? latest)
    {
        CheckSigned();
        var promised = Math.Max(latest?.Size ?? 0, _trust.Longest?.Checkpoint.Size ?? 0);
        if (promised > _expected)
        {
            _findings.Add(new Finding(
                FindingKind.Truncated, _expected, null, $"Positions {_expected} to {promised - 1} were signed, and are gone."));
        }
        else if (head.Size > _expected)
        {
            _findings.Add(new Finding(
                FindingKind.Deleted, _expected, null, $"The head says {head.Size} entries: positions {_expected} to {head.Size - 1} are gone."));
        }
        else if (head.Size < _expected)
        {
            _findings.Add(new Finding(
                FindingKind.Inserted, head.Size, null, $"The head says {head.Size} entries: positions {head.Size} to {_expected - 1} were added behind its back."));
        }
        else if (_treeIsKnown && _findings.Count == 0 && _lonely.Count == 0 && !head.Frontier.AsSpan().SequenceEqual(_tree.ToBytes()))
        {
            _findings.Add(new Finding(FindingKind.Modified, null, "frontier", "The head's frontier is not that of the leaves."));
        }

        if (latest is null && _expected > 0 && _findings.Count == 0)
        {
            throw new CannotVerifyException($"{_expected} entries are there and no checkpoint signs any of them: nothing can be proved yet.");
        }
    }

    // An event without a leaf at its sequence number may be one whose number was changed: then a leaf misses it.
    private void PairStrays()
    {
        var missed = _lonely.ToDictionary(p => p.Leaf.EventId, p => p);
        foreach (var stray in _strays.Where(s => !s.IsTombstone))
        {
            if (missed.Remove(stray.Id, out var pair))
            {
                _findings.Add(new Finding(FindingKind.Modified, pair.Leaf.Position, "seq_id", $"The event's sequence number was changed to {stray.Sequence}."));
                continue;
            }

            _findings.Add(new Finding(
                FindingKind.Inserted, null, null,
                $"The event {stray.Sequence} ('{stray.Type}', version {stray.Version} of '{stray.StreamId}') was never taken into the log."));
        }

        _findings.AddRange(missed.Values.Select(p => new Finding(FindingKind.Deleted, p.Leaf.Position, null, "The event is gone; its leaf is there.")));
    }

    // Two positions whose contents fit each other's hash were swapped: say so, rather than that both were changed.
    private void FindSwaps()
    {
        foreach (var one in _broken)
        {
            var other = _broken.Find(b => !ReferenceEquals(b, one) && Fits(one, b));
            if (other is not null)
            {
                _findings.RemoveAll(f => f.Kind == FindingKind.Modified && f.Position == one.Leaf.Position);
                _findings.Add(new Finding(
                    FindingKind.Reordered, one.Leaf.Position, null, $"The event of position {other.Leaf.Position} stands here."));
            }
        }
    }

    private static bool Fits(Pair one, Pair other) =>
        one.Event?.Content is { } content && new[] { one.Leaf.Salt, other.Leaf.Salt }.Any(salt =>
            salt.Length == ContentHash.SaltSize && ContentHash.Of(salt, content).ToArray().AsSpan().SequenceEqual(other.Leaf.ContentHash))
        && !one.Event.Content.AsSpan().SequenceEqual(other.Event?.Content);
}
