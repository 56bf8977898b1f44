using Ledger.Domain.Partenariats;
using Ledger.Domain.Retention;

namespace Ledger.Domain.Procedures;

/// <summary>A step that a kind of procedure may take.</summary>
/// <param name="Name">Its name, which is its event's without the version.</param>
/// <param name="Make">Makes its event.</param>
/// <param name="By">Which party may take it; null for either.</param>
/// <param name="After">The step that must have been taken; null for the first.</param>
/// <param name="Details">The details that it must give, by name.</param>
/// <param name="Again">Whether it may be taken more than once.</param>
public sealed record StepRule(
    string Name,
    Func<ProcedureStep, ProcedureEvent> Make,
    Party? By,
    string? After,
    IReadOnlyList<string> Details,
    bool Again
)
{
    /// <summary>The step after which it is not taken any more; null for none.</summary>
    public string? Until { get; init; }
}

/// <summary>A term that a step starts.</summary>
/// <param name="From">The step whose date it runs from.</param>
/// <param name="Until">The step that meets it; null where nothing has to be done.</param>
/// <param name="Months">Calendar months.</param>
/// <param name="Days">Days.</param>
/// <param name="Article">Where the law says so.</param>
/// <param name="FromDetail">The detail that holds the date it runs from, where that is not the step's own.</param>
/// <param name="WishDetail">The detail that holds a date wished for, where a later one puts the end off.</param>
public sealed record Deadline(
    string From,
    string? Until,
    int Months,
    int Days,
    string Article,
    string? FromDetail = null,
    string? WishDetail = null
)
{
    /// <summary>The day that the term of a step runs from.</summary>
    public DateOnly SinceOf(ProcedureStep step) => FromDetail is { } detail ? step.Date(detail) : step.On;

    /// <summary>The day at whose first moment, in Paris, the term of a step has run out.</summary>
    public DateOnly EndOf(ProcedureStep step)
    {
        var least = Common.LegalTime.AfterMonths(SinceOf(step), Months).AddDays(Days);
        return WishDetail is { } detail ? Common.LegalTime.Later(step.Date(detail), least) : least;
    }
}

/// <summary>A kind of procedure.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Article">Where it comes from.</param>
/// <param name="NeedsConvention">Whether it is always under a convention.</param>
/// <param name="Steps">Its steps.</param>
/// <param name="Deadlines">Its terms.</param>
public sealed record ProcedureKind(
    string Name,
    string Article,
    bool NeedsConvention,
    IReadOnlyList<StepRule> Steps,
    IReadOnlyList<Deadline> Deadlines
);

/// <summary>Every procedure of the convention and of the law around it: a kind is a row.</summary>
public static class ProcedureTable
{
    /// <summary>The months between the letter about a service provider and its work: art. 14.</summary>
    public const int PrestataireNoticeMonths = 6;

    /// <summary>The months between the receipt of a termination and its effect, at least: art. 17.2.</summary>
    public const int TerminationMonths = 3;

    /// <summary>The months that a party has to remedy its breaches: art. 17.2.</summary>
    public const int BreachMonths = 1;

