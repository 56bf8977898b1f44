using Ledger.Domain.Common;

namespace Ledger.Domain.Rights;

/// <summary>How a right stands over one half-open interval of valid time.</summary>
/// <param name="From">Inclusive; <see cref="DateTimeOffset.MinValue"/> for always.</param>
/// <param name="Until">Exclusive; <see cref="DateTimeOffset.MaxValue"/> for ever.</param>
/// <param name="Missing">What stands in the way; empty when the right is effective.</param>
/// <param name="Purposes">The purposes that it allows.</param>
/// <param name="Cover">The files that it covers.</param>
/// <param name="Because">The positions of the events that justify it, in order.</param>
/// <param name="Limits">Of what a convention gives: what limits the purposes.</param>
public sealed record RightSegment(
    DateTimeOffset From,
    DateTimeOffset Until,
    IReadOnlyList<Reason> Missing,
    IReadOnlyList<Purpose> Purposes,
    Cover Cover,
    IReadOnlyList<long> Because,
    PurposeLimits? Limits = null
)
{
    /// <summary>Whether the right is effective.</summary>
    public bool IsEffective => Missing.Count == 0;

    internal bool SaysTheSameAs(RightSegment other) =>
        Missing.SequenceEqual(other.Missing)
        && Purposes.SequenceEqual(other.Purposes)
        && Cover.SaysTheSameAs(other.Cover)
        && Because.SequenceEqual(other.Because)
        && Equals(Limits, other.Limits);
}

/// <summary>What limits the purposes of every right under a convention: art. 3, 8.</summary>
/// <param name="Missions">The missions of the convention.</param>
/// <param name="Enrolled">The purposes of the enrolment; null before any.</param>
public sealed record PurposeLimits(IReadOnlyList<Purpose> Missions, IReadOnlyList<Purpose>? Enrolled)
{
    /// <summary>What stands against a purpose.</summary>
    public IEnumerable<Reason> Against(Purpose purpose)
    {
        if (!Missions.Contains(purpose))
        {
            yield return Reason.PurposeOutsideMissions;
        }

        if (Enrolled?.Contains(purpose) == false)
        {
            yield return Reason.PurposeNotEnrolled;
        }
    }

    /// <inheritdoc/>
    public bool Equals(PurposeLimits? other) =>
        other is not null
        && Missions.SequenceEqual(other.Missions)
        && (Enrolled is null ? other.Enrolled is null : other.Enrolled is { } e && Enrolled.SequenceEqual(e));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Missions.Count, Enrolled?.Count);
}

/// <summary>What a right is for at an instant.</summary>
/// <param name="Purposes">The purposes.</param>
/// <param name="Cover">The files.</param>
/// <param name="Limits">Of what a convention gives: what limits the purposes.</param>
public readonly record struct RightScope(IReadOnlyList<Purpose> Purposes, Cover Cover, PurposeLimits? Limits = null);

/// <summary>
/// The one computation of rights. A right is the intersection of two: what every right under the convention needs
/// (convention in force, formalities done, service open, profile enrolled and in the catalogue), computed once for all
/// of them; and what the habilitation itself needs (agent attached, granted by someone entitled to at the moment of the
/// grant, begun and neither expired, suspended nor ended). It allows the purposes, and covers the files, that both do.
/// </summary>
public static class RightTimeline
{
    /// <summary>
    /// The whole of valid time, in segments one after another, of which no two neighbours say the same.
    /// </summary>
    /// <param name="conditions">What must hold.</param>
    /// <param name="scope">The purposes and the files, at an instant.</param>
    /// <param name="because">The positions that justify every segment.</param>
    public static IReadOnlyList<RightSegment> Compose(
        IEnumerable<Condition> conditions,
        Func<DateTimeOffset, RightScope> scope,
        IEnumerable<long> because
    )
    {
        var all = conditions.ToList();
        var (always, segments) = (because.ToList(), new List<RightSegment>());
        var instants = all.SelectMany(c => c.Changes).Append(DateTimeOffset.MinValue).Distinct().Order().ToList();
        for (var i = 0; i < instants.Count; i++)
        {
            var until = i + 1 < instants.Count ? instants[i + 1] : DateTimeOffset.MaxValue;
            var (purposes, cover, limits) = scope(instants[i]);
            var (missing, positions) = Judge(all, instants[i], always);
            var segment = new RightSegment(instants[i], until, missing, purposes, cover, positions, limits);
            if (segments.Count > 0 && segments[^1].SaysTheSameAs(segment))
            {
                segments[^1] = segments[^1] with { Until = until };
            }
            else
            {
                segments.Add(segment);
            }
        }

        return segments.ToArray();
    }

