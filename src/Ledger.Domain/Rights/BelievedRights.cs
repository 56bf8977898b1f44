using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;

namespace Ledger.Domain.Rights;

/// <summary>A half-open interval of valid time.</summary>
/// <param name="From">Inclusive.</param>
/// <param name="Until">Exclusive.</param>
public readonly record struct Stretch(DateTimeOffset From, DateTimeOffset Until);

/// <summary>
/// When a right was believed to hold, and is no longer known to have held: the time between what took it away and the
/// moment at which the ledger learnt of it.
/// </summary>
public static class BelievedRights
{
    /// <summary>The stretches, in order.</summary>
    /// <param name="facts">The facts that bear on the right, in the order of the log.</param>
    /// <param name="habilitation">The right.</param>
    public static IReadOnlyList<Stretch> NoLongerKnown(IReadOnlyList<Fact> facts, HabilitationId habilitation)
    {
        var (known, before) = (Knowledge.None, new List<Stretch>());
        var lost = new List<Stretch>();
        foreach (var fact in facts)
        {
            known = known.Learn(fact).Known;
            if (
                (fact.Event is HabilitationEvent e && e.Habilitation != habilitation)
                || !known.TryFind(habilitation, out _)
            )
            {
                continue;
            }

            var now = known
                .RightsOf(known.Require(habilitation))
                .Where(s => s.IsEffective)
                .Select(s => new Stretch(s.From, s.Until))
                .ToList();
            lost.AddRange(
                Minus(before, now)
                    .Select(s => s with { Until = LegalTime.Earlier(s.Until, fact.RecordedAt) })
                    .Where(s => s.From < s.Until)
            );
            before = now;
        }

        return [.. Minus(Joined(lost), before)];
    }

    /// <summary>What is left of some stretches without others.</summary>
    public static IEnumerable<Stretch> Minus(IReadOnlyList<Stretch> some, IReadOnlyList<Stretch> others) =>
        others.Aggregate(some.AsEnumerable(), (left, other) => left.SelectMany(s => Minus(s, other)).ToList());

    private static IEnumerable<Stretch> Minus(Stretch one, Stretch other)
    {
        if (other.Until <= one.From || other.From >= one.Until)
        {
            yield return one;
            yield break;
        }

        if (one.From < other.From)
        {
            yield return one with
            {
                Until = other.From,
            };
        }

        if (other.Until < one.Until)
        {
            yield return one with
            {
                From = other.Until,
            };
        }
    }

    private static List<Stretch> Joined(IEnumerable<Stretch> stretches)
    {
        var joined = new List<Stretch>();
        foreach (var stretch in stretches.OrderBy(s => s.From))
        {
            if (joined is [.., var last] && stretch.From <= last.Until)
            {
                joined[^1] = last with { Until = LegalTime.Later(last.Until, stretch.Until) };
            }
            else
            {
                joined.Add(stretch);
            }
        }

        return joined;
    }
}
