using Ledger.Domain;
using Ledger.Integrity;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Merkle;
using Ledger.Verify.Outside;
using Ledger.Verify.ReadModels;
using Npgsql;

namespace Ledger.Verify.Scanning;

/// <summary>
/// Verifies a live database over a read-only connection: every event, every leaf, every checkpoint, and what was
/// remembered.
/// </summary>
public sealed partial class DatabaseVerifier
{
    /// <summary>What a finding names when a key that took over is not known.</summary>
    internal const string SuccessionsColumn = "successions";

    private const string RestoredType = "ledger-restored.v1";

    private readonly FindingList _findings = new();
    private readonly List<long> _restored = [];
    private readonly List<LawfulEnd> _ends = [];
    private readonly List<EventRow> _strays = [];
    private readonly List<Pair> _broken = [];
    private readonly List<Pair> _lonely = [];
    private readonly Diagnosis _diagnosis = new([.. EventCodec.All.Select(e => e.Name)]);
    private readonly Frontier _tree;
    private readonly Trust _trust;
    private readonly ReadModelCheck? _readModels;
    private readonly ScanFile? _scan;
    private readonly ScanState? _from;
    private TimestampCheck? _timestamps;
    private bool _treeIsKnown = true;
    private bool _comparable = true;
    private Hash256? _link;
    private long _expected;
    private long _read;
    private long _saved;
    private long _witnessed;
    private DateTimeOffset? _unwitnessedSince;
    private Queue<KnownCheckpoint> _signed = new();
    private long _lastGoodSize;
    private bool _forkSaid;

    private DatabaseVerifier(Trust trust, ReadModelCheck? readModels, ScanFile? scan)
    {
        (_trust, _readModels, _scan, _from) = (trust, readModels, scan, scan?.Read(trust.Keys));
        (_tree, _link, _expected) = (
            _from?.Tree() ?? new Frontier(),
            _from?.LastLeaf ?? Hash256.Zero,
            _from?.Position ?? 0
        );
        (_saved, _lastGoodSize) = (_expected, _expected);
    }

    /// <summary>Verifies.</summary>
    /// <param name="connectionString">A role that may read suffices.</param>
    /// <param name="trust">What the log is held against.</param>
    /// <param name="logOnly">
    /// Whether the read models are left alone, rather than compared with what the verified events give.
    /// </param>
    /// <param name="progress">Told how many entries were read, of how many.</param>
    /// <param name="cancel">Stops it.</param>
    /// <param name="scan">
    /// Where to go on from, and to leave how far this scan came. What was read before is not read again, and the read
    /// models are left alone.
    /// </param>
    /// <exception cref="CannotVerifyException">The database cannot be read, or holds no such ledger.</exception>
    public static async Task<Verification> RunAsync(
        string connectionString,
        Trust trust,
        bool logOnly,
        IProgress<(long Read, long Total)>? progress,
        CancellationToken cancel,
        ScanFile? scan = null
    )
    {
        try
        {
            await using var reading = await LogReading.OpenAsync(connectionString, cancel);
            await using var readModels =
                logOnly || scan is not null ? null : await ReadModelCheck.OpenAsync(reading, cancel);
            return await new DatabaseVerifier(trust, readModels, scan).RunAsync(reading, progress, cancel);
        }
        catch (NpgsqlException e)
        {
            throw new CannotVerifyException($"The database cannot be read: {e.Message}");
        }
    }

    private async Task<Verification> RunAsync(
        LogReading reading,
        IProgress<(long Read, long Total)>? progress,
        CancellationToken cancel
    )
    {
        var head =
            await reading.HeadAsync(cancel)
            ?? throw new CannotVerifyException("The database holds no ledger: its head is missing.");
        if (head.Origin != _trust.Keys.Name)
        {
            throw new CannotVerifyException(
                $"The database holds the ledger '{head.Origin}', the key is of '{_trust.Keys.Name}'."
            );
        }

        var checkpoints = await OpenCheckpointsAsync(reading, cancel);
        var latest = checkpoints.LastOrDefault();
        _signed = new Queue<KnownCheckpoint>(
            checkpoints
                .Select(c => new KnownCheckpoint("signed", c.Checkpoint))
                .Concat(_trust.Known)
                .OrderBy(c => c.Checkpoint.Size)
        );

        _witnessed = _trust.Witnessed(checkpoints.Select(c => c.Note));
        _timestamps = TimestampCheck.Open(
            _trust,
            checkpoints.ToDictionary(c => c.Checkpoint.Size, c => c.Note),
            await reading.TimestampsAsync(cancel)
        );
        if (_from is not null && await ResumptionAsync(reading, _from, cancel) is { } broken)
        {
            _findings.Add(broken);
            return Result(_findings, latest);
        }

        Pair? pending = null;
        Pair? before = null;
        var (leaves, events) = (
            reading.LeavesAsync(_expected, cancel),
            reading.EventsAsync(_from?.Sequence ?? -1, cancel)
        );
        await foreach (var chunk in LogScan.PairsAsync(leaves, events, _strays, _from, _readModels is not null, cancel))
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
            Save(before, ScanState.Every);
            progress?.Report((_expected, head.Size));
        }