    /// <summary>Where both hold.</summary>
    /// <param name="common">What the convention gives.</param>
    /// <param name="own">What the habilitation gives.</param>
    public static IReadOnlyList<RightSegment> Intersect(
        IReadOnlyList<RightSegment> common,
        IReadOnlyList<RightSegment> own
    )
    {
        var segments = new List<RightSegment>(common.Count + own.Count);
        for (var (i, j) = (0, 0); i < common.Count && j < own.Count; )
        {
            segments.Add(Both(common[i], own[j]));
            var until = LegalTime.Earlier(common[i].Until, own[j].Until);
            i += common[i].Until == until ? 1 : 0;
            j += own[j].Until == until ? 1 : 0;
        }

        return segments.ToArray();
    }

    /// <summary>The segment at an instant.</summary>
    public static RightSegment At(IReadOnlyList<RightSegment> segments, DateTimeOffset instant)
    {
        var (low, high) = (0, segments.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = segments[middle].From <= instant ? (middle, high) : (low, middle - 1);
        }

        return segments[low];
    }

    /// <summary>
    /// The shortest stretch of valid time outside which two timelines say the same; null where they say the same.
    /// </summary>
    public static (DateTimeOffset From, DateTimeOffset Until)? Difference(
        IReadOnlyList<RightSegment> one,
        IReadOnlyList<RightSegment> other
    )
    {
        (DateTimeOffset From, DateTimeOffset Until)? found = null;
        for (var (i, j) = (0, 0); i < one.Count && j < other.Count; )
        {
            var (from, until) = (
                LegalTime.Later(one[i].From, other[j].From),
                LegalTime.Earlier(one[i].Until, other[j].Until)
            );
            if (!AllowsTheSame(one[i], other[j]))
            {
                found = (found?.From ?? from, until);
            }

            i += one[i].Until == until ? 1 : 0;
            j += other[j].Until == until ? 1 : 0;
        }

        return found;
    }

    private static bool AllowsTheSame(RightSegment one, RightSegment other) =>
        one.Missing.SequenceEqual(other.Missing)
        && one.Purposes.SequenceEqual(other.Purposes)
        && one.Cover.SaysTheSameAs(other.Cover);

    private static RightSegment Both(RightSegment common, RightSegment own)
    {
        // Arrays, and the parts themselves where they say it all: there are hundreds of thousands of segments.
        var purposes = own.Purposes.Intersect(common.Purposes).Order().ToArray();
        var missing = new SortedSet<Reason>([.. common.Missing, .. own.Missing]);
        if (purposes.Length == 0)
        {
            missing.UnionWith(
                own.Purposes.Count == 0 ? [Reason.PurposeNotGranted]
                : common.Limits is { } limits ? own.Purposes.SelectMany(limits.Against)
                : []
            );
        }

        return new RightSegment(
            LegalTime.Later(common.From, own.From),
            LegalTime.Earlier(common.Until, own.Until),
            missing.ToArray(),
            own.Purposes.SequenceEqual(purposes) ? own.Purposes : purposes,
            own.Cover.And(common.Cover),
            common.Because.Count == 0 ? own.Because : common.Because.Union(own.Because).Order().ToArray()
        );
    }

    private static (IReadOnlyList<Reason> Missing, IReadOnlyList<long> Because) Judge(
        List<Condition> conditions,
        DateTimeOffset instant,
        List<long> always
    )
    {
        var (missing, because) = (new SortedSet<Reason>(), new SortedSet<long>(always));
        foreach (var condition in conditions)
        {
            var (reason, positions) = condition.At(instant);
            because.UnionWith(positions);
            if (reason is { } why)
            {
                missing.Add(why);
            }
        }

        return (missing.ToArray(), because.ToArray());
    }
}
