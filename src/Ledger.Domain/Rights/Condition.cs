namespace Ledger.Domain.Rights;

/// <summary>One of the conditions of a right, over valid time.</summary>
/// <param name="Changes">The instants at which it may change.</param>
/// <param name="At">At an instant: what is missing, or null, and the positions of the events that say so.</param>
public sealed record Condition(
    IEnumerable<DateTimeOffset> Changes,
    Func<DateTimeOffset, (Reason? Missing, IEnumerable<long> Because)> At
)
{
    /// <summary>A condition that holds where a timeline says null.</summary>
    public static Condition That(Timeline<Reason?> timeline) => Over(timeline, missing => missing);

    /// <summary>A condition that follows from what a timeline says.</summary>
    public static Condition Over<T>(Timeline<T> timeline, Func<T, Reason?> missing) =>
        new(
            timeline.Steps.Select(s => s.From),
            instant =>
            {
                var step = timeline.At(instant);
                return (missing(step.Value), step.Because is { } position ? [position] : []);
            }
        );

    /// <summary>Something that stands in the way at every instant.</summary>
    public static Condition Always(Reason? missing, IEnumerable<long> because) => new([], _ => (missing, because));

    /// <summary>No condition: positions that bear on every instant.</summary>
    public static Condition Because(IEnumerable<long> positions) => Always(null, [.. positions]);
}
