using Ledger.Domain.Anomalies;

namespace Ledger.Domain.ReadModels;

/// <summary>The row of an alert in <c>alert</c>, as the events about it say.</summary>
/// <param name="Position">Where it was raised.</param>
/// <param name="Alert">Its identifier.</param>
/// <param name="Rule">The rule that raised it.</param>
/// <param name="Version">The rule's version.</param>
/// <param name="Certain">Whether it is irregular for sure.</param>
/// <param name="Caf">At which Caf.</param>
/// <param name="Siret">At which partner.</param>
/// <param name="Agent">Whom it is about; null for nobody alone.</param>
/// <param name="Day">The day that it is about.</param>
/// <param name="Particulars">What the sentence that says why speaks of.</param>
/// <param name="About">The positions of its events.</param>
public sealed record AlertRow(
    long Position,
    string Alert,
    string Rule,
    string Version,
    bool Certain,
    string Caf,
    string Siret,
    string? Agent,
    DateOnly Day,
    IReadOnlyDictionary<string, string> Particulars,
    IReadOnlyList<long> About
)
{
    /// <summary>The row that an event makes.</summary>
    public static AlertRow Of(long position, AnomalyDetected e) =>
        new(
            position,
            e.Alert.Value,
            e.Rule,
            e.Version,
            e.Certain,
            e.Caf.Value,
            e.Siret.Value,
            e.Agent?.Value,
            e.Day,
            e.Particulars,
            e.Positions
        );

    /// <summary>Whether two rows say the same, positions included.</summary>
    public bool Equals(AlertRow? other) =>
        other is not null
        && (Position, Alert, Rule, Version, Certain, Caf, Siret)
            == (other.Position, other.Alert, other.Rule, other.Version, other.Certain, other.Caf, other.Siret)
        && (Agent, Day) == (other.Agent, other.Day)
        && Common.Particulars.AreSame(Particulars, other.Particulars)
        && About.SequenceEqual(other.About);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Position, Alert);
}

/// <summary>The row of a qualification in <c>alert_outcome</c>.</summary>
/// <param name="Position">Where it was said.</param>
/// <param name="Alert">Of which alert.</param>
/// <param name="Outcome">What it was.</param>
public sealed record AlertOutcomeRow(long Position, string Alert, string Outcome)
{
    /// <summary>The row that an event makes.</summary>
    public static AlertOutcomeRow Of(long position, AnomalyQualified e) => new(position, e.Alert.Value, e.Outcome);
}
