using System.Collections;

namespace Ledger.Verify;

/// <summary>What is wrong, as far as it can be told: the first findings are kept, the rest counted.</summary>
internal sealed class FindingList : IReadOnlyCollection<Finding>
{
    /// <summary>The most findings that are kept.</summary>
    public const int Most = 1000;

    private readonly List<Finding> _kept = [];

    /// <summary>How many are kept.</summary>
    public int Count => _kept.Count;

    /// <summary>How many more there were.</summary>
    public long Omitted { get; private set; }

    /// <summary>One more.</summary>
    public void Add(Finding finding)
    {
        if (_kept.Count < Most)
        {
            _kept.Add(finding);
        }
        else
        {
            Omitted++;
        }
    }

    /// <summary>Some more.</summary>
    public void AddRange(IEnumerable<Finding> findings)
    {
        foreach (var finding in findings)
        {
            Add(finding);
        }
    }

    /// <summary>Takes back those that something else explains.</summary>
    public void RemoveAll(Predicate<Finding> match) => _kept.RemoveAll(match);

    /// <inheritdoc/>
    public IEnumerator<Finding> GetEnumerator() => _kept.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
