using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;

namespace Ledger.Domain.Partenariats;

/// <summary>The Caf records an avenant signed by both parties: art. 17.3.</summary>
/// <param name="Event">What it changes.</param>
public sealed record AmendConvention(ConventionAmended Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var partenariat = known.Require(Event.Convention);
        partenariat.RequireCaf(context.Actor, "17.3");
        SignConvention.Signed("signed_by_caf_on", Event.SignedByCafOn, now);
        SignConvention.Signed("signed_by_partenaire_on", Event.SignedByPartenaireOn, now);
        InvalidFieldException.Naming("from", () => LegalTime.Day(Event.From, now, "The avenant's effect"));
        partenariat.RequireNotEnded(LegalTime.StartOf(Event.From), "An avenant is signed");
        if (Event.From < Event.SignedByCafOn || Event.From < Event.SignedByPartenaireOn)
        {
            throw new RefusedException(
                "avenant-signed-by-both",
                "17.3",
                "An avenant takes effect once both parties have signed it."
            );
        }

        return Event.Missions is { Count: 0 }
            ? throw new InvalidFieldException("missions", "A convention names at least one mission (art. 8).")
            : [Event];
    }
}

/// <summary>The Caf chooses who manages the access rights: art. 9.1.</summary>
/// <param name="Event">From when.</param>
public sealed record ChangeHabilitationMode(HabilitationModeChanged Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var partenariat = known.Require(Event.Convention);
        partenariat.RequireCaf(context.Actor, "9.1");
        var from = LegalTime.StartOf(
            InvalidFieldException.Naming("from", () => LegalTime.Day(Event.From, now, "The change of mode"))
        );
        partenariat.RequireNotEnded(from, "The mode is changed");
        if (Event.From < LegalTime.DayOf(now))
        {
            throw new RefusedException(
                "mode-from-its-recording",
                "9.1",
                "A change of mode takes effect no earlier than the day on which it is recorded."
            );
        }

        return partenariat.Mode().At(LegalTime.Later(from, now)).Value == Event.Mode
            ? throw new RefusedException("another-mode", "9.1", "The convention is already in this mode at that date.")
            : [Event];
    }
}

/// <summary>The Caf records an end of the convention that no notice explains: art. 17.</summary>
/// <param name="Event">From when.</param>
public sealed record TerminateConvention(ConventionTerminated Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var partenariat = known.Require(Event.Convention);
        partenariat.RequireCaf(context.Actor, "17");
        var from = LegalTime.StartOf(
            InvalidFieldException.Naming("from", () => LegalTime.Day(Event.From, now, "The end"))
        );
        return partenariat.InForce().At(from).Value is null
            ? [Event]
            : throw new RefusedException("convention-in-force", "17", "The convention is not in force at that date.");
    }
}

/// <summary>A change of function is signalled: art. 9.2. A fact: recorded whoever reports it.</summary>
/// <param name="Event">Who, from when.</param>
public sealed record ReportFunctionChange(AgentFunctionChanged Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        known.Require(Event.Convention);
        InvalidFieldException.Naming("from", () => LegalTime.Day(Event.From, now, "The change"));
        InvalidFieldException.Naming("signalled_on", () => LegalTime.PastDay(Event.SignalledOn, now, "The signalling"));
        return [Event];
    }
}

/// <summary>Credentials were handed to an agent: art. 9.1. A fact.</summary>
/// <param name="Event">To whom.</param>
public sealed record RecordCredentials(CredentialsIssued Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        known.Require(Event.Convention).RequireParty(context.Actor, "9.1");
        InvalidFieldException.Naming("on", () => LegalTime.PastDay(Event.On, now, "The handing over"));
        return [Event];
    }
}

/// <summary>The partner declares a programme that uses a human's credentials: art. 9.2.</summary>
/// <param name="Event">Which, and whose.</param>
public sealed record DeclareAutomaton(AutomatonDeclared Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var partenariat = known.Require(Event.Convention);
        partenariat.RequireParty(context.Actor, "9.2");
        partenariat.RequireDocument(context, "9.2");
        InvalidFieldException.Naming("from", () => LegalTime.Day(Event.From, now, "The declaration"));
        return Event.Programme == Event.Bearer
            ? throw new RefusedException(
                "programme-names-its-bearer",
                "9.2",
                "A programme is not its own bearer: it names a human."
            )
            : [Event];
    }
}

/// <summary>In centralisé mode, a gestionnaire asks the Caf for a right: art. 9.1, 9.2.</summary>
/// <param name="Event">What is asked for.</param>
public sealed record RequestHabilitation(HabilitationRequested Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var partenariat = known.Require(Event.Convention);
        partenariat.RequireParty(context.Actor, "9.1");
        partenariat.RequireDocument(context, "9.1");
        var on = LegalTime.StartOf(
            InvalidFieldException.Naming("on", () => LegalTime.PastDay(Event.On, now, "The receipt"))
        );
        if (partenariat.Mode().At(LegalTime.LastOf(Event.On, now)).Value != HabilitationMode.Centralise)
        {
            throw new RefusedException(
                "requests-in-centralise",
                "9.1",
                "In délégué mode the gestionnaire grants: nothing is asked of the Caf."
            );
        }

        if (
            !GrantingRule.IsOfTheCaf(partenariat, context.Actor)
            && !partenariat.Gestionnaire(context.Actor.Human).At(on).Value
        )
        {
            throw new RefusedException(
                "gestionnaire-in-office",
                "9.1",
                $"'{context.Actor.Human}' is not a gestionnaire of this partner in office at that day."
            );
        }

        return known.TryFind(Event.Habilitation, out _) || partenariat.RequestFor(Event.Habilitation) is not null
            ? throw new RefusedException(
                "habilitation-once",
                "9.1",
                $"The habilitation '{Event.Habilitation}' is already asked for or granted."
            )
            : [Event];
    }
}

/// <summary>The Caf refuses a right that was asked for: art. 9.1.</summary>
/// <param name="Event">Which, and why.</param>
public sealed record RefuseHabilitation(HabilitationRefused Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var partenariat = known.Require(Event.Convention);
        partenariat.RequireCaf(context.Actor, "9.1");
        InvalidFieldException.Naming("on", () => LegalTime.PastDay(Event.On, now, "The refusal"));
        return partenariat.RequestFor(Event.Habilitation) is null || known.TryFind(Event.Habilitation, out _)
            ? throw new RefusedException("requested-first", "9.1", $"No request for '{Event.Habilitation}' is open.")
            : [Event];
    }
}
