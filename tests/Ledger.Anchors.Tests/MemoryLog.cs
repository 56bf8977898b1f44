using System.Collections.Concurrent;
using Ledger.Integrity;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Entries;
using Ledger.Integrity.Merkle;

namespace Ledger.Anchors.Tests;

/// <summary>A real chain with real checkpoints, in memory: what an anchor sees of a log.</summary>
internal sealed class MemoryLog : IAnchoredLog
{
    public static readonly NoteSigner Signer = new("ledger.example/anchored", [.. Enumerable.Repeat((byte)7, 32)]);

    private readonly List<byte[]> _entries = [];
    private Checkpoint? _published;

    public static NoteVerifier Key => Signer.Verifier;

    public ConcurrentBag<(AnchorProof Proof, DateTimeOffset At)> Kept { get; } = [];

    public int EntriesRead { get; private set; }

    public static MemoryLog Of(int entries, string about = "one")
    {
        var log = new MemoryLog();
        log.Append(entries, about);
        return log;
    }

    public void Append(int count, string about = "one")
    {
        for (var i = 0; i < count; i++)
        {
            var previous = _entries.Count == 0 ? Hash256.Zero : Rfc6962.LeafHash(_entries[^1]);
            _entries.Add(
                new Entry(
                    _entries.Count,
                    previous,
                    new DateTimeOffset(2026, 3, 10, 10, 0, 0, TimeSpan.Zero).AddSeconds(_entries.Count),
                    "journal-763-2026-03-10",
                    _entries.Count,
                    "consultation-recorded.v1",
                    Rfc6962.LeafHash(System.Text.Encoding.UTF8.GetBytes(about))
                ).Encode()
            );
        }

        _published = new Checkpoint(Key.Name, _entries.Count, Frontier.RootOf(Leaves(_entries.Count)));
    }

    public Task<(string Note, Checkpoint Checkpoint)?> LatestAsync(CancellationToken cancel) =>
        Task.FromResult<(string, Checkpoint)?>(
            _published is null ? null : (SignedNote.Sign(_published.ToBody(), Signer).ToString(), _published)
        );

    public Task<IReadOnlyList<Hash256>> ProveAsync(long oldSize, long newSize, CancellationToken cancel)
    {
        var plan = ProofPlan.Consistency(oldSize, newSize);
        return Task.FromResult(
            plan.Resolve([
                .. plan.Nodes.Select(n =>
                    Frontier.RootOf(Leaves((int)(n.FirstLeaf + n.LeafCount)).Skip((int)n.FirstLeaf).ToList())
                ),
            ])
        );
    }

    public Task<IReadOnlyList<byte[]>> EntriesAsync(long first, int count, CancellationToken cancel)
    {
        EntriesRead += count;
        return Task.FromResult<IReadOnlyList<byte[]>>([.. _entries.Skip((int)first).Take(count)]);
    }

    public Task KeepAsync(AnchorProof proof, CancellationToken cancel)
    {
        Kept.Add((proof, Clock?.Invoke() ?? TimeProvider.System.GetUtcNow()));
        return Task.CompletedTask;
    }

    public Func<DateTimeOffset>? Clock { get; init; }

    public Task<(long Size, DateTimeOffset At)?> LastKeptAsync(
        AnchorKind kind,
        string name,
        CancellationToken cancel
    ) =>
        Task.FromResult<(long, DateTimeOffset)?>(
            Kept.Where(k => k.Proof.Kind == kind && k.Proof.Name == name).OrderByDescending(k => k.Proof.Size).ToList()
                is [var last, ..]
                ? (last.Proof.Size, last.At)
                : null
        );

    private List<Hash256> Leaves(int count) => _entries.Take(count).Select(e => Rfc6962.LeafHash(e)).ToList();
}
