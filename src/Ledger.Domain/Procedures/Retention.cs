using Ledger.Domain.Knowing;

namespace Ledger.Domain.Procedures;

/// <summary>What was done away with at its lawful end.</summary>
public static class Retention
{
    /// <summary>The months whose key was destroyed, as the log says: <c>2026-03</c>.</summary>
    public static IReadOnlySet<string> DestroyedEpochs(Knowledge known) =>
        known
            .Procedures.SelectMany(p => p.Facts)
            .Select(f => f.Event)
            .OfType<EpochKeyDestroyed>()
            .Select(e => e.Step.Details["epoch"])
            .ToHashSet(StringComparer.Ordinal);
}
