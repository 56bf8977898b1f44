using System.Globalization;
using Ledger.Domain.Common;
using Ledger.Domain.Partenariats;

namespace Ledger.Domain.Procedures;

/// <summary>What every step of every procedure says.</summary>
/// <param name="Procedure">Which procedure.</param>
/// <param name="Convention">Under which convention, if under one.</param>
/// <param name="By">The party that takes the step.</param>
/// <param name="On">When it was taken; for a letter, when it was received: terms run from receipt.</param>
/// <param name="Text">What it says.</param>
/// <param name="Details">What its kind asks for, by name.</param>
/// <param name="About">The positions of the events that it is about.</param>
public sealed record ProcedureStep(
    ProcedureId Procedure,
    ConventionId? Convention,
    Party By,
    DateOnly On,
    string Text,
    IReadOnlyDictionary<string, string> Details,
    IReadOnlyList<long> About
)
{
    /// <summary>A detail that is a date.</summary>
    /// <exception cref="FormatException">It is not there, or no date: no rule lets such a step in.</exception>
    public DateOnly Date(string name) =>
        Details.TryGetValue(name, out var text)
        && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : throw new FormatException($"The step has no date '{name}'.");

    /// <summary>Refuses a step about an agent that does not say of which partner.</summary>
    /// <exception cref="InvalidFieldException">It does not.</exception>
    internal void RequirePartnerOfAgent()
    {
        if (Details.ContainsKey(DetailNames.Agent) && !Details.ContainsKey(DetailNames.Siret))
        {
            throw new InvalidFieldException(
                $"details[{DetailNames.Siret}]",
                "An agent is one of a partner: the partner is required."
            );
        }
    }
}

/// <summary>
/// A step of a procedure. What may follow what, and in which time, is in <see cref="ProcedureTable"/>.
/// </summary>
/// <param name="Step">What it says.</param>
public abstract record ProcedureEvent(ProcedureStep Step) : LedgerEvent
{
    /// <inheritdoc/>
    public override string Stream() => $"procedure-{Step.Procedure}";
}

