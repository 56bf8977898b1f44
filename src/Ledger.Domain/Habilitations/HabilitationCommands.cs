using Ledger.Domain.Common;
using Ledger.Domain.Knowing;
using Ledger.Domain.Partenariats;

namespace Ledger.Domain.Habilitations;

/// <summary>
/// A gestionnaire in office, or the Caf in centralisé mode, gives an agent the use of a service in a profile: art. 9.1,
/// 9.2.
/// </summary>
/// <param name="Event">What is given; its flag and the default of its moment are set here.</param>
public sealed record GrantHabilitation(HabilitationGranted Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var partenariat = known.Require(Event.Convention);
        var at = InvalidFieldException.Naming("granted_at", () => LegalTime.Past(Event.GrantedAt, now, "A grant"));
        InvalidFieldException.Naming("from", () => LegalTime.Day(Event.From, now, "The first day"));
        if (
            Event.Until is { } until
            && InvalidFieldException.Naming("until", () => LegalTime.Day(until, now, "The end")) <= Event.From
        )
        {
            throw new InvalidFieldException("until", "A habilitation ends after it begins.");
        }

        if (known.TryFind(Event.Habilitation, out _))
        {
            throw new RefusedException(
                "habilitation-once",
                "9.1",
                $"The habilitation '{Event.Habilitation}' is already granted."
            );
        }

        partenariat.RequireGrantor(context.Actor, at);
        if (
            partenariat.Mode().At(at).Value == HabilitationMode.Centralise
            && (
                partenariat.RequestFor(Event.Habilitation)?.Event is not HabilitationRequested asked
                || (asked.Agent, asked.Service, asked.Profil) != (Event.Agent, Event.Service, Event.Profil)
            )
        )
        {
            throw new RefusedException(
                "request-of-the-partenaire",
                "9.1",
                "In centralisé mode the Caf grants what the partner has requested: same right, agent, service and "
                    + "profile."
            );
        }

        var from = LegalTime.StartOf(Event.From);
        known.CatalogueAt(from).Categories(Event.Service, Event.Profil);
        partenariat.RequireMissions(Event.Purposes, from);
        var enrolment = partenariat.Enrolment(Event.Service).At(from).Value;
        if (
            partenariat.Opening(Event.Service).At(from).Value is not null
            || enrolment?.Profils.Contains(Event.Profil) != true
        )
        {
            throw new RefusedException(
                "profil-open",
                "3",
                $"The profile '{Event.Profil}' of '{Event.Service}' is not open to the partner from "
                    + $"{Event.From:yyyy-MM-dd}."
            );
        }

        if (partenariat.Attachment(Event.Agent).At(from).Value is not null)
        {
            throw new RefusedException(
                "agent-of-the-partenaire",
                "9.2",
                $"'{Event.Agent}' does not belong to the partner on {Event.From:yyyy-MM-dd}."
            );
        }

        return [Event with { GrantedAt = at, ToOneself = context.Actor.Human == Event.Agent }];
    }
}

/// <summary>A gestionnaire in office or the Caf suspends a right: art. 9.1, 9.2.</summary>
/// <param name="Event">What, from when.</param>
public sealed record SuspendHabilitation(HabilitationSuspended Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var (habilitation, at) = HabilitationRules.Act(known, context, Event.Habilitation, Event.At, now);
        return habilitation.Suspension().At(at).Value is null
            ? [Event with { At = at }]
            : throw new RefusedException(
                "not-suspended-twice",
                "9.1",
                $"The habilitation '{Event.Habilitation}' is already suspended at that moment."
            );
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
        if (habilitation.Suspension().At(at).Value is not { } suspended)
        {
            throw new RefusedException(
                "suspended-first",
                "9.1",
                $"The habilitation '{Event.Habilitation}' is not suspended at that moment."
            );
        }

        return suspended.Context.Actor.Caf is not null && context.Actor.Caf is null
            ? throw new RefusedException(
                "caf-lifts-what-it-suspended",
                "9.2",
                "A suspension that the Caf decided is lifted by the Caf."
            )
            : [Event with { At = at }];
    }
}

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
        if (Event.Purposes is { } purposes)
        {
            known.Require(habilitation.Granted.Convention).RequireMissions(purposes, at);
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
        known.Require(known.Require(Event.Habilitation).Granted.Convention).RequireParty(context.Actor, "9.1");
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
    public static (Habilitation Habilitation, DateTimeOffset At) Act(
        Knowledge known,
        EventContext context,
        HabilitationId id,
        DateTimeOffset at,
        DateTimeOffset now
    )
    {
        var habilitation = known.Require(id);
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
