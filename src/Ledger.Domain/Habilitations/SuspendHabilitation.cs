using Ledger.Domain.Common;
using Ledger.Domain.Knowing;

namespace Ledger.Domain.Habilitations;

/// <summary>
/// A gestionnaire in office or the Caf suspends a right: art. 9.1, 9.2. Each may, whatever the other did: a suspension
/// is ended by those alone who may lift it.
/// </summary>
/// <param name="Event">What, from when.</param>
public sealed record SuspendHabilitation(HabilitationSuspended Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var (habilitation, at) = HabilitationRules.Act(known, context, Event.Habilitation, Event.At, now);
        var open = habilitation.Suspensions(known.Require(habilitation.Granted.Convention)).At(at);
        return open.Any(s => s.Context.Actor.Caf == context.Actor.Caf)
            ? throw new RefusedException(
                "not-suspended-twice",
                "9.1",
                $"The habilitation '{Event.Habilitation}' is already suspended at that moment."
            )
            : [Event with { At = at }];
    }
}

/// <summary>A suspension ends. One that the Caf decided is lifted by the Caf alone.</summary>
/// <param name="Event">What, from when.</param>
public sealed record LiftSuspension(SuspensionLifted Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var (habilitation, at) = HabilitationRules.Act(known, context, Event.Habilitation, Event.At, now);
        var open = habilitation.Suspensions(known.Require(habilitation.Granted.Convention)).At(at).ToList();
        if (open.Count == 0)
        {
            throw new RefusedException(
                "suspended-first",
                "9.1",
                $"The habilitation '{Event.Habilitation}' is not suspended at that moment."
            );
        }

        return context.Actor.Caf is null && open.TrueForAll(s => s.Context.Actor.Caf is not null)
            ? throw new RefusedException(
                "caf-lifts-what-it-suspended",
                "9.2",
                "A suspension that the Caf decided is lifted by the Caf."
            )
            : [Event with { At = at }];
    }
}
