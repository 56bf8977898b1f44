using Ledger.Domain.Common;
using Ledger.Domain.Knowing;
using Ledger.Domain.Partenariats;

namespace Ledger.Domain.Habilitations;

/// <summary>A gestionnaire in office or the Caf ends a right for good: art. 9.1, 9.2.</summary>
/// <param name="Event">What, from when.</param>
public sealed record RevokeHabilitation(HabilitationRevoked Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var (_, at) = HabilitationRules.Act(known, context, Event.Habilitation, Event.At, now);
        return [Event with { At = at }];
    }
}

/// <summary>A gestionnaire in office or the Caf changes a right: art. 9.1, 9.2.</summary>
/// <param name="Event">What changes, from when.</param>
public sealed record ModifyHabilitation(HabilitationModified Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var (habilitation, at) = HabilitationRules.Act(known, context, Event.Habilitation, Event.At, now);
        var partenariat = known.Require(habilitation.Granted.Convention);
        if (habilitation.Terms(partenariat).At(at).Terms.HasExpired(at))
        {
            throw new RefusedException(
                "not-expired",
                "9.1",
                $"The habilitation '{Event.Habilitation}' has expired: a right is granted anew."
            );
        }

        if (Event.Purposes is { } purposes)
        {
            partenariat.RequireMissions(purposes, at);
            partenariat.RequireEnrolled(habilitation.Granted.Service, purposes, at);
        }

        if (Event.Until is { } until)
        {
            InvalidFieldException.Naming("until", () => LegalTime.Day(until, now, "The end"));
        }

        return Event is { Purposes: null, Perimeter: null, Until: null }
            ? throw new InvalidFieldException(
                "purposes",
                "A modification changes the purposes, the perimeter or the end."
            )
            : [Event with { At = at }];
    }
}

/// <summary>The Caf ends a right because of its misuse: art. 9.2.</summary>
/// <param name="Event">What, from when.</param>
public sealed record InvalidateHabilitation(HabilitationInvalidated Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var (habilitation, at) = HabilitationRules.Act(known, context, Event.Habilitation, Event.At, now);
        known.Require(habilitation.Granted.Convention).RequireCaf(context.Actor, "9.2");
        return [Event with { At = at }];
    }
}

/// <summary>A party reviews a right: art. 9.1, 16.</summary>
/// <param name="Event">What came out.</param>
public sealed record ReviewHabilitation(HabilitationReviewed Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var habilitation = known.Require(Event.Habilitation);
        HabilitationRules.RequireGranted(habilitation);
        known.Require(habilitation.Granted.Convention).RequireParty(context.Actor, "9.1");
        return
        [
            Event with
            {
                At = InvalidFieldException.Naming("at", () => LegalTime.Past(Event.At, now, "A review")),
            },
        ];
    }
}

internal static class HabilitationRules
{
    /// <summary>Nothing is done to a right whose grant was rectified: there never was one.</summary>
    public static void RequireGranted(Habilitation habilitation)
    {
        if (habilitation.GrantRectifiedBy is { } by)
        {
            throw new RefusedException(
                "grant-stands",
                "9.1",
                $"The grant of '{habilitation.Granted.Event.Habilitation}' was rectified at position {by}."
            );
        }
    }

    public static (Habilitation Habilitation, DateTimeOffset At) Act(
        Knowledge known,
        EventContext context,
        HabilitationId id,
        DateTimeOffset at,
        DateTimeOffset now
    )
    {
        var habilitation = known.Require(id);
        RequireGranted(habilitation);
        at = InvalidFieldException.Naming("at", () => LegalTime.Past(at, now, "The act"));
        known.Require(habilitation.Granted.Convention).RequireGrantorOrCaf(context.Actor, at);
        if (at < habilitation.Granted.At)
        {
            throw new RefusedException("granted-first", "9.1", $"The habilitation '{id}' was granted later.");
        }

        return habilitation.EndedAt <= at
            ? throw new RefusedException("not-ended", "9.1", $"The habilitation '{id}' has ended.")
            : (habilitation, at);
    }
}
