using System.Collections.Immutable;
using Ledger.Integrity;
using Ledger.Integrity.Merkle;

namespace Ledger.Store.Appending;

/// <summary>
/// The end of the log as this node left it: what the next batch needs and would otherwise have to read. It holds as
/// long as no other node has written.
/// </summary>
/// <param name="Frontier">The right edge of the tree. Never changed: whoever goes on makes a copy.</param>
/// <param name="LastLeaf">The last leaf hash; zero bytes for none.</param>
/// <param name="Journals">The pages of the journals that this node goes on with.</param>
internal sealed record LogTail(Frontier Frontier, Hash256 LastLeaf, ImmutableDictionary<string, JournalPage> Journals)
{
    /// <summary>The tail of an empty log.</summary>
    public static readonly LogTail Empty = new(
        new Frontier(),
        Hash256.Zero,
        ImmutableDictionary<string, JournalPage>.Empty
    );
}
