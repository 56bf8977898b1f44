using Ledger.Domain.Common;

namespace Ledger.Domain.Rights;

/// <summary>How a habilitation stands over one half-open interval of valid time.</summary>
/// <param name="From">Inclusive; <see cref="DateTimeOffset.MinValue"/> for always.</param>
/// <param name="Until">Exclusive; <see cref="DateTimeOffset.MaxValue"/> for ever.</param>
/// <param name="Missing">What stands in the way; empty when the right is effective.</param>
/// <param name="Purposes">
/// The purposes it allows: those of the habilitation, the enrolment and the missions alike.
/// </param>
/// <param name="Cover">The files it covers: those of the habilitation and the enrolment alike.</param>
/// <param name="Because">The positions of the events that justify it, in order.</param>
public sealed record RightSegment(
    DateTimeOffset From,
    DateTimeOffset Until,
    IReadOnlyList<Reason> Missing,
    IReadOnlyList<Purpose> Purposes,
    Cover Cover,
    IReadOnlyList<long> Because
)
{
    /// <summary>Whether the right is effective.</summary>
    public bool IsEffective => Missing.Count == 0;

    internal bool SaysTheSameAs(RightSegment other) =>
        Missing.SequenceEqual(other.Missing)
        && Purposes.SequenceEqual(other.Purposes)
        && Cover.SaysTheSameAs(other.Cover)
        && Because.SequenceEqual(other.Because);
}

/// <summary>
/// The one computation of rights. A habilitation is effective where all of these hold at once: convention in force,
/// formalities done, service open and profile enrolled, profile in the catalogue, agent attached, granted by someone
/// entitled to
/// at the moment of the grant, begun and neither expired, suspended nor ended, some purpose of it among the missions;
/// on the
/// files that its perimeter and the enrolment's both cover.
/// </summary>
public static class RightTimeline
{
    /// <summary>
    /// The whole of valid time, in segments one after another, of which no two neighbours say the same.
    /// </summary>
    public static IReadOnlyList<RightSegment> Of(Knowledge known, Habilitations.Habilitation habilitation)
    {
        var partenariat = known.Require(habilitation.Granted.Convention);
        var conditions = partenariat
            .ConditionsFor(habilitation, known)
            .Concat(habilitation.Conditions(partenariat))
            .ToList();
        var instants = conditions
            .SelectMany(c => c.Changes)
            .Append(DateTimeOffset.MinValue)
            .Distinct()
            .Order()
            .ToList();
        var scope = partenariat.ScopeOf(habilitation);
        var segments = new List<RightSegment>();
        for (var i = 0; i < instants.Count; i++)
        {
            var until = i + 1 < instants.Count ? instants[i + 1] : DateTimeOffset.MaxValue;
            var segment = At(partenariat, habilitation, conditions, scope(instants[i]), instants[i], until);
            if (segments.Count > 0 && segments[^1].SaysTheSameAs(segment))
            {
                segments[^1] = segments[^1] with { Until = until };
            }
            else
            {
                segments.Add(segment);
            }
        }

        return segments;
    }

    private static RightSegment At(
        Partenariats.Partenariat partenariat,
        Habilitations.Habilitation habilitation,
        List<Condition> conditions,
        (IReadOnlyList<Purpose> Purposes, Cover Cover) scope,
        DateTimeOffset from,
        DateTimeOffset until
    )
    {
        var missing = new List<Reason>();
        var because = new SortedSet<long>([
            habilitation.Granted.Position,
            .. partenariat.Rectifications,
            .. habilitation.Rectifications,
        ]);
        foreach (var condition in conditions)
        {
            var (reason, positions) = condition.At(from);
            because.UnionWith(positions);
            if (reason is { } why)
            {
                missing.Add(why);
            }
        }

        if (scope.Purposes.Count == 0 && !missing.Contains(Reason.ProfilNotEnrolled))
        {
            missing.Add(Reason.PurposeOutsideMissions);
        }

        return new RightSegment(
            from,
            until,
            [.. missing.Distinct().Order()],
            scope.Purposes,
            scope.Cover,
            [.. because]
        );
    }
}

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
}