        if (pending is not null)
        {
            Take(pending, before, null);
        }

        CheckEnd(latest.Checkpoint);
        PairStrays();
        FindSwaps();
        Save(pending, 1);
        if (_readModels is not null && _comparable && _findings.Count == 0)
        {
            _findings.AddRange(await _readModels.EndAsync(head.GovernancePosition, cancel));
        }

        _timestamps?.End();
        _findings.AddRange(_timestamps?.Findings ?? []);
        return Result(_findings, latest);
    }

    private Verification Result(FindingList findings, (Checkpoint Checkpoint, string Note) latest) =>
        new(
            _trust.Keys.Name,
            (_from?.Position ?? 0) + _read,
            latest.Checkpoint?.Size ?? 0,
            _trust.Witnesses is null ? null : _witnessed,
            _trust.Remembered,
            [
                .. findings
                    .Concat(_trust.Unwitnessed(_witnessed, _unwitnessedSince))
                    .OrderBy(f => f.Position ?? long.MaxValue)
                    .ThenBy(f => f.Kind),
            ],
            latest.Note
        )
        {
            FromMemory = _from?.Position ?? 0,
            Omitted = findings.Omitted,
            Restored = _restored,
            Ended = _ends,
            EndsChecked = _readModels is not null,
            Followed = _trust.Keys.Followed,
        };

    // What the scan before ended with must still be there.
    private static async Task<Finding?> ResumptionAsync(LogReading reading, ScanState from, CancellationToken cancel) =>
        from.Position == 0
        || await reading.LeafHashAsync(from.Position - 1, cancel) is { } leaf
            && leaf.AsSpan().SequenceEqual(from.LastLeaf.ToArray())
            ? null
            : new Finding(
                FindingKind.Forked,
                from.Position - 1,
                null,
                $"The entry at position {from.Position - 1} is not the one that the scan before ended with."
            );

    private void Save(Pair? last, int after)
    {
        if (
            _scan is null
            || last is null
            || !_treeIsKnown
            || _expected - _saved < after
            || _findings.Count > 0
            || _lonely.Count > 0
            || _strays.Exists(s => !s.IsTombstone)
        )
        {
            return;
        }

        _scan.Write(
            new ScanState(
                _trust.Keys.Name,
                _trust.Keys.Pinned.KeyId,
                _expected,
                last.Leaf.Sequence,
                last.Stored.ToBase64(),
                Convert.ToBase64String(_tree.ToBytes())
            )
        );
        _saved = _expected;
    }

    private async Task<List<(Checkpoint Checkpoint, string Note)>> OpenCheckpointsAsync(
        LogReading reading,
        CancellationToken cancel
    )
    {
        var opened = new List<(Checkpoint, string)>();
        foreach (var (size, note) in await reading.CheckpointsAsync(cancel))
        {
            try
            {
                var checkpoint = _trust.Keys.Open(note);
                if (checkpoint.Size != size)
                {
                    throw new FormatException($"it is filed under size {size} and is of size {checkpoint.Size}.");
                }

                opened.Add((checkpoint, note));
            }
            catch (FormatException e)
            {
                _findings.Add(
                    new Finding(
                        FindingKind.Modified,
                        null,
                        "checkpoint",
                        $"The checkpoint of size {size} does not open with the key: {e.Message}"
                    )
                );
            }
        }

        return opened;
    }

    private void Take(Pair pair, Pair? before, Pair? next)
    {
        var leaf = pair.Leaf;
        if (leaf.Position < _expected)
        {
            _findings.Add(
                new Finding(FindingKind.Inserted, leaf.Position, null, "A leaf stands before the first position.")
            );
            return;
        }

        if (_expected < leaf.Position)
        {
            var message =
                _expected + 1 == leaf.Position
                    ? "The event and its leaf are gone."
                    : $"The events and the leaves of positions {_expected} to {leaf.Position - 1} are gone.";
            _findings.Add(new Finding(FindingKind.Deleted, _expected, null, message));
            (_treeIsKnown, _link, _expected) = (false, null, leaf.Position);
        }

        _read++;
        if (pair.Event?.Type == RestoredType)
        {
            _restored.Add(leaf.Position);
        }

        CheckSigned();
        var recordedAt = new DateTimeOffset(leaf.RecordedAt, TimeSpan.Zero);
        _timestamps?.See(leaf.Position, recordedAt);
        _unwitnessedSince ??= leaf.Position >= _witnessed ? recordedAt : null;
        _expected++;

        // The pair was recomputed from the stored hash before it. Where that one was overwritten, the true one decides.
        if (pair.Holds || (_link is { } link && PairCheck.Holds(pair, link)))
        {
            _diagnosis.Note(pair.Event!);
            if (
                RecordedSuccessions.Of(pair.Event!.Type, pair.Event.Content) is { } succession
                && !_trust.Keys.Knows(succession)
            )
            {
                _findings.Add(
                    new Finding(
                        FindingKind.Modified,
                        leaf.Position,
                        SuccessionsColumn,
                        "The event says that another key took over, and the index of events does not lead to it."
                    )
                );
            }

            if (LawfulEnd.Of(leaf.Position, pair.Event!.Type, pair.Event.Content) is { } end)
            {
                _ends.Add(end);
            }

            _link = pair.Stored;
        }
        else
        {
            _link = Diagnose(pair, before, next);
        }

        if (_trust.Entries.Count > 0)
        {
            CheckKnown(leaf.Position);
        }

        if (_treeIsKnown)
        {
            _tree.Append(_link ?? pair.Stored);
        }
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
            else
            {
                SayForked(
                    $"The first {size} entries are not those of the {signed.By} checkpoint of that size: "
                        + $"something at or after position {_lastGoodSize} was rewritten."
                );
            }
        }
    }

    private void CheckKnown(long position)
    {
        foreach (
            var known in _trust.Entries.Where(k => k.Position == position && _link is not null && k.LeafHash != _link)
        )
        {
            SayForked(
                $"The entry at position {known.Position} is not the {known.By} one: it, or something before it, "
                    + $"was rewritten."
            );
        }
    }

    // Where the log parts from what was signed or is known, it parts from all of that: once is enough.
    private void SayForked(string message)
    {
        if (!_forkSaid)
        {
            _forkSaid = true;
            _findings.Add(new Finding(FindingKind.Forked, null, null, message));
        }
    }

    // Only of a log that holds so far: what follows from tampered events proves nothing.
    private async Task CompareAsync(List<Pair> chunk)
    {
        _comparable &= _findings.Count == 0 && chunk.TrueForAll(p => p.Fact is not null);
        if (_readModels is not null && _comparable)
        {
            await _readModels.TakeAsync(chunk.ConvertAll(p => p.Fact!));
        }
    }

    private void CheckEnd(Checkpoint? latest)
    {
        CheckSigned();
        var promised = Math.Max(latest?.Size ?? 0, _trust.KnownSize);
        if (promised > _expected)
        {
            _findings.Add(
                new Finding(
                    FindingKind.Truncated,
                    _expected,
                    null,
                    $"Positions {_expected} to {promised - 1} were signed, and are gone."
                )
            );
        }

        if (promised <= _expected && _trust.Longest is { } longest && longest.Checkpoint.Size > (latest?.Size ?? 0))
        {
            _findings.Add(
                new Finding(
                    FindingKind.Deleted,
                    null,
                    "checkpoint",
                    $"The {longest.By} checkpoint of {longest.Checkpoint.Size} entries was published, and the "
                        + $"latest that is left is of {latest?.Size ?? 0}."
                )
            );
        }

        if (latest is null && _expected > 0 && _findings.Count == 0)
        {
            throw new CannotVerifyException(
                $"{_expected} entries are there and no checkpoint signs any of them: nothing can be proved yet."
            );
        }
    }
}
