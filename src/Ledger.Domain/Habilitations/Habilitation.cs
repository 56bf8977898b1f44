using Ledger.Domain.Common;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Rights;

namespace Ledger.Domain.Habilitations;

/// <summary>One access right, as it follows from what is known.</summary>
public sealed class Habilitation
{
    private readonly List<Fact> _facts;
    private readonly SortedSet<long> _rectifications = [];

    /// <summary>A habilitation begins with its grant.</summary>
    /// <exception cref="ArgumentException">The first fact is not a grant.</exception>
    public Habilitation(IEnumerable<Fact> facts)
    {
        _facts = [.. facts];
        Version = _facts.Count;
        Granted = _facts is [{ Event: HabilitationGranted granted } first, ..]
            ? new Grant(first.Position, first.Context.Actor, granted)
            : throw new ArgumentException("A habilitation begins with its grant.", nameof(facts));
    }

    /// <summary>The grant that it began with.</summary>
    public Grant Granted { get; }

    /// <summary>What happened and stands, in the order in which it was learnt.</summary>
    public IReadOnlyList<Fact> Facts => _facts;

    /// <summary>The number of events in its stream.</summary>
    public long Version { get; private set; }

    /// <summary>
    /// The position of the rectification of the grant itself, if there was one: there never was a right.
    /// </summary>
    public long? GrantRectifiedBy { get; private set; }

    /// <summary>The positions of the rectifications that took one of its facts away.</summary>
    public IReadOnlyCollection<long> Rectifications => _rectifications;

    /// <summary>What it allows, over time.</summary>
    public Timeline<HabilitationTerms> Terms()
    {
        var granted = new HabilitationTerms(Granted.Purposes, Granted.Perimeter, Granted.Until);
        var terms = granted;
        var steps = new List<Step<HabilitationTerms>>();
        foreach (
            var fact in _facts
                .Where(f => f.Event is HabilitationModified)
                .OrderBy(f => ((HabilitationModified)f.Event).At)
                .ThenBy(f => f.Position)
        )
        {
            var e = (HabilitationModified)fact.Event;
            terms = new HabilitationTerms(
                e.Purposes ?? terms.Purposes,
                e.Perimeter ?? terms.Perimeter,
                e.Until ?? terms.Until
            );
            steps.Add(new Step<HabilitationTerms>(e.At, terms, fact.Position));
        }

        return Timeline<HabilitationTerms>.Of(granted, steps);
    }

    /// <summary>The suspensions and liftings, over time.</summary>
    public Timeline<Fact?> Suspension() =>
        Timeline<Fact?>.Of(
            null,
            _facts
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

    /// <summary>The moment at which it ended for good, if it did; of several, the earliest.</summary>
    public DateTimeOffset? EndedAt => _facts.Select(f => Ending(f)?.At).Min();

    internal void Apply(Fact fact)
    {
        _facts.Add(fact);
        Version++;
    }

    internal void Rectify(long position, long by)
    {
        _rectifications.Add(by);
        if (position == Granted.Position)
        {
            GrantRectifiedBy ??= by;
            return;
        }

        _facts.RemoveAll(f => f.Position == position);
    }

    private static (DateTimeOffset At, Reason Reason)? Ending(Fact fact) =>
        fact.Event switch
        {
            HabilitationRevoked e => (e.At, Reason.HabilitationRevoked),
            HabilitationInvalidated e => (e.At, Reason.HabilitationInvalidated),
            _ => null,
        };

    internal IEnumerable<Condition> Conditions(Partenariat partenariat)
    {
        yield return GrantorEntitled(partenariat);
        yield return Term();
        yield return Condition.Over(Suspension(), suspended => suspended is null ? null : Reason.HabilitationSuspended);
        yield return Condition.That(
            Timeline<Reason?>.Of(
                null,
                _facts
                    .Select(f =>
                        Ending(f) is { } end ? new Step<Reason?>(end.At, end.Reason, f.Position) : (Step<Reason?>?)null
                    )
                    .OfType<Step<Reason?>>()
            )
        );
        if (GrantRectifiedBy is { } by)
        {
            yield return new Condition([], _ => (Reason.GrantRectified, [by]));
        }

        yield return Condition.Over(Terms(), _ => null);
    }

    private Condition GrantorEntitled(Partenariat partenariat)
    {
        // Entitlement is judged once, at the moment of the grant: what happens to the grantor later takes nothing away.
        var (entitled, because) = GrantingRule.Judge(partenariat, Granted.Actor, Granted.At);
        Reason? missing = entitled ? null : Reason.GrantorNotEntitled;
        IEnumerable<long> positions = because is { } position ? [position] : [];
        return new Condition([], _ => (missing, positions));
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
}

/// <summary>What a habilitation allows.</summary>
/// <param name="Purposes">For what.</param>
/// <param name="Perimeter">On which files.</param>
/// <param name="Until">To the start of this day; null without end.</param>
public sealed record HabilitationTerms(IReadOnlyList<Purpose> Purposes, Perimeter Perimeter, DateOnly? Until);
