using Ledger.Files;
using Ledger.Integrity;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Merkle;
using Ledger.Integrity.Tiles;
using Ledger.Verify.Outside;

namespace Ledger.Verify.Folders;

/// <summary>
/// Verifies an exported folder, offline: every entry, the chain, every tile, the checkpoint, and what was remembered.
/// </summary>
public sealed class FolderVerifier
{
    /// <summary>The longest log that can be verified.</summary>
    public const long MostEntries = (long)int.MaxValue * TilePath.Width;

    private readonly string _folder;
    private readonly Checkpoint _checkpoint;
    private readonly Trust _trust;
    private readonly FindingList _findings = new();
    private readonly List<long> _restored = [];
    private readonly List<LawfulEnd> _ends = [];
    private int _rotations;
    private readonly Frontier _tree = new();
    private readonly TimestampCheck? _timestamps;
    private readonly bool _entriesAlone;
    private readonly ILookup<long, KnownCheckpoint> _known;
    private readonly ILookup<long, KnownEntry> _knownEntries;
    private DateTimeOffset? _last;
    private bool _treeIsKnown = true;

    private FolderVerifier(
        string folder,
        Checkpoint checkpoint,
        Trust trust,
        TimestampCheck? timestamps,
        bool entriesAlone
    ) =>
        (_folder, _checkpoint, _trust, _timestamps, _entriesAlone, _known, _knownEntries) = (
            folder,
            checkpoint,
            trust,
            timestamps,
            entriesAlone,
            trust.Known.Concat(timestamps?.Stamped ?? []).ToLookup(k => k.Checkpoint.Size),
            trust.Entries.ToLookup(e => e.Position)
        );

    /// <summary>The successions of the ledger's keys that a folder holds; often none.</summary>
    /// <exception cref="CannotVerifyException">The file is there and holds something else.</exception>
    public static IReadOnlyList<string> SuccessionsIn(string folder) => FolderFiles.SuccessionsIn(folder);

    /// <summary>
    /// The key that lies in a folder. Whoever made the folder chose it: pin a key from elsewhere instead.
    /// </summary>
    /// <exception cref="CannotVerifyException">There is none.</exception>
    public static NoteVerifier KeyOf(string folder)
    {
        try
        {
            return NoteVerifier.Parse(File.ReadAllText(Path.Combine(folder, FolderFiles.Key)));
        }
        catch (Exception e) when (e is IOException or FormatException or UnauthorizedAccessException)
        {
            throw new CannotVerifyException($"The folder's vkey cannot be read: {e.Message}");
        }
    }

    /// <summary>Verifies.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="trust">What the log is held against.</param>
    /// <param name="progress">Told how many entries were read, of how many.</param>
    /// <param name="entriesAlone">
    /// Whether the folder has no tiles of hashes: a mirror keeps entries and checkpoints.
    /// </param>
    /// <exception cref="CannotVerifyException">The folder holds no checkpoint of this key.</exception>
    public static Verification Run(
        string folder,
        Trust trust,
        IProgress<(long Read, long Total)>? progress,
        bool entriesAlone = false
    )
    {
        string note;
        Checkpoint checkpoint;
        try
        {
            note = File.ReadAllText(Path.Combine(folder, FolderFiles.Checkpoint));
            checkpoint = trust.Keys.Open(note);
        }
        catch (Exception e) when (e is IOException or FormatException or UnauthorizedAccessException)
        {
            throw new CannotVerifyException($"The folder's checkpoint cannot be opened: {e.Message}");
        }

        if (checkpoint.Size > MostEntries)
        {
            throw new CannotVerifyException(
                $"A log of {checkpoint.Size} entries is longer than what can be verified: {MostEntries}."
            );
        }

        var (notes, responses) = FolderFiles.ReadTimestamps(folder);
        return new FolderVerifier(
            folder,
            checkpoint,
            trust,
            TimestampCheck.Open(trust, notes, responses),
            entriesAlone
        ).Run(note, progress);
    }

    private Verification Run(string note, IProgress<(long Read, long Total)>? progress)
    {
        var known = Math.Max(_trust.KnownSize, _known.Select(k => k.Key).DefaultIfEmpty().Max());
        if (known > _checkpoint.Size)
        {
            _findings.Add(
                new Finding(
                    FindingKind.Truncated,
                    _checkpoint.Size,
                    null,
                    $"Positions {_checkpoint.Size} to {known - 1} were signed before, and this folder ends earlier."
                )
            );
        }

        var previous = (Hash256?)Hash256.Zero;
        var above = new List<Hash256>();
        foreach (var bundle in LoadedBundle.All(_folder, _checkpoint.Size, withTiles: !_entriesAlone))
        {
            var leaves = Check(bundle, ref previous);
            if (bundle.Tile is null || !bundle.Tile.SequenceEqual(leaves))
            {
                CheckTile(0, bundle.Index, leaves);
            }

            if (bundle.Width == TilePath.Width)
            {
                above.Add(Frontier.RootOf(leaves));
            }

            progress?.Report((_tree.Size, _checkpoint.Size));
        }

        CheckUpperTiles(above);
        if (_treeIsKnown && _tree.Root() != _checkpoint.Root && _findings.Count == 0)
        {
            _findings.Add(
                new Finding(
                    FindingKind.Forked,
                    null,
                    null,
                    $"The entries are not those of the signed checkpoint of size {_checkpoint.Size}."
                )
            );
        }

        if (_rotations > _trust.Keys.Successions.Count && _findings.Count == 0)
        {
            throw new CannotVerifyException(
                "The entries say that another key took over, and nothing here leads to it: --successions names a file."
            );
        }

        _timestamps?.End();
        var witnessed = _trust.Witnessed([note]);
        _findings.AddRange([
            .. _timestamps?.Findings ?? [],
            .. _trust.Unwitnessed(witnessed, witnessed < _tree.Size ? _last : null),
        ]);
        return new Verification(
            _trust.Keys.Name,
            _tree.Size,
            _checkpoint.Size,
            _trust.Witnesses is null ? null : witnessed,
            _trust.Remembered,
            [.. _findings.OrderBy(f => f.Position ?? long.MaxValue)],
            note
        )
        {
            Omitted = _findings.Omitted,
            Restored = _restored,
            Ended = _ends,
            Followed = _trust.Keys.Followed,
        };
    }

