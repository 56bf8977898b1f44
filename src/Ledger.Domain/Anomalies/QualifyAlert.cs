using Ledger.Domain.Common;
using Ledger.Domain.Knowing;

namespace Ledger.Domain.Anomalies;

/// <summary>An investigator of the Caf says what an anomaly was. An alert may be qualified again.</summary>
/// <param name="Alert">Which alert: one that is recorded, which is for the caller to see to.</param>
/// <param name="Of">The Caf of the alert.</param>
/// <param name="Outcome">What it was.</param>
/// <param name="Why">The reason.</param>
public sealed record QualifyAlert(AlertId Alert, CafCode Of, string Outcome, string Why) : ICommand
{
    /// <inheritdoc/>
    public bool ChangesKnowledge => false;

    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now) =>
        !AlertOutcomes.All.Contains(Outcome)
            ? throw new InvalidFieldException(
                "outcome",
                $"An alert is qualified as one of: {string.Join(", ", AlertOutcomes.All)}."
            )
        : context.Actor.Caf == Of ? [new AnomalyQualified(Alert, Outcome, Why, Of, now)]
        : throw new RefusedException("caf-of-the-alert", "7", "Only the Caf of an alert says what it was.");
}
