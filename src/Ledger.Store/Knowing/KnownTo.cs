using Ledger.Domain.Knowing;
using Ledger.Integrity;
using Ledger.Store.Appending;

namespace Ledger.Store.Knowing;

/// <summary>
/// What is known, and the leaf hash of the last fact in it. The hash commits to everything before it: where the log has
/// the same leaf at the same position, what is known is what the log says.
/// </summary>
/// <param name="Known">What is known.</param>
/// <param name="Leaf">The leaf hash of its last fact; zero bytes for none.</param>
internal sealed record KnownTo(Knowledge Known, Hash256 Leaf)
{
    /// <summary>Nothing.</summary>
    public static readonly KnownTo Nothing = new(Knowledge.None, Hash256.Zero);

    /// <summary>The position of the last fact; -1 for none.</summary>
    public long Position => Known.Position;

    /// <summary>Whether it is everything that a log with this end says.</summary>
    public bool IsAllOf(LastLeafRow last) => Position == last.GovernancePosition && Leaf == last.GovernanceLeaf;
}