    private List<Hash256> Check(LoadedBundle bundle, ref Hash256? previous)
    {
        var (first, entries) = (bundle.Index * TilePath.Width, bundle.Entries);
        if (bundle.Failure is { } failure)
        {
            _findings.Add(
                new Finding(
                    FindingKind.Deleted,
                    first,
                    null,
                    $"The entries {first} to {first + bundle.Width - 1} cannot be read: {failure}"
                )
            );
        }
        else if (entries.Count != bundle.Width)
        {
            var kind = entries.Count < bundle.Width ? FindingKind.Deleted : FindingKind.Inserted;
            _findings.Add(
                new Finding(
                    kind,
                    first,
                    null,
                    $"The bundle from position {first} holds {entries.Count} entries, not {bundle.Width}."
                )
            );
        }

        var leaves = new List<Hash256>(bundle.Width);
        for (var i = 0; i < bundle.Width; i++)
        {
            var position = first + i;
            var leaf = i < entries.Count ? entries[i].Leaf : (Hash256?)null;
            var promised = bundle.Tile is null ? leaf : bundle.Tile[i];
            if (leaf is not null && leaf != promised)
            {
                _findings.Add(
                    new Finding(
                        FindingKind.Modified,
                        position,
                        "entry",
                        "The entry does not give the leaf hash of its tile."
                    )
                );
            }
            else if (leaf is not null)
            {
                CheckEntry(entries[i], position, previous);
            }

            previous = promised;
            _treeIsKnown &= promised is not null;
            Append(promised ?? default, leaves);
        }

        return leaves;
    }

    private void Append(Hash256 leaf, List<Hash256> leaves)
    {
        leaves.Add(leaf);
        _tree.Append(leaf);
        foreach (var entry in _knownEntries[_tree.Size - 1].Where(k => _treeIsKnown && k.LeafHash != leaf))
        {
            _findings.Add(
                new Finding(
                    FindingKind.Forked,
                    null,
                    null,
                    $"The entry at position {entry.Position} is not the {entry.By} one: it, or something before "
                        + $"it, was rewritten."
                )
            );
        }

        foreach (var known in _known[_tree.Size].Where(k => _treeIsKnown && k.Checkpoint.Root != _tree.Root()))
        {
            _findings.Add(
                new Finding(
                    FindingKind.Forked,
                    null,
                    null,
                    $"The first {_tree.Size} entries are not those of the {known.By} checkpoint of that size."
                )
            );
        }
    }

    private void CheckEntry(LoadedEntry loaded, long position, Hash256? previous)
    {
        if (loaded.Entry is not { } entry)
        {
            _findings.Add(new Finding(FindingKind.Modified, position, "entry", loaded.Malformed!));
            return;
        }

        _timestamps?.See(position, entry.RecordedAt);
        _last = entry.RecordedAt;
        if (entry.EventType == "ledger-restored.v1")
        {
            _restored.Add(position);
        }
        else if (entry.EventType == RotationRows.Type)
        {
            _rotations++;
        }
        else if (LawfulEnd.Of(position, entry.EventType, content: null) is { } end)
        {
            _ends.Add(end);
        }

        if (entry.Position != position)
        {
            _findings.Add(
                new Finding(
                    FindingKind.Reordered,
                    position,
                    null,
                    $"The entry of position {entry.Position} stands here."
                )
            );
        }
        else if (previous is { } link && entry.PreviousLeafHash != link)
        {
            _findings.Add(
                new Finding(
                    FindingKind.Modified,
                    position,
                    "previous",
                    "The entry does not name the leaf hash of the entry before."
                )
            );
        }
    }

    private void CheckUpperTiles(List<Hash256> hashes)
    {
        for (var level = 1; hashes.Count > 0; level++)
        {
            var above = new List<Hash256>();
            foreach (var (index, chunk) in hashes.Chunk(TilePath.Width).Index())
            {
                CheckTile(level, index, [.. chunk]);
                if (chunk.Length == TilePath.Width)
                {
                    above.Add(Frontier.RootOf(chunk));
                }
            }

            hashes = above;
        }
    }

    private void CheckTile(int level, long index, List<Hash256> wanted)
    {
        if (_entriesAlone)
        {
            return;
        }

        var path = TilePath.Hashes(level, index, wanted.Count);
        if (LoadedBundle.ReadTile(_folder, path, wanted.Count) is not { } tile)
        {
            _findings.Add(
                new Finding(FindingKind.Deleted, null, path, $"The tile {path} is missing or has not its length.")
            );
        }
        else if (!tile.SequenceEqual(wanted))
        {
            _findings.Add(
                new Finding(FindingKind.Modified, null, path, $"The tile {path} is not that of the entries below it.")
            );
        }
    }
}
