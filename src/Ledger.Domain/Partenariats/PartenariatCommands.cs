using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;

namespace Ledger.Domain.Partenariats;

/// <summary>The Caf records a convention signed by both parties: art. 17.1.</summary>
/// <param name="Event">What was signed.</param>
public sealed record SignConvention(ConventionSigned Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        if (context.Actor.Caf != Event.Caf)
        {
            throw new RefusedException("caf-signs", "17.1", "Only the Caf that signs a convention records it.");
        }

        if (Event.Missions.Count == 0)
        {
            throw new InvalidFieldException("missions", "A convention names at least one mission (art. 8).");
        }

        if (known.TryFind(Event.Convention, out _))
        {
            throw new RefusedException(
                "convention-once",
                "17.1",
                $"The convention '{Event.Convention}' is already recorded."
            );
        }

        Signed("signed_by_caf_on", Event.SignedByCafOn, now);
        Signed("signed_by_partenaire_on", Event.SignedByPartenaireOn, now);
        return [Event];
    }

    internal static void Signed(string field, DateOnly day, DateTimeOffset now) =>
        InvalidFieldException.Naming(field, () => LegalTime.PastDay(day, now, "A signature"));
}

/// <summary>A party, or the Caf for it, records the outcome of a CNIL formality: art. 12.</summary>
/// <param name="Event">What came out.</param>
public sealed record RecordCnilFormality(CnilFormalityRecorded Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var partenariat = known.Require(Event.Convention);
        partenariat.RequireParty(context.Actor, "12");
        if (Event.Party == Party.Caf && !GrantingRule.IsOfTheCaf(partenariat, context.Actor))
        {
            throw new RefusedException("own-formality", "12", "A party records its own formalities.");
        }

        if (Event.Party == Party.Partenaire)
        {
            partenariat.RequireDocument(context, "12");
        }

        InvalidFieldException.Naming("on", () => LegalTime.PastDay(Event.On, now, "The end of a formality"));
        return [Event];
    }
}

/// <summary>The Caf records the contrat de service: art. 2.</summary>
/// <param name="Event">What was signed.</param>
public sealed record SignServiceContract(ServiceContractSigned Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        known.Require(Event.Convention).RequireCaf(context.Actor, "2");
        InvalidFieldException.Naming("on", () => LegalTime.Day(Event.On, now, "The contract's date"));
        return Event.TraceRetentionMonths is >= 1 and <= 1200
            ? [Event]
            : throw new InvalidFieldException("trace_retention_months", "Traces are kept from 1 to 1200 months.");
    }
}

/// <summary>The Caf records a bulletin d'adhésion: art. 3.</summary>
/// <param name="Event">What was signed.</param>
public sealed record SignEnrolment(EnrolmentSigned Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var partenariat = known.Require(Event.Convention);
        partenariat.RequireCaf(context.Actor, "3");
        InvalidFieldException.Naming("on", () => LegalTime.Day(Event.On, now, "The enrolment's date"));
        if (Event.Profils.Count == 0)
        {
            throw new InvalidFieldException("profils", "An enrolment names at least one profile.");
        }

        foreach (var profil in Event.Profils)
        {
            known.CatalogueAt(LegalTime.StartOf(Event.On)).Categories(Event.Service, profil);
        }

        if (partenariat.Contract().At(LegalTime.StartOf(Event.On)).Value is null)
        {
            throw new RefusedException(
                "contract-before-enrolment",
                "3",
                "Enrolments are annexed to the contrat de service, which is not signed at that date."
            );
        }

        partenariat.RequireNotEnded(LegalTime.StartOf(Event.On), "An enrolment is signed");
        partenariat.RequireMissions(Event.Purposes, LegalTime.StartOf(Event.On));
        return [Event];
    }
}

