using Ledger.Domain;
using Ledger.Integrity;
using Ledger.Integrity.Entries;

namespace Ledger.Verify.Scanning;

/// <summary>Recomputes an event and its leaf from their columns.</summary>
internal static class PairCheck
{
    private static ReadOnlySpan<byte> RequestIdKey => "\"requestId\":\""u8;

    /// <summary>Whether every column agrees with the leaf hash that is stored.</summary>
    public static bool Holds(Pair pair, Hash256 previous)
    {
        if (pair.Event is not { Content: { } content } e)
        {
            return false;
        }

        var leaf = pair.Leaf;
        return leaf.EventId == e.Id
            && leaf.RecordedAt == e.Timestamp
            && leaf.Salt.Length == ContentHash.SaltSize
            && leaf.ContentHash.Length == Hash256.Size
            && ContentHash.Of(leaf.Salt, content) is var contentHash
            && contentHash == new Hash256(leaf.ContentHash)
            && LeafHash(leaf.Position, previous, leaf.RecordedAt, e.StreamId, e.Version, e.Type, contentHash)
                == pair.Stored
            && IdFollowsFrom(content, e.Id);
    }

    /// <summary>The leaf hash of these fields; zero bytes when they make no entry.</summary>
    public static Hash256 LeafHash(
        long position,
        Hash256 previous,
        DateTime recordedAt,
        string stream,
        long version,
        string type,
        Hash256 contentHash
    )
    {
        try
        {
            return new Entry(
                position,
                previous,
                new DateTimeOffset(recordedAt, TimeSpan.Zero),
                stream,
                version,
                type,
                contentHash
            ).LeafHash();
        }
        catch (FormatException)
        {
            return Hash256.Zero;
        }
    }

    /// <summary>Whether the event's id is the one that its content's request id gives.</summary>
    public static bool IdFollowsFrom(byte[] content, Guid id)
    {
        var at = content.AsSpan().IndexOf(RequestIdKey);
        if (
            at < 0
            || !System.Buffers.Text.Utf8Parser.TryParse(
                content.AsSpan(at + RequestIdKey.Length),
                out Guid request,
                out _
            )
        )
        {
            return false;
        }

        // A request makes one event, or a few: the first almost always.
        for (var index = 0; index < 16; index++)
        {
            if (EventIds.Of(request, index) == id)
            {
                return true;
            }
        }

        return false;
    }
}
