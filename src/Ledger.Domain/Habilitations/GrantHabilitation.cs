using Ledger.Domain.Common;
using Ledger.Domain.Knowing;
using Ledger.Domain.Partenariats;

namespace Ledger.Domain.Habilitations;

/// <summary>
/// A gestionnaire in office, or the Caf in centralisé mode, gives an agent the use of a service in a profile: art. 9.1,
/// 9.2. What it needs must hold when it begins: on its first day, and not before it is granted.
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
        var begins = (Event with { GrantedAt = at }).Begins();
        RequireTerm(begins, now);
        if (known.TryFind(Event.Habilitation, out _))
        {
            throw new RefusedException(
                "habilitation-once",
                "9.1",
                $"The habilitation '{Event.Habilitation}' is already granted."
            );
        }

        partenariat.RequireGrantor(context.Actor, at);
        RequireRequest(partenariat, at);
        partenariat.RequireNotEnded(begins, "A right is granted");
        known.CatalogueAt(begins).Categories(Event.Service, Event.Profil);
        partenariat.RequireMissions(Event.Purposes, begins);
        RequireOpen(partenariat, begins);
        partenariat.RequireEnrolled(Event.Service, Event.Purposes, begins);
        if (partenariat.Attachment(Event.Agent).At(begins).Value is not null)
        {
            throw new RefusedException(
                "agent-of-the-partenaire",
                "9.2",
                $"'{Event.Agent}' does not belong to the partner on {LegalTime.DayOf(begins):yyyy-MM-dd}."
            );
        }

        return [Event with { GrantedAt = at, ToOneself = IsToOneself(partenariat, context.Actor) }];
    }

    // An agent of the Caf may have the same identifier: she is another person.
    private bool IsToOneself(Partenariat partenariat, Actor actor) =>
        actor.Human == Event.Agent && actor.Siret == partenariat.Convention.Siret;

    private void RequireTerm(DateTimeOffset begins, DateTimeOffset now)
    {
        if (
            Event.Until is { } until
            && LegalTime.StartOf(InvalidFieldException.Naming("until", () => LegalTime.Day(until, now, "The end")))
                <= begins
        )
        {
            throw new InvalidFieldException("until", "A habilitation ends after it begins and after it is granted.");
        }
    }

    private void RequireRequest(Partenariat partenariat, DateTimeOffset at)
    {
        if (partenariat.Mode().At(at).Value != HabilitationMode.Centralise)
        {
            return;
        }

        if (
            partenariat.RequestFor(Event.Habilitation)?.Event is not HabilitationRequested asked
            || (asked.Agent, asked.Service, asked.Profil) != (Event.Agent, Event.Service, Event.Profil)
        )
        {
            throw new RefusedException(
                "request-of-the-partenaire",
                "9.1",
                "In centralisé mode the Caf grants what the partner has requested: same right, agent, service and "
                    + "profile."
            );
        }

        if (at < LegalTime.StartOf(asked.On))
        {
            throw new RefusedException(
                "request-before-grant",
                "9.1",
                $"The Caf received the request on {asked.On:yyyy-MM-dd}: it granted nothing before."
            );
        }
    }

    private void RequireOpen(Partenariat partenariat, DateTimeOffset begins)
    {
        if (
            partenariat.Opening(Event.Service).At(begins).Value is not null
            || partenariat.Enrolment(Event.Service).At(begins).Value?.Profils.Contains(Event.Profil) != true
        )
        {
            throw new RefusedException(
                "profil-open",
                "3",
                $"The profile '{Event.Profil}' of '{Event.Service}' is not open to the partner from "
                    + $"{LegalTime.DayOf(begins):yyyy-MM-dd}."
            );
        }
    }
}