/// <summary>The Caf opens a service, once the formalities are done: art. 12.</summary>
/// <param name="Event">What is opened.</param>
public sealed record OpenService(ServiceOpened Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var partenariat = known.Require(Event.Convention);
        partenariat.RequireCaf(context.Actor, "12");
        var from = LegalTime.StartOf(
            InvalidFieldException.Naming("from", () => LegalTime.Day(Event.From, now, "The opening"))
        );
        foreach (var party in Enum.GetValues<Party>())
        {
            if (partenariat.Formalities(party).At(from).Missing is not null)
            {
                throw new RefusedException(
                    "formalities-before-opening",
                    "12",
                    $"The CNIL formalities of the {party} are not complete at that date."
                );
            }
        }

        if (partenariat.InForce().At(from).Value is not null)
        {
            throw new RefusedException("convention-in-force", "17.1", "The convention is not in force at that date.");
        }

        return partenariat.Enrolment(Event.Service).At(from).Value is null
            ? throw new RefusedException(
                "enrolment-before-opening",
                "3",
                $"The partner is not enrolled for '{Event.Service}' at that date."
            )
            : [Event];
    }
}

/// <summary>The Caf closes a service.</summary>
/// <param name="Event">What is closed.</param>
public sealed record CloseService(ServiceClosed Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var partenariat = known.Require(Event.Convention);
        partenariat.RequireCaf(context.Actor, "4");
        var from = LegalTime.StartOf(
            InvalidFieldException.Naming("from", () => LegalTime.Day(Event.From, now, "The closing"))
        );
        return partenariat.Opening(Event.Service).At(from).Value is null
            ? [Event]
            : throw new RefusedException(
                "service-open",
                "4",
                $"The service '{Event.Service}' is not open at that date."
            );
    }
}

/// <summary>The partner designates a gestionnaire: art. 9.1.</summary>
/// <param name="Event">Who.</param>
public sealed record DesignateGestionnaire(GestionnaireDesignated Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var partenariat = known.Require(Event.Convention);
        partenariat.RequireParty(context.Actor, "9.1");
        partenariat.RequireDocument(context, "9.1");
        InvalidFieldException.Naming("from", () => LegalTime.Day(Event.From, now, "The designation"));
        partenariat.RequireNotEnded(LegalTime.StartOf(Event.From), "A gestionnaire is designated");
        return [Event];
    }
}

/// <summary>The partner ends a gestionnaire's office. Ending the last one's is accepted, and flagged.</summary>
/// <param name="Convention">The convention.</param>
/// <param name="Agent">Who.</param>
/// <param name="From">From when.</param>
public sealed record RevokeGestionnaire(ConventionId Convention, AgentId Agent, DateOnly From) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var partenariat = known.Require(Convention);
        partenariat.RequireParty(context.Actor, "9.1");
        partenariat.RequireDocument(context, "9.1");
        var from = LegalTime.StartOf(
            InvalidFieldException.Naming("from", () => LegalTime.Day(From, now, "The end of the office"))
        );
        if (!partenariat.Gestionnaire(Agent).At(from).Value)
        {
            throw new RefusedException(
                "gestionnaire-in-office",
                "9.1",
                $"'{Agent}' is not a gestionnaire in office at that date."
            );
        }

        return
        [
            new GestionnaireRevoked(Convention, Agent, From, partenariat.GestionnairesAt(from).All(g => g == Agent)),
        ];
    }
}

/// <summary>The partner declares that an agent works for it: art. 9.2.</summary>
/// <param name="Event">Who.</param>
public sealed record AttachAgent(AgentAttached Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var partenariat = known.Require(Event.Convention);
        partenariat.RequireParty(context.Actor, "9.2");
        partenariat.RequireDocument(context, "9.2");
        InvalidFieldException.Naming("from", () => LegalTime.Day(Event.From, now, "The attachment"));
        return [Event];
    }
}

/// <summary>
/// A departure is signalled: art. 9.2. It is a fact: recorded whoever reports it, and for an agent of whom nothing was
/// known.
/// </summary>
/// <param name="Event">Who left, and when.</param>
public sealed record ReportDeparture(AgentDeparted Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        known.Require(Event.Convention);
        InvalidFieldException.Naming("left_on", () => LegalTime.Day(Event.LeftOn, now, "The departure"));
        InvalidFieldException.Naming("signalled_on", () => LegalTime.PastDay(Event.SignalledOn, now, "The signalling"));
        return [Event];
    }
}
