using Ledger.Domain.Common;

namespace Ledger.Domain.Anomalies;

/// <summary>A rule found an anomaly: art. 6, 7.</summary>
/// <param name="Alert">Which alert.</param>
/// <param name="Rule">The rule that found it.</param>
/// <param name="Version">The rule's version.</param>
/// <param name="Certain">Whether it is irregular for sure, or only worth a look.</param>
/// <param name="Caf">At which Caf.</param>
/// <param name="Siret">At which partner.</param>
/// <param name="Agent">Whom it is about, if it is about one.</param>
/// <param name="Day">The day that it is about, in Paris.</param>
/// <param name="Particulars">What the sentence that says why speaks of.</param>
/// <param name="Positions">The events that it was found in.</param>
/// <param name="At">When it was found.</param>
[EventName("anomaly-detected.v1")]
public sealed record AnomalyDetected(
    AlertId Alert,
    string Rule,
    string Version,
    bool Certain,
    CafCode Caf,
    Siret Siret,
    AgentId? Agent,
    DateOnly Day,
    IReadOnlyDictionary<string, string> Particulars,
    IReadOnlyList<long> Positions,
    DateTimeOffset At
) : JournalEvent
{
    /// <inheritdoc/>
    public override string Stream() => Journal("alerts", Caf.Value, At);
}

/// <summary>An investigator said what an anomaly was: art. 7.</summary>
/// <param name="Alert">Which alert.</param>
/// <param name="Outcome">What it was.</param>
/// <param name="Why">The reason.</param>
/// <param name="Caf">The Caf that says so.</param>
/// <param name="At">When.</param>
[EventName("anomaly-qualified.v1")]
public sealed record AnomalyQualified(AlertId Alert, string Outcome, string Why, CafCode Caf, DateTimeOffset At)
    : JournalEvent
{
    /// <inheritdoc/>
    public override string Stream() => Journal("alerts", Caf.Value, At);
}
