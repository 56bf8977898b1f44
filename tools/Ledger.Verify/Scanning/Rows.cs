using Ledger.Domain.Common;
using Ledger.Integrity;

namespace Ledger.Verify.Scanning;

/// <summary>A row of <c>ledger_leaf</c>.</summary>
public sealed record LeafRow(
    long Position,
    Guid EventId,
    long Sequence,
    byte[] Salt,
    byte[] ContentHash,
    byte[] LeafHash,
    DateTime RecordedAt
);

/// <summary>The head of the log: which ledger it is, and what its last leaf says.</summary>
public sealed record LogHeadRow(long Size, string Origin, long GovernancePosition);

/// <summary>A row of <c>mt_events</c>.</summary>
public sealed record EventRow(
    long Sequence,
    Guid Id,
    string StreamId,
    long Version,
    string Type,
    byte[]? Content,
    DateTime Timestamp
)
{
    /// <summary>Marten fills gaps of its sequence with such rows. They carry nothing.</summary>
    public bool IsTombstone => StreamId == "mt_tombstone" && Type == "tombstone";
}

/// <summary>A leaf and its event, as far as they are there, and what recomputing them gave.</summary>
public sealed class Pair(LeafRow leaf, EventRow? @event)
{
    /// <summary>The leaf.</summary>
    public LeafRow Leaf { get; } = leaf;

    /// <summary>Its event, if it was found.</summary>
    public EventRow? Event { get; set; } = @event;

    /// <summary>The leaf hash that is stored.</summary>
    public Hash256 Stored { get; init; }

    /// <summary>Whether everything about the pair holds, given the stored leaf hash of the position before.</summary>
    public bool Holds { get; set; }

    /// <summary>What the event says, when the pair holds and somebody wants to know.</summary>
    public Fact? Fact { get; set; }
}
