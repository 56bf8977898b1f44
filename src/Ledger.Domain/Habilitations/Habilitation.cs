using Ledger.Domain.Common;
using Ledger.Domain.Knowing;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Rights;

namespace Ledger.Domain.Habilitations;

/// <summary>One access right, as it follows from what is known. Immutable: a fact gives another.</summary>
public sealed class Habilitation
{
    private readonly FactList _facts;
    private readonly long _known;
    private Computed? _computed;

    // Who lifted suspensions or modified it: what they did counts by the office that they had.
    private readonly AgentId[] _givers;

    private Habilitation(Grant granted, FactList facts, long known)
    {
        (Granted, _facts, _known) = (granted, facts, known);
        _givers =
            facts.Count == 1
                ? []
                :
                [
                    .. facts
                        .UpTo(known)
                        .Where(f => f.Event is SuspensionLifted or HabilitationModified)
                        .Select(f => f.Context.Actor.Human)
                        .Distinct(),
                ];
    }

    /// <summary>The grant that it began with.</summary>
    public Grant Granted { get; }

    /// <summary>
    /// What happened and stands, in the order in which it was learnt. The grant stays, rectified or not.
    /// </summary>
    public IEnumerable<Fact> Facts =>
        GrantRectifiedBy is null
            ? _facts.Standing(_known)
            : _facts.UpTo(_known).Where(f => f.Position == Granted.Position).Concat(_facts.Standing(_known));

    /// <summary>The number of events in its stream.</summary>
    public long Version => _facts.Count;

    /// <summary>
    /// The position of the rectification of the grant itself, if there was one: there never was a right.
    /// </summary>
    public long? GrantRectifiedBy => _facts.RectifiedBy(Granted.Position, _known);

    /// <summary>The moment at which it ended for good, if it did; of several, the earliest.</summary>
    public DateTimeOffset? EndedAt => Facts.Select(f => Ending(f)?.At).Min();

    /// <summary>A habilitation begins with its grant.</summary>
    /// <exception cref="ArgumentException">The fact is not a grant.</exception>
    public static Habilitation Begun(Fact fact) =>
        fact.Event is HabilitationGranted granted
            ? new Habilitation(
                new Grant(fact.Position, fact.Context.Actor, granted),
                FactList.Empty.Add(fact),
                long.MaxValue
            )
            : throw new ArgumentException("A habilitation begins with its grant.", nameof(fact));

    /// <summary>What it allows, over time.</summary>
    /// <param name="partenariat">Its convention, with the same knowledge.</param>
    public GrantedTerms Terms(Partenariat partenariat) => GrantedTerms.Of(Granted, Facts, partenariat);

    /// <summary>Its suspensions.</summary>
    /// <param name="partenariat">Its convention, with the same knowledge.</param>
    public Suspensions Suspensions(Partenariat partenariat) => Habilitations.Suspensions.Of(Facts, partenariat);

    /// <summary>Whether an agent granted it, lifted a suspension of it or modified it.</summary>
    public bool WasGivenBy(AgentId agent) => Granted.Actor.Human == agent || _givers.Contains(agent);

    /// <summary>What it gives by itself, over time: without what the convention must give as well.</summary>
    /// <param name="partenariat">Its convention, with the same knowledge.</param>
    public IReadOnlyList<RightSegment> OwnRights(Partenariat partenariat) => Compute(partenariat).Own;

    /// <summary>The right over time: what it gives by itself where the convention gives it too.</summary>
    /// <param name="partenariat">Its convention, with the same knowledge.</param>
    public IReadOnlyList<RightSegment> Rights(Partenariat partenariat)
    {
        var computed = Compute(partenariat);
        var common = partenariat.CommonRights(Granted.Service, Granted.Profil);
        if (computed.Rights is { } last && ReferenceEquals(last.Common, common))
        {
            return last.Segments;
        }

        var segments = RightTimeline.Intersect(common, computed.Own);
        computed.Rights = new Intersection(common, segments);
        return segments;
    }

    /// <summary>The habilitation with one more fact.</summary>
    internal Habilitation With(Fact fact) => new(Granted, _facts.Add(fact), _known);

    /// <summary>The habilitation without a fact, from its rectification on.</summary>
    internal Habilitation Rectify(long position, long by) => new(Granted, _facts.Rectify(position, by), _known);

    /// <summary>
    /// The habilitation as it was known at a position: the same, with what was computed of it, where nothing was learnt
    /// since that bears on what it gives by itself.
    /// </summary>
    /// <param name="position">The position.</param>
    /// <param name="partenariat">Its convention, with the knowledge of this one.</param>
    internal Habilitation AsKnownAt(long position, Partenariat partenariat) =>
        _facts.LastChange <= position && InputsOf(partenariat).All(facts => facts.LastChange <= position)
            ? this
            : new(Granted, _facts, position);

