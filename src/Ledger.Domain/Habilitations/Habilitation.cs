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

    private Habilitation(Grant granted, FactList facts, long known) =>
        (Granted, _facts, _known) = (granted, facts, known);

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
    public Timeline<HabilitationTerms> Terms()
    {
        var granted = new HabilitationTerms(Granted.Purposes, Granted.Perimeter, Granted.Until);
        var terms = granted;
        var steps = new List<Step<HabilitationTerms>>();
        foreach (
            var (e, position) in Facts
                .Where(f => f.Event is HabilitationModified)
                .Select(f => ((HabilitationModified)f.Event, f.Position))
                .OrderBy(f => f.Item1.At)
                .ThenBy(f => f.Position)
        )
        {
            terms = new HabilitationTerms(
                e.Purposes ?? terms.Purposes,
                e.Perimeter ?? terms.Perimeter,
                e.Until ?? terms.Until
            );
            steps.Add(new Step<HabilitationTerms>(e.At, terms, position));
        }

        return Timeline<HabilitationTerms>.Of(granted, steps);
    }

    /// <summary>The suspensions and liftings, over time.</summary>
    public Timeline<Fact?> Suspension() =>
        Timeline<Fact?>.Of(
            null,
            Facts
                .Select(fact =>
                    fact.Event switch
                    {
                        HabilitationSuspended e => new Step<Fact?>(e.At, fact, fact.Position),
                        SuspensionLifted e => new Step<Fact?>(e.At, null, fact.Position),
                        _ => (Step<Fact?>?)null,
                    }
                )
                .OfType<Step<Fact?>>()
        );

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
        _facts.LastChange <= position && InputsOf(partenariat).LastChange <= position
            ? this
            : new(Granted, _facts, position);

    // Computed once for the same facts about the convention's mode, the agent and whoever granted. Two threads may both
    // compute it: they find the same.
    private Computed Compute(Partenariat partenariat)
    {
        var inputs = InputsOf(partenariat);
        if (_computed is { } computed && computed.Inputs == inputs)
        {
            return computed;
        }

        computed = new Computed(
            inputs,
            RightTimeline.Compose(
                Conditions(partenariat),
                Scope(),
                [
                    Granted.Position,
                    .. _facts.Rectifications(_known),
                    .. partenariat.RectificationsOf(Granted.Agent),
                    .. partenariat.RectificationsOf(Granted.Actor.Human),
                ]
            )
        );
        _computed = computed;
        return computed;
    }

    private Inputs InputsOf(Partenariat partenariat) =>
        new(partenariat.Of(Granted.Agent), partenariat.Of(Granted.Actor.Human), partenariat.ModeFacts);

    private static (DateTimeOffset At, Reason Reason)? Ending(Fact fact) =>
        fact.Event switch
        {
            HabilitationRevoked e => (e.At, Reason.HabilitationRevoked),
            HabilitationInvalidated e => (e.At, Reason.HabilitationInvalidated),
            _ => null,
        };

    private Func<DateTimeOffset, (IReadOnlyList<Purpose> Purposes, Cover Cover)> Scope()
    {
        var terms = Terms();
        return instant =>
            terms.At(instant).Value is var own ? (own.Purposes, Cover.Of(own.Perimeter)) : ([], Cover.Whole);
    }

    private IEnumerable<Condition> Conditions(Partenariat partenariat)
    {
        yield return Condition.That(partenariat.Attachment(Granted.Agent));

        // Entitlement is judged once, at the moment of the grant: what happens to the grantor later takes nothing away.
        var (entitled, because) = GrantingRule.Judge(partenariat, Granted.Actor, Granted.At);
        yield return Condition.Always(
            entitled ? null : Reason.GrantorNotEntitled,
            because is { } position ? [position] : []
        );
        yield return Term();
        yield return Condition.Over(Suspension(), suspended => suspended is null ? null : Reason.HabilitationSuspended);
        yield return Condition.That(
            Timeline<Reason?>.Of(
                null,
                Facts
                    .Select(f =>
                        Ending(f) is { } end ? new Step<Reason?>(end.At, end.Reason, f.Position) : (Step<Reason?>?)null
                    )
                    .OfType<Step<Reason?>>()
            )
        );
        if (GrantRectifiedBy is { } by)
        {
            yield return Condition.Always(Reason.GrantRectified, [by]);
        }

        yield return Condition.Over(Terms(), _ => null);
    }

    private Condition Term()
    {
        var from = LegalTime.StartOf(Granted.From);
        var begun = from > Granted.At ? from : Granted.At;
        var terms = Terms();
        return new Condition(
            [
                begun,
                .. terms.Steps.Select(s => s.From),
                .. terms
                    .Steps.Where(s => s.Value.Until is not null)
                    .Select(s => LegalTime.StartOf(s.Value.Until!.Value)),
            ],
            instant =>
            {
                Reason? missing =
                    instant < begun ? Reason.HabilitationNotBegun
                    : terms.At(instant).Value.Until is { } until && instant >= LegalTime.StartOf(until)
                        ? Reason.HabilitationExpired
                    : null;
                return (missing, []);
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

    private sealed record Inputs(FactList Agent, FactList Grantor, FactList Mode)
    {
        public long LastChange => Math.Max(Agent.LastChange, Math.Max(Grantor.LastChange, Mode.LastChange));
    }

    private sealed record Intersection(IReadOnlyList<RightSegment> Common, IReadOnlyList<RightSegment> Segments);

    private sealed class Computed(Inputs inputs, IReadOnlyList<RightSegment> own)
    {
        public Inputs Inputs { get; } = inputs;

        public IReadOnlyList<RightSegment> Own { get; } = own;

        public Intersection? Rights { get; set; }
    }
}

/// <summary>What a habilitation allows.</summary>
/// <param name="Purposes">For what.</param>
/// <param name="Perimeter">On which files.</param>
/// <param name="Until">To the start of this day; null without end.</param>
public sealed record HabilitationTerms(IReadOnlyList<Purpose> Purposes, Perimeter Perimeter, DateOnly? Until);
