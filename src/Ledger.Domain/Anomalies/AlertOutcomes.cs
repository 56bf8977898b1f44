namespace Ledger.Domain.Anomalies;

/// <summary>What an alert may be found to be: art. 7.</summary>
public static class AlertOutcomes
{
    /// <summary>Their stable names.</summary>
    public static IReadOnlyList<string> All { get; } = ["confirmed", "justified", "false-alert", "to-investigate"];
}
