using Ledger.Domain.Common;
using Ledger.Domain.Knowing;

namespace Ledger.Store.Reading;

/// <summary>What a question is answered with, from its first step to its last.</summary>
/// <param name="Latest">All that is known when it is asked: which files are one person's, and what later acts
/// say.</param>
/// <param name="Then">What was known at the position that it asks about.</param>
/// <param name="At">That position; -1 for nothing.</param>
public sealed record Snapshot(Knowledge Latest, Knowledge Then, long At)
{
    /// <summary>The acts at these positions, in their order.</summary>
    public IEnumerable<Fact> ActsAt(IEnumerable<long> positions) =>
        positions.Distinct().Order().Select(Latest.FactAt).OfType<Fact>();
}
