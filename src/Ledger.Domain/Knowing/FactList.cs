using System.Collections.Immutable;
using Ledger.Domain.Common;

namespace Ledger.Domain.Knowing;

/// <summary>
/// Facts about one thing, in the order of their positions, with the rectifications that took some of them away. Adding
/// gives another list. What stood once the event at a position was known is a prefix of it: nothing is copied to look
/// back.
/// </summary>
public sealed class FactList
{
    /// <summary>No fact.</summary>
    public static readonly FactList Empty = new([], []);

    private readonly ImmutableArray<Fact> _facts;

    // The position of the rectification, by the position of the fact that it takes away.
    private readonly ImmutableArray<(long Of, long By)> _rectified;

    private FactList(ImmutableArray<Fact> facts, ImmutableArray<(long Of, long By)> rectified)
    {
        (_facts, _rectified) = (facts, rectified);
        LastChange = Math.Max(
            facts.IsEmpty ? -1 : facts[^1].Position,
            rectified.IsEmpty ? -1 : rectified.Max(r => r.By)
        );
    }

    /// <summary>The number of facts, rectified ones too.</summary>
    public int Count => _facts.Length;

    /// <summary>The position of the last fact or rectification; -1 for none.</summary>
    public long LastChange { get; }

    /// <summary>The list with one more fact.</summary>
    public FactList Add(Fact fact) => new(_facts.Add(fact), _rectified);

    /// <summary>The list without the fact at a position, from the rectification on.</summary>
    public FactList Rectify(long of, long by) => new(_facts, _rectified.Add((of, by)));

    /// <summary>Every fact up to a position, rectified ones too.</summary>
    public IEnumerable<Fact> UpTo(long known) => _facts.TakeWhile(f => f.Position <= known);

    /// <summary>The facts that stand with what is known at a position.</summary>
    public IEnumerable<Fact> Standing(long known)
    {
        foreach (var fact in _facts)
        {
            if (fact.Position > known)
            {
                yield break;
            }

            if (_rectified.IsEmpty || !IsRectified(fact.Position, known))
            {
                yield return fact;
            }
        }
    }

    /// <summary>The positions of the rectifications known at a position.</summary>
    public IEnumerable<long> Rectifications(long known) =>
        _rectified.IsEmpty ? [] : _rectified.Select(r => r.By).Where(by => by <= known);

    /// <summary>The position of the rectification of a fact, with what is known at a position; null for none.</summary>
    public long? RectifiedBy(long of, long known)
    {
        foreach (var (position, by) in _rectified)
        {
            if (position == of && by <= known)
            {
                return by;
            }
        }

        return null;
    }

    private bool IsRectified(long position, long known) => RectifiedBy(position, known) is not null;
}
