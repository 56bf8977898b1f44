using Ledger.Domain.Common;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Rights;

namespace Ledger.Domain.Habilitations;

/// <summary>One access right, as it follows from what is known.</summary>
public sealed class Habilitation
{
    private readonly List<Fact> _facts;

    /// <summary>A habilitation begins with its grant.</summary>
    /// <exception cref="ArgumentException">The first fact is not a grant.</exception>
    public Habilitation(IEnumerable<Fact> facts)
    {
        _facts = [.. facts];
        Granted = _facts is [{ Event: HabilitationGranted granted } first, ..]
            ? new Grant(first.Position, first.Context.Actor, granted)
            : throw new ArgumentException("A habilitation begins with its grant.", nameof(facts));
    }

    /// <summary>The grant that it began with.</summary>
    public Grant Granted { get; }

    /// <summary>What happened, in the order in which it was learnt.</summary>
    public IReadOnlyList<Fact> Facts => _facts;

    /// <summary>The number of events in its stream.</summary>
    public long Version => _facts.Count;

    /// <summary>The suspensions and liftings, over time.</summary>
    public Timeline<Fact?> Suspension() => Timeline<Fact?>.Of(null, _facts.Select(fact => fact.Event switch
    {
        HabilitationSuspended e => new Step<Fact?>(e.At, fact, fact.Position),
        SuspensionLifted e => new Step<Fact?>(e.At, null, fact.Position),
        _ => (Step<Fact?>?)null,
    }).OfType<Step<Fact?>>());

    /// <summary>The moment of the revocation, if there was one; of several, the earliest.</summary>
    public DateTimeOffset? RevokedAt => _facts.Select(f => f.Event).OfType<HabilitationRevoked>().Select(e => (DateTimeOffset?)e.At).Min();

    internal void Apply(Fact fact) => _facts.Add(fact);

    internal IEnumerable<Condition> Conditions(Partenariat partenariat)
    {
        yield return GrantorEntitled(partenariat);
        yield return Condition.That(Term());
        var suspension = Suspension();
        yield return new Condition(suspension.Steps.Select(s => s.From), instant =>
        {
            var step = suspension.At(instant);
            return (step.Value is null ? null : Reason.HabilitationSuspended, step.Because is { } position ? [position] : []);
        });
        yield return Condition.That(Timeline<Reason?>.Of(null, _facts
            .Where(f => f.Event is HabilitationRevoked)
            .Select(f => new Step<Reason?>(((HabilitationRevoked)f.Event).At, Reason.HabilitationRevoked, f.Position))));
    }

    private Condition GrantorEntitled(Partenariat partenariat)
    {
        // Entitlement is judged once, at the moment of the grant: what happens to the grantor later takes nothing away.
        var (entitled, because) = GrantingRule.Judge(partenariat, Granted.Actor, Granted.At);
        Reason? missing = entitled ? null : Reason.GrantorNotEntitled;
        IEnumerable<long> positions = because is { } position ? [position] : [];
        return new Condition([], _ => (missing, positions));
    }

    private Timeline<Reason?> Term()
    {
        var from = LegalTime.StartOf(Granted.From);
        var steps = new List<Step<Reason?>> { new(from > Granted.At ? from : Granted.At, null, Granted.Position) };
        if (Granted.Until is { } until)
        {
            steps.Add(new Step<Reason?>(LegalTime.StartOf(until), Reason.HabilitationExpired, Granted.Position));
        }

        return Timeline<Reason?>.Of(Reason.HabilitationNotBegun, steps);
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
