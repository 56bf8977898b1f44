namespace Ledger.Domain.Rights;

/// <summary>What held from an instant on, and the event that says so.</summary>
/// <param name="From">Inclusive.</param>
/// <param name="Value">What held.</param>
/// <param name="Because">The position of the event; null before the first.</param>
public readonly record struct Step<T>(DateTimeOffset From, T Value, long? Because);

/// <summary>
/// How one thing stood over valid time, from what is known. It depends on the valid dates, not on the order in which
/// they were learnt; of two events about the same instant, the one learnt last speaks.
/// </summary>
public sealed class Timeline<T>
{
    private readonly List<Step<T>> _steps;

    private Timeline(List<Step<T>> steps) => _steps = steps;

    /// <summary>The changes, oldest first.</summary>
    public IReadOnlyList<Step<T>> Steps => _steps;

    /// <summary>Builds it from changes in any order.</summary>
    public static Timeline<T> Of(T before, IEnumerable<Step<T>> changes)
    {
        var steps = new List<Step<T>> { new(DateTimeOffset.MinValue, before, null) };
        foreach (var change in changes.OrderBy(c => c.From).ThenBy(c => c.Because))
        {
            if (steps[^1].From == change.From && steps.Count > 1)
            {
                steps.RemoveAt(steps.Count - 1);
            }

            steps.Add(change);
        }

        return new Timeline<T>(steps);
    }

    /// <summary>What held at some instant of a period.</summary>
    public IEnumerable<Step<T>> Between(DateTimeOffset from, DateTimeOffset until) =>
        _steps.Where((step, i) => step.From < until && (i + 1 == _steps.Count || _steps[i + 1].From > from));

    /// <summary>What held at an instant.</summary>
    public Step<T> At(DateTimeOffset instant)
    {
        var (low, high) = (0, _steps.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _steps[middle].From <= instant ? (middle, high) : (low, middle - 1);
        }

        return _steps[low];
    }
}
