using Ledger.Domain.Common;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Rights;

namespace Ledger.Domain.Habilitations;

/// <summary>What a habilitation allows.</summary>
/// <param name="Purposes">For what.</param>
/// <param name="Cover">On which files.</param>
/// <param name="Until">To the start of this day; null without end.</param>
public sealed record HabilitationTerms(IReadOnlyList<Purpose> Purposes, Cover Cover, DateOnly? Until)
{
    /// <summary>For what, and on which files.</summary>
    public RightScope Scope => new(Purposes, Cover);

    /// <summary>What a modification asks for.</summary>
    public HabilitationTerms With(HabilitationModified e) =>
        new(e.Purposes ?? Purposes, e.Perimeter is { } p ? Cover.Of(p) : Cover, e.Until ?? Until);

    /// <summary>What both allow.</summary>
    public HabilitationTerms And(HabilitationTerms other) =>
        new(
            [.. Purposes.Intersect(other.Purposes)],
            Cover.And(other.Cover),
            Until is null || other.Until < Until ? other.Until : Until
        );

    /// <summary>Whether it allows something that others do not.</summary>
    public bool Widens(HabilitationTerms before) =>
        Purposes.Except(before.Purposes).Any()
        || !Cover.IsWithin(before.Cover)
        || (before.Until is { } end && (Until is null || Until > end));

    /// <summary>Whether its end has come.</summary>
    public bool HasExpired(DateTimeOffset instant) => Until is { } until && LegalTime.StartOf(until) <= instant;
}

/// <summary>
/// The terms of a right over time: those of the grant, then of each modification. A modification by somebody without
/// office narrows and never widens; one after the end of the right changes nothing: a right is granted anew, not
/// brought back to life.
/// </summary>
public sealed class GrantedTerms
{
    private readonly List<Change> _changes;

    private GrantedTerms(List<Change> changes) => _changes = changes;

    /// <summary>The instants at which they may change.</summary>
    public IEnumerable<DateTimeOffset> Changes =>
        _changes
            .Select(c => c.From)
            .Concat(_changes.Select(c => c.Terms.Until).OfType<DateOnly>().Select(LegalTime.StartOf));

    /// <summary>The modifications that asked for more than there was.</summary>
    public IEnumerable<Fact> Widenings => _changes.Where(c => c.Widens).Select(c => c.Fact!);

    /// <summary>Builds them.</summary>
    /// <param name="granted">The grant.</param>
    /// <param name="facts">What happened to the right and stands.</param>
    /// <param name="partenariat">Its convention, with the same knowledge.</param>
    public static GrantedTerms Of(Habilitation.Grant granted, IEnumerable<Fact> facts, Partenariat partenariat)
    {
        var terms = new HabilitationTerms(granted.Purposes, Cover.Of(granted.Perimeter), granted.Until);
        var changes = new List<Change> { new(DateTimeOffset.MinValue, terms, null, default, false) };
        foreach (
            var (fact, e) in facts
                .Where(f => f.Event is HabilitationModified)
                .Select(f => (f, (HabilitationModified)f.Event))
                .OrderBy(m => m.Item2.At)
                .ThenBy(m => m.f.Position)
        )
        {
            var (asked, office) = (terms.With(e), GrantingRule.Office(partenariat, fact.Context.Actor, e.At));
            var widens = asked.Widens(terms);
            terms =
                terms.HasExpired(e.At) ? terms
                : office.Held ? asked
                : terms.And(asked);
            changes.Add(new Change(e.At, terms, fact, office, widens));
        }

        return new GrantedTerms(changes);
    }

    /// <summary>The terms at an instant, and the positions of every act that shaped them until then.</summary>
    public (HabilitationTerms Terms, IReadOnlyList<long> Because) At(DateTimeOffset instant)
    {
        var last = _changes.FindLastIndex(c => c.From <= instant);
        return (_changes[last].Terms, [.. _changes.Take(last + 1).SelectMany(c => c.Because)]);
    }

    private sealed record Change(DateTimeOffset From, HabilitationTerms Terms, Fact? Fact, Office Office, bool Widens)
    {
        public IEnumerable<long> Because => Fact is null ? [] : Office.Cited(Fact.Position);
    }
}