    // Computed once for the same facts about the convention's mode, the partner's request, the agent and whoever acted on
    // the right. Two threads may both compute it: they find the same.
    private Computed Compute(Partenariat partenariat)
    {
        if (_computed is { } computed && IsCurrent(computed.Inputs, partenariat))
        {
            return computed;
        }

        var terms = Terms(partenariat);
        computed = new Computed(
            [.. InputsOf(partenariat)],
            RightTimeline.Compose(
                Conditions(partenariat, terms),
                instant => terms.At(instant).Terms.Scope,
                [
                    Granted.Position,
                    .. _facts.Rectifications(_known),
                    .. _givers
                        .Append(Granted.Agent)
                        .Append(Granted.Actor.Human)
                        .Distinct()
                        .SelectMany(partenariat.RectificationsOf),
                ]
            )
        );
        _computed = computed;
        return computed;
    }

    private static readonly Reason[] Endings = [Reason.HabilitationRevoked, Reason.HabilitationInvalidated];

    private bool IsCurrent(FactList[] inputs, Partenariat partenariat)
    {
        var i = 0;
        foreach (var input in InputsOf(partenariat))
        {
            if (!ReferenceEquals(inputs[i++], input))
            {
                return false;
            }
        }

        return true;
    }

    // Always as many, in the same order.
    private IEnumerable<FactList> InputsOf(Partenariat partenariat)
    {
        yield return partenariat.Of(Granted.Agent);
        yield return partenariat.Of(Granted.Actor.Human);
        yield return partenariat.ModeFacts;
        yield return partenariat.Of(Granted.Event.Habilitation);
        foreach (var giver in _givers)
        {
            yield return partenariat.Of(giver);
        }
    }

    private static (DateTimeOffset At, Reason Reason)? Ending(Fact fact) =>
        fact.Event switch
        {
            HabilitationRevoked e => (e.At, Reason.HabilitationRevoked),
            HabilitationInvalidated e => (e.At, Reason.HabilitationInvalidated),
            _ => null,
        };

    private IEnumerable<Condition> Conditions(Partenariat partenariat, GrantedTerms terms)
    {
        yield return Condition.That(partenariat.Attachment(Granted.Agent));

        // Entitlement is judged once, at the moment of the grant: what happens to the grantor later takes nothing away.
        var (entitled, because) = GrantingRule.Judge(partenariat, Granted);
        yield return Condition.Always(entitled ? null : Reason.GrantorNotEntitled, because);
        yield return Term(terms);
        yield return Suspensions(partenariat).Condition();
        foreach (var reason in Endings)
        {
            yield return Condition.That(
                Timeline<Reason?>.Of(
                    null,
                    Facts
                        .Select(f =>
                            Ending(f) is { } end && end.Reason == reason
                                ? new Step<Reason?>(end.At, reason, f.Position)
                                : (Step<Reason?>?)null
                        )
                        .OfType<Step<Reason?>>()
                )
            );
        }

        if (GrantRectifiedBy is { } by)
        {
            yield return Condition.Always(Reason.GrantRectified, [by]);
        }
    }

    private Condition Term(GrantedTerms terms)
    {
        var begun = Granted.Event.Begins();
        return new Condition(
            [begun, .. terms.Changes],
            instant =>
            {
                var (now, because) = terms.At(instant);
                Reason? missing =
                    instant < begun ? Reason.HabilitationNotBegun
                    : now.HasExpired(instant) ? Reason.HabilitationExpired
                    : null;
                return (missing, because);
            }
        );
    }

    /// <summary>A grant, with who made it and where it stands in the log.</summary>
    /// <param name="Position">Where it stands.</param>
    /// <param name="Actor">Who made it.</param>
    /// <param name="Event">What it says.</param>
    public sealed record Grant(long Position, Actor Actor, HabilitationGranted Event)
    {
        /// <summary>Under which convention.</summary>
        public ConventionId Convention => Event.Convention;

        /// <summary>To whom.</summary>
        public AgentId Agent => Event.Agent;

        /// <summary>Which service.</summary>
        public ServiceCode Service => Event.Service;

        /// <summary>Which profile.</summary>
        public ProfilCode Profil => Event.Profil;

        /// <summary>For what.</summary>
        public IReadOnlyList<Purpose> Purposes => Event.Purposes;

        /// <summary>On which files.</summary>
        public Perimeter Perimeter => Event.Perimeter;

        /// <summary>The first day.</summary>
        public DateOnly From => Event.From;

        /// <summary>The day it ends.</summary>
        public DateOnly? Until => Event.Until;

        /// <summary>When it was made.</summary>
        public DateTimeOffset At => Event.GrantedAt;
    }

    private sealed record Intersection(IReadOnlyList<RightSegment> Common, IReadOnlyList<RightSegment> Segments);

    private sealed class Computed(FactList[] inputs, IReadOnlyList<RightSegment> own)
    {
        public FactList[] Inputs { get; } = inputs;

        public IReadOnlyList<RightSegment> Own { get; } = own;

        public Intersection? Rights { get; set; }
    }
}
