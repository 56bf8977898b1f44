using Ledger.Integrity;
using Ledger.Integrity.Entries;

namespace Ledger.Verify.Scanning;

/// <summary>What does not hold is explained here.</summary>
public sealed partial class DatabaseVerifier
{
    // Returns the leaf hash that the position had: the stored one, unless it was overwritten and the rest gives it
    // back.
    private Hash256 Diagnose(Pair pair, Pair? before, Pair? next)
    {
        if (pair.Event is not { } e)
        {
            _lonely.Add(pair);
            return pair.Stored;
        }

        var changed = _diagnosis.Of(pair, _link, before?.Leaf.RecordedAt, next).ToList();
        _findings.AddRange(
            changed.Select(c => new Finding(FindingKind.Modified, pair.Leaf.Position, c.Column, c.Message))
        );
        if (changed.Exists(c => c.Column is "content" or "entry"))
        {
            _broken.Add(pair);
        }

        return changed.Exists(c => c.Column == "leaf_hash") && _link is { } link
            ? PairCheck.LeafHash(
                pair.Leaf.Position,
                link,
                pair.Leaf.RecordedAt,
                e.StreamId,
                e.Version,
                e.Type,
                new Hash256(pair.Leaf.ContentHash)
            )
            : pair.Stored;
    }

    // An event without a leaf at its sequence number may be one whose number was changed: then a leaf misses it.
    private void PairStrays()
    {
        var missed = _lonely.DistinctBy(p => p.Leaf.EventId).ToDictionary(p => p.Leaf.EventId);
        var explained = new HashSet<Pair>();
        foreach (var stray in _strays.Where(s => !s.IsTombstone))
        {
            if (missed.Remove(stray.Id, out var pair))
            {
                explained.Add(pair);
                _findings.Add(
                    new Finding(
                        FindingKind.Modified,
                        pair.Leaf.Position,
                        "seq_id",
                        $"The event's sequence number was changed to {stray.Sequence}."
                    )
                );
                continue;
            }

            _findings.Add(
                new Finding(
                    FindingKind.Inserted,
                    null,
                    null,
                    $"The event {stray.Sequence} ('{stray.Type}', version {stray.Version} of '{stray.StreamId}') "
                        + $"was never taken into the log."
                )
            );
        }

        _findings.AddRange(
            _lonely
                .Where(p => !explained.Contains(p))
                .Select(p => new Finding(
                    FindingKind.Deleted,
                    p.Leaf.Position,
                    null,
                    "The event is gone; its leaf is there."
                ))
        );
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
                _findings.Add(
                    new Finding(
                        FindingKind.Reordered,
                        one.Leaf.Position,
                        null,
                        $"The event of position {other.Leaf.Position} stands here."
                    )
                );
            }
        }
    }

    private static bool Fits(Pair one, Pair other) =>
        one.Event?.Content is { } content
        && new[] { one.Leaf.Salt, other.Leaf.Salt }.Any(salt =>
            salt.Length == ContentHash.SaltSize
            && ContentHash.Of(salt, content).ToArray().AsSpan().SequenceEqual(other.Leaf.ContentHash)
        )
        && !one.Event.Content.AsSpan().SequenceEqual(other.Event?.Content);
}