    /// <summary>The kinds.</summary>
    public static IReadOnlyList<ProcedureKind> Kinds { get; } =
    [
        new(
            "prestataire",
            "14",
            true,
            [
                First(
                    "prestataire-declared",
                    s => new PrestataireDeclared(s),
                    Party.Partenaire,
                    DetailNames.Prestataires,
                    "places",
                    "database-places",
                    "legal-regime",
                    "tasks"
                ),
                Then("caf-observation-made", s => new CafObservationMade(s), Party.Caf, "prestataire-declared") with
                {
                    Again = true,
                },
                Then(
                    "commitments-subscribed",
                    s => new CommitmentsSubscribed(s),
                    Party.Partenaire,
                    "prestataire-declared",
                    "prestataire"
                ) with
                {
                    Again = true,
                },
                Then(
                    "transfer-outside-eu-authorised",
                    s => new TransferOutsideEuAuthorised(s),
                    Party.Partenaire,
                    "prestataire-declared",
                    "deliberation",
                    "country"
                ) with
                {
                    Again = true,
                },
                Then("data-destroyed", s => new DataDestroyed(s), Party.Partenaire, "prestataire-declared") with
                {
                    Again = true,
                },
            ],
            [new("prestataire-declared", null, PrestataireNoticeMonths, 0, "14")]
        ),
        new(
            "awareness",
            "9.2",
            true,
            [First("awareness-attested", s => new AwarenessAttested(s), Party.Partenaire)],
            []
        ),
        new(
            "termination",
            "17.2",
            true,
            [First("termination-notified", s => new TerminationNotified(s), null, DetailNames.WishedOn)],
            [new("termination-notified", null, TerminationMonths, 0, "17.2", WishDetail: DetailNames.WishedOn)]
        ),
        new(
            "breach",
            "17.2",
            true,
            [
                First("breach-noticed", s => new BreachNoticed(s), null, "breaches"),
                Then("breach-remedied", s => new BreachRemedied(s), null, "breach-noticed"),
            ],
            [new("breach-noticed", "breach-remedied", BreachMonths, 0, "17.2")]
        ),
        new(
            "relevance",
            "9.1",
            true,
            [
                First("relevance-questioned", s => new RelevanceQuestioned(s), Party.Caf),
                Then("relevance-answered", s => new RelevanceAnswered(s), Party.Partenaire, "relevance-questioned"),
            ],
            []
        ),
        new(
            "audit",
            "9.1",
            true,
            [
                First("audit-opened", s => new AuditOpened(s), Party.Caf),
                Then("audit-concluded", s => new AuditConcluded(s), Party.Caf, "audit-opened", DetailNames.Outcome),
            ],
            []
        ),
        new(
            "incident",
            "9.2",
            true,
            [
                First(
                    "incident-reported",
                    s => new IncidentReported(s),
                    null,
                    DetailNames.OccurredOn,
                    DetailNames.KnownOn
                ),
                Then("incident-notified", s => new IncidentNotified(s), null, "incident-reported"),
            ],
            [new("incident-reported", "incident-notified", 0, 3, "33 RGPD", DetailNames.KnownOn)]
        ),
        new(
            "trace-request",
            "7",
            false,
            [
                First("trace-request-filed", s => new TraceRequestFiled(s), null),
                Then(
                    "trace-request-decided",
                    s => new TraceRequestDecided(s),
                    Party.Caf,
                    "trace-request-filed",
                    DetailNames.Outcome
                ),
                Then("trace-request-noted", s => new TraceRequestNoted(s), Party.Caf, "trace-request-filed") with
                {
                    Again = true,
                    Until = "trace-request-delivered",
                },
                Then("trace-request-delivered", s => new TraceRequestDelivered(s), Party.Caf, "trace-request-decided"),
            ],
            []
        ),
        new(
            "subject-access",
            "15 RGPD",
            false,
            [
                First("subject-access-requested", s => new SubjectAccessRequested(s), null),
                Then(
                    "subject-access-answered",
                    s => new SubjectAccessAnswered(s),
                    Party.Caf,
                    "subject-access-requested"
                ),
            ],
            [new("subject-access-requested", "subject-access-answered", 1, 0, "12 RGPD")]
        ),
        new(
            Withholdings.Kind,
            "15 RGPD",
            false,
            [
                First(
                    Withholdings.Withheld,
                    s => new DisclosuresWithheld(s),
                    Party.Caf,
                    Withholdings.Basis,
                    Withholdings.Reference
                ),
                Then(Withholdings.Released, s => new DisclosuresReleased(s), Party.Caf, Withholdings.Withheld),
            ],
            []
        ),
        new(
            "annual-review",
            "16",
            true,
            [First("annual-review-issued", s => new AnnualReviewIssued(s), Party.Caf, "year", "digest")],
            []
        ),
        new(
            "meeting",
            "16",
            true,
            [
                First("meeting-requested", s => new MeetingRequested(s), null),
                Then("meeting-held", s => new MeetingHeld(s), null, "meeting-requested"),
                Then("minutes-drafted", s => new MinutesDrafted(s), null, "meeting-held"),
                Then("minutes-validated", s => new MinutesValidated(s), null, "minutes-drafted"),
            ],
            [
                new("meeting-requested", "meeting-held", 1, 0, "16"),
                new("meeting-held", "minutes-validated", 0, 30, "16"),
            ]
        ),
        new(
            "investigation",
            "7",
            false,
            [
                First("investigation-opened", s => new InvestigationOpened(s), Party.Caf),
                Then("investigation-noted", s => new InvestigationNoted(s), Party.Caf, "investigation-opened") with
                {
                    Again = true,
                    Until = "investigation-closed",
                },
                Then(
                    "investigation-closed",
                    s => new InvestigationClosed(s),
                    Party.Caf,
                    "investigation-opened",
                    DetailNames.Outcome
                ),
            ],
            []
        ),
        new(
            LegalHold.Kind,
            "7",
            false,
            [
                First(LegalHold.Placed, s => new LegalHoldPlaced(s), Party.Caf),
                Then(LegalHold.Lifted, s => new LegalHoldLifted(s), Party.Caf, LegalHold.Placed),
            ],
            []
        ),
        new(
            ApplyRetention.Kind,
            "7",
            false,
            [
                First(ApplyRetention.Applied, s => new RetentionApplied(s), Party.Caf, ApplyRetention.Until),
                Then(
                    ApplyRetention.Destroyed,
                    s => new EpochKeyDestroyed(s),
                    Party.Caf,
                    ApplyRetention.Applied,
                    ApplyRetention.Epoch
                ) with
                {
                    Again = true,
                },
            ],
            []
        ),
    ];

    private static readonly Dictionary<string, (ProcedureKind Kind, StepRule Step)> ByStep = Kinds
        .SelectMany(k => k.Steps.Select(s => (k, s)))
        .ToDictionary(x => x.s.Name);

    /// <summary>The kind and the rule of a step.</summary>
    /// <exception cref="Common.InvalidFieldException">There is no such step.</exception>
    public static (ProcedureKind Kind, StepRule Step) Of(string step) =>
        ByStep.TryGetValue(step, out var found)
            ? found
            : throw new Common.InvalidFieldException("step", "No procedure has a step of this name.");

    /// <summary>The name of an event's step.</summary>
    public static string NameOf(ProcedureEvent @event) => EventCodec.NameOf(@event).Split('.')[0];

    private static StepRule First(
        string name,
        Func<ProcedureStep, ProcedureEvent> make,
        Party? by,
        params string[] details
    ) => new(name, make, by, null, details, false);

    private static StepRule Then(
        string name,
        Func<ProcedureStep, ProcedureEvent> make,
        Party? by,
        string after,
        params string[] details
    ) => new(name, make, by, after, details, false);
}
