using Ledger.Integrity;
using Ledger.Integrity.Entries;

namespace Ledger.Verify.Scanning;

/// <summary>
/// Says which column of a position that does not hold was changed, by finding the one change that would explain it.
/// </summary>
internal sealed class Diagnosis(IReadOnlyCollection<string> types)
{
    private readonly Dictionary<string, long> _versions = [];

    /// <summary>Notes a position that holds, to know what a neighbour's columns should be.</summary>
    public void Note(EventRow e) => _versions[e.StreamId] = e.Version;

    /// <summary>
    /// The columns that were changed, each with a sentence. <paramref name="next"/> tells a changed leaf hash from a
    /// changed field.
    /// </summary>
    public IEnumerable<(string Column, string Message)> Of(
        Pair pair,
        Hash256? previous,
        DateTime? recordedBefore,
        Pair? next
    )
    {
        var (leaf, e) = (pair.Leaf, pair.Event!);
        var found = new List<(string, string)>();
        if (e.Content is null)
        {
            return [("content", "The content is gone.")];
        }

        if (leaf.Salt.Length != ContentHash.SaltSize || leaf.ContentHash.Length != Hash256.Size)
        {
            return [("salt", "The salt or the content hash has not its length.")];
        }

        var stored = new Hash256(leaf.ContentHash);
        var recomputed = ContentHash.Of(leaf.Salt, e.Content);
        if (previous is not { } before)
        {
            // Without the position before, the link cannot be recomputed; what does not depend on it still can.
            if (recomputed != stored)
            {
                found.Add(("content", "The content, or its salt, is not what was recorded."));
            }
        }
        else if (recomputed == stored)
        {
            if (Hash(before, stored) != pair.Stored && Explain(before, stored) is { } why)
            {
                found.Add(why);
            }
        }
        else if (Hash(before, stored) == pair.Stored)
        {
            found.Add(("content", "The content, or its salt, is not what was recorded."));
        }
        else if (Hash(before, recomputed) == pair.Stored)
        {
            found.Add(("content_hash", "The stored content hash was changed; the content is what was recorded."));
        }
        else
        {
            found.Add(("content", "The content does not hash to the stored hash, and the entry was changed too."));
        }

        if (leaf.EventId != e.Id || !PairCheck.IdFollowsFrom(e.Content, e.Id))
        {
            found.Add(("id", "The event's id is not the one of its request."));
        }

        if (leaf.RecordedAt != e.Timestamp && !found.Exists(f => f.Item1 == "recorded_at"))
        {
            found.Add(("timestamp", "The event's timestamp is not the moment at which it was recorded."));
        }

        return found;

        Hash256 Hash(Hash256 link, Hash256 content) =>
            PairCheck.LeafHash(leaf.Position, link, leaf.RecordedAt, e.StreamId, e.Version, e.Type, content);

        (string, string)? Explain(Hash256 link, Hash256 content)
        {
            if (leaf.RecordedAt != e.Timestamp && With(recordedAt: e.Timestamp))
            {
                return ("recorded_at", $"The leaf's time was changed; it was recorded at {e.Timestamp:O}.");
            }

            if (types.FirstOrDefault(t => t != e.Type && With(type: t)) is { } type)
            {
                return ("type", $"The event's type was changed; it was '{type}'.");
            }

            if (
                Enumerable
                    .Range(-3, 7)
                    .Select(d => _versions.GetValueOrDefault(e.StreamId) + d)
                    .Where(v => v >= 0 && v != e.Version)
                    .Cast<long?>()
                    .FirstOrDefault(v => With(version: v)) is
                { } version
            )
            {
                return ("version", $"The event's version in its stream was changed; it was {version}.");
            }

            foreach (var (stream, last) in _versions)
            {
                if (stream != e.StreamId && (With(stream: stream) || With(stream: stream, version: last + 1)))
                {
                    return ("stream_id", $"The event was moved to another stream; it was in '{stream}'.");
                }
            }

            if (
                recordedBefore is { } earlier
                && (With(recordedAt: earlier) || (next is not null && With(recordedAt: next.Leaf.RecordedAt)))
            )
            {
                return ("recorded_at", "The time was changed, in the leaf and in the event.");
            }

            // If the next entry was made after what these columns give, it is the stored leaf hash that was changed.
            if (
                next?.Event is { } f
                && next.Leaf.ContentHash.Length == Hash256.Size
                && PairCheck.LeafHash(
                    next.Leaf.Position,
                    Hash(link, content),
                    next.Leaf.RecordedAt,
                    f.StreamId,
                    f.Version,
                    f.Type,
                    new Hash256(next.Leaf.ContentHash)
                ) == next.Stored
            )
            {
                return ("leaf_hash", "The stored leaf hash was changed.");
            }

            return ("entry", "The time, the stream, the version or the type was changed, or the position before was.");

            bool With(DateTime? recordedAt = null, string? stream = null, long? version = null, string? type = null) =>
                PairCheck.LeafHash(
                    leaf.Position,
                    link,
                    recordedAt ?? leaf.RecordedAt,
                    stream ?? e.StreamId,
                    version ?? e.Version,
                    type ?? e.Type,
                    content
                ) == pair.Stored;
        }
    }
}
