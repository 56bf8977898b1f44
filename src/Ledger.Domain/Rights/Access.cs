using Ledger.Domain.Common;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;

namespace Ledger.Domain.Rights;

/// <summary>Whether a right gave access to a person's file at an instant.</summary>
/// <param name="Right">The right then.</param>
/// <param name="Covers">Whether it covered her; null where nobody can tell any more who she was.</param>
/// <param name="Because">The positions of the events that justify both.</param>
public sealed record AccessThen(RightSegment Right, bool? Covers, IReadOnlyList<long> Because)
{
    /// <summary>Whether it surely gave access, for the purposes that it allowed.</summary>
    public bool Gave => Right.IsEffective && Covers == true;
}

/// <summary>
/// The one function behind who could and who did: what a right gave on a person's file, as she was at that moment.
/// </summary>
public static class Access
{
    /// <summary>What a right gave at an instant.</summary>
    /// <param name="habilitation">The right.</param>
    /// <param name="person">Whose file; null where nobody can tell any more.</param>
    /// <param name="at">The instant.</param>
    /// <param name="known">With what is known.</param>
    public static AccessThen At(Habilitation habilitation, Person? person, DateTimeOffset at, Knowledge known)
    {
        var right = RightTimeline.At(known.RightsOf(habilitation), at);
        if (person?.At(at) is not { } then)
        {
            return new AccessThen(right, null, right.Because);
        }

        var because = then.Because.Union(person.Rectifications).Except(right.Because).ToList();
        return new AccessThen(
            right,
            then.AreCovered(CafOf(habilitation, known), right.Cover),
            because.Count == 0 ? right.Because : [.. right.Because.Concat(because).Order()]
        );
    }

    /// <summary>
    /// The longest stretch of valid time around an instant in which a right that gives access then gives the same
    /// purposes without a break.
    /// </summary>
    public static (DateTimeOffset From, DateTimeOffset Until) Around(
        Habilitation habilitation,
        Person person,
        DateTimeOffset at,
        Knowledge known
    )
    {
        var (segments, caf) = (known.RightsOf(habilitation), CafOf(habilitation, known));
        var purposes = RightTimeline.At(segments, at).Purposes;
        var instants = segments.Select(s => s.From).Concat(person.Changes).Distinct().Order().ToList();
        var here = instants.FindLastIndex(i => i <= at);
        var (first, last) = (here, here);
        for (; first > 0 && IsSame(instants[first - 1]); first--) { }

        for (; last + 1 < instants.Count && IsSame(instants[last + 1]); last++) { }

        return (instants[first], last + 1 < instants.Count ? instants[last + 1] : DateTimeOffset.MaxValue);

        bool IsSame(DateTimeOffset instant)
        {
            var right = RightTimeline.At(segments, instant);
            return right.IsEffective
                && right.Purposes.SequenceEqual(purposes)
                && person.At(instant).AreCovered(caf, right.Cover);
        }
    }

    private static CafCode CafOf(Habilitation habilitation, Knowledge known) =>
        known.Require(habilitation.Granted.Convention).Convention.Caf;
}