/// <summary>The partner told the Caf of a service provider, by letter: art. 14.</summary>
/// <param name="Step">What it says.</param>
[EventName("prestataire-declared.v1")]
public sealed record PrestataireDeclared(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>The Caf made an observation on a service provider: art. 14.</summary>
/// <param name="Step">What it says.</param>
[EventName("caf-observation-made.v1")]
public sealed record CafObservationMade(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>A service provider subscribed the same commitments: art. 14.</summary>
/// <param name="Step">What it says.</param>
[EventName("commitments-subscribed.v1")]
public sealed record CommitmentsSubscribed(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>The CNIL authorised a transfer outside the Union: art. 14.</summary>
/// <param name="Step">What it says.</param>
[EventName("transfer-outside-eu-authorised.v1")]
public sealed record TransferOutsideEuAuthorised(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>A service provider destroyed what it held: art. 14.</summary>
/// <param name="Step">What it says.</param>
[EventName("data-destroyed.v1")]
public sealed record DataDestroyed(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>The partner made its staff aware of the rules: art. 9.2.</summary>
/// <param name="Step">What it says.</param>
[EventName("awareness-attested.v1")]
public sealed record AwarenessAttested(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>A party's letter of termination was received: art. 17.2.</summary>
/// <param name="Step">What it says.</param>
[EventName("termination-notified.v1")]
public sealed record TerminationNotified(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>A party's letter of notice of breaches was received: art. 17.2.</summary>
/// <param name="Step">What it says.</param>
[EventName("breach-noticed.v1")]
public sealed record BreachNoticed(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>The breaches were remedied: art. 17.2.</summary>
/// <param name="Step">What it says.</param>
[EventName("breach-remedied.v1")]
public sealed record BreachRemedied(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>The Caf asked whether habilitations or their use are relevant: art. 9.1.</summary>
/// <param name="Step">What it says.</param>
[EventName("relevance-questioned.v1")]
public sealed record RelevanceQuestioned(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>The partner answered: art. 9.1.</summary>
/// <param name="Step">What it says.</param>
[EventName("relevance-answered.v1")]
public sealed record RelevanceAnswered(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>The Caf, with the Cnaf, opened an audit: art. 9.1.</summary>
/// <param name="Step">What it says.</param>
[EventName("audit-opened.v1")]
public sealed record AuditOpened(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>An audit was concluded: art. 9.1.</summary>
/// <param name="Step">What it says.</param>
[EventName("audit-concluded.v1")]
public sealed record AuditConcluded(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>A security incident was reported: art. 9.2; art. 33 RGPD.</summary>
/// <param name="Step">What it says.</param>
[EventName("incident-reported.v1")]
public sealed record IncidentReported(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>An incident was notified to the CNIL: art. 33 RGPD.</summary>
/// <param name="Step">What it says.</param>
[EventName("incident-notified.v1")]
public sealed record IncidentNotified(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>Somebody asked for traces: art. 7.</summary>
/// <param name="Step">What it says.</param>
[EventName("trace-request-filed.v1")]
public sealed record TraceRequestFiled(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>Something was found, or decided, in the course of a request for traces: art. 7.</summary>
/// <param name="Step">What it says.</param>
[EventName("trace-request-noted.v1")]
public sealed record TraceRequestNoted(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>The request for traces was decided: art. 7.</summary>
/// <param name="Step">What it says.</param>
[EventName("trace-request-decided.v1")]
public sealed record TraceRequestDecided(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>The traces were handed over: art. 7.</summary>
/// <param name="Step">What it says.</param>
[EventName("trace-request-delivered.v1")]
public sealed record TraceRequestDelivered(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>An allocataire asked who received her data: art. 15 RGPD.</summary>
/// <param name="Step">What it says.</param>
[EventName("subject-access-requested.v1")]
public sealed record SubjectAccessRequested(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>She was answered: art. 15 RGPD.</summary>
/// <param name="Step">What it says.</param>
[EventName("subject-access-answered.v1")]
public sealed record SubjectAccessAnswered(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>Who read a file is kept from her who asks, for as long as nothing releases it: art. 15 RGPD.</summary>
/// <param name="Step">What it says.</param>
[EventName("disclosures-withheld.v1")]
public sealed record DisclosuresWithheld(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>A decision released it: art. 15 RGPD.</summary>
/// <param name="Step">What it says.</param>
[EventName("disclosures-released.v1")]
public sealed record DisclosuresReleased(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>The annual review was issued: art. 16.</summary>
/// <param name="Step">What it says.</param>
[EventName("annual-review-issued.v1")]
public sealed record AnnualReviewIssued(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>A party's request for a meeting was received: art. 16.</summary>
/// <param name="Step">What it says.</param>
[EventName("meeting-requested.v1")]
public sealed record MeetingRequested(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>The parties met: art. 16.</summary>
/// <param name="Step">What it says.</param>
[EventName("meeting-held.v1")]
public sealed record MeetingHeld(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>A party drafted the minutes: art. 16.</summary>
/// <param name="Step">What it says.</param>
[EventName("minutes-drafted.v1")]
public sealed record MinutesDrafted(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>Both parties validated the minutes: art. 16.</summary>
/// <param name="Step">What it says.</param>
[EventName("minutes-validated.v1")]
public sealed record MinutesValidated(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>The Caf opened an investigation: art. 7.</summary>
/// <param name="Step">What it says.</param>
[EventName("investigation-opened.v1")]
public sealed record InvestigationOpened(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>Something was found, or decided, in the course of an investigation: art. 7.</summary>
/// <param name="Step">What it says.</param>
[EventName("investigation-noted.v1")]
public sealed record InvestigationNoted(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>An investigation was closed: art. 7.</summary>
/// <param name="Step">What it says.</param>
[EventName("investigation-closed.v1")]
public sealed record InvestigationClosed(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>Nothing of a matter is to be deleted until further notice.</summary>
/// <param name="Step">What it says.</param>
[EventName("legal-hold-placed.v1")]
public sealed record LegalHoldPlaced(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>The hold ended.</summary>
/// <param name="Step">What it says.</param>
[EventName("legal-hold-lifted.v1")]
public sealed record LegalHoldLifted(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>What the contract's retention no longer allows to keep was dropped: art. 7.</summary>
/// <param name="Step">What it says.</param>
[EventName("retention-applied.v1")]
public sealed record RetentionApplied(ProcedureStep Step) : ProcedureEvent(Step);

/// <summary>The key of a month's pseudonyms was destroyed: art. 7.</summary>
/// <param name="Step">What it says.</param>
[EventName("epoch-key-destroyed.v1")]
public sealed record EpochKeyDestroyed(ProcedureStep Step) : ProcedureEvent(Step);
