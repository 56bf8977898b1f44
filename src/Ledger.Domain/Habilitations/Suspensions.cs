using Ledger.Domain.Common;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Rights;

namespace Ledger.Domain.Habilitations;

/// <summary>
/// The suspensions of a right: art. 9.1, 9.2. Each is one of its own, with its author. A lift ends those that began
/// before it and that its author may lift: the Caf any, a gestionnaire in office those of the partner.
/// </summary>
public sealed class Suspensions
{
    private readonly IReadOnlyList<Suspension> _all;
    private readonly IReadOnlyList<Lift> _lifts;

    private Suspensions(IReadOnlyList<Suspension> all, IReadOnlyList<Lift> lifts) => (_all, _lifts) = (all, lifts);

    /// <summary>Those that a right's facts tell of.</summary>
    /// <param name="facts">What happened to the right and stands.</param>
    /// <param name="partenariat">Its convention, with the same knowledge.</param>
    public static Suspensions Of(IEnumerable<Fact> facts, Partenariat partenariat)
    {
        var (all, lifts) = (new List<Suspension>(), new List<Lift>());
        foreach (var fact in facts)
        {
            switch (fact.Event)
            {
                case HabilitationSuspended e:
                    all.Add(new Suspension(e.At, fact));
                    break;
                case SuspensionLifted e:
                    lifts.Add(new Lift(e.At, fact, GrantingRule.Office(partenariat, fact.Context.Actor, e.At)));
                    break;
                default:
                    break;
            }
        }

        var ordered = lifts.OrderBy(l => l.At).ThenBy(l => l.Fact.Position).ToList();
        return new Suspensions([.. all.Select(s => s with { EndedBy = ordered.Find(l => l.Ends(s)) })], ordered);
    }

    /// <summary>The suspensions that hold at an instant.</summary>
    public IEnumerable<Fact> At(DateTimeOffset instant) => Open(instant).Select(s => s.Fact);

    /// <summary>That the right is not suspended.</summary>
    public Condition Condition() =>
        new(
            _all.Select(s => s.At).Concat(_lifts.Select(l => l.At)),
            instant => (Open(instant).Any() ? Reason.HabilitationSuspended : null, Because(instant))
        );

    private IEnumerable<Suspension> Open(DateTimeOffset instant) =>
        _all.Where(s => s.At <= instant && (s.EndedBy is null || instant < s.EndedBy.At));

    private IEnumerable<long> Because(DateTimeOffset instant) =>
        _all.Where(s => s.At <= instant)
            .Select(s => s.Fact.Position)
            .Concat(_lifts.Where(l => l.At <= instant).SelectMany(l => l.Because));

    private sealed record Suspension(DateTimeOffset At, Fact Fact, Lift? EndedBy = null)
    {
        public bool ByCaf => Fact.Context.Actor.Caf is not null;
    }

    private sealed record Lift(DateTimeOffset At, Fact Fact, Office Office)
    {
        public IEnumerable<long> Because => Office.Cited(Fact.Position);

        public bool Ends(Suspension s) =>
            Office.Held
            && (!s.ByCaf || Fact.Context.Actor.Caf is not null)
            && (s.At < At || (s.At == At && s.Fact.Position < Fact.Position));
    }
}
