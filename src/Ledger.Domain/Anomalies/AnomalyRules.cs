using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Rights;

namespace Ledger.Domain.Anomalies;

/// <summary>A rule that finds anomalies. A change of what it finds is a new version.</summary>
/// <param name="Name">Its stable name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Certain">Whether what it finds is irregular for sure, or only worth a look.</param>
/// <param name="Article">Where the obligation comes from.</param>
public sealed record AnomalyRule(string Name, string Version, bool Certain, string Article);

/// <summary>What a rule found.</summary>
/// <param name="Rule">Which rule.</param>
/// <param name="Particulars">What the sentence that says why speaks of.</param>
/// <param name="Positions">The events that it was found in; for a certain rule the use first.</param>
/// <param name="Caf">At which Caf.</param>
/// <param name="Siret">At which partner.</param>
/// <param name="Agent">Whom it is about, if it is about one.</param>
/// <param name="Day">The day that it is about, in Paris.</param>
public sealed record Alert(
    AnomalyRule Rule,
    IReadOnlyDictionary<string, string> Particulars,
    IReadOnlyList<long> Positions,
    CafCode Caf,
    Siret Siret,
    AgentId? Agent,
    DateOnly Day
);

/// <summary>
/// The rules. The certain ones follow from the verdict, the contextual ones from what an agent does over time.
/// </summary>
public static class AnomalyRules
{
    /// <summary>How long an agent uses nothing before a use is worth a look.</summary>
    public static readonly TimeSpan Dormancy = TimeSpan.FromDays(182);

    /// <summary>Within which repetitions count.</summary>
    public static readonly TimeSpan RepetitionSpan = TimeSpan.FromDays(30);

    /// <summary>The longest pause between two files that a machine opens.</summary>
    public static readonly TimeSpan QuickGap = TimeSpan.FromSeconds(2);

    /// <summary>Within which searches count.</summary>
    public static readonly TimeSpan SearchSpan = TimeSpan.FromHours(1);

    /// <summary>Within which two sessions are at once.</summary>
    public static readonly TimeSpan SessionSpan = TimeSpan.FromMinutes(10);

    internal const int Repetitions = 3;
    internal const int QuickRow = 20;
    internal const int FilelessRow = 10;
    internal const int ManySearches = 30;
    internal const int FewConsultations = 3;
    internal const int FewOnADay = 50;
    internal const int GrantsInNotice = 5;

    /// <summary>
    /// Two sessions of one identifier from two addresses within ten minutes: art. 9.2, one habilitation a person.
    /// </summary>
    public static readonly AnomalyRule ConcurrentSessions = Contextual("concurrent-sessions");

    /// <summary>
    /// A consultation by night or on a Sunday, in Paris. Access is lawful at any hour: this is worth a look, no more.
    /// </summary>
    public static readonly AnomalyRule AtypicalHours = Contextual("atypical-hours");

    /// <summary>Five times an agent's own usual day, and at least fifty consultations.</summary>
    public static readonly AnomalyRule VolumeAgainstOwn = Contextual("volume-against-own");

    /// <summary>Ten times what the partner's other agents did that day, and at least fifty consultations.</summary>
    public static readonly AnomalyRule VolumeAgainstPeers = Contextual("volume-against-peers");

    /// <summary>Thirty searches within an hour for fewer than three consultations: somebody tries numbers.</summary>
    public static readonly AnomalyRule Enumeration = Contextual("enumeration");

    /// <summary>
    /// Twenty consultations in a row no more than two seconds apart, by a human: art. 9.2, no automate in a human's
    /// place.
    /// </summary>
    public static readonly AnomalyRule MachineCadence = Contextual("machine-cadence");

    /// <summary>A use after half a year without any.</summary>
    public static readonly AnomalyRule DormantThenActive = Contextual("dormant-then-active");

    /// <summary>Three certain anomalies of one agent within thirty days.</summary>
    public static readonly AnomalyRule RepeatOffender = Contextual("repeat-offender");

    /// <summary>Five grants between the notice of a termination and its effect: art. 17.2.</summary>
    public static readonly AnomalyRule GrantsBeforeTermination = Contextual("grants-before-termination");

    /// <summary>Ten consultations in a row with no business file: art. 8.</summary>
    public static readonly AnomalyRule NoBusinessFile = Contextual("no-business-file");

    private static readonly (string Name, string Article, Reason[] Reasons)[] FromReasons =
    [
        (
            "no-right",
            "9.2",
            [
                Reason.NoHabilitation,
                Reason.HabilitationUnknown,
                Reason.HabilitationOfAnotherAgent,
                Reason.HabilitationNotBegun,
                Reason.HabilitationRevoked,
                Reason.HabilitationInvalidated,
                Reason.GrantRectified,
                Reason.GrantorNotEntitled,
                Reason.AgentNotAttached,
                Reason.ConventionNotInForce,
                Reason.ConventionTerminated,
                Reason.FormalitiesIncomplete,
            ]
        ),
        ("expired", "9.1", [Reason.HabilitationExpired]),
        ("wrong-profile", "3", [Reason.ProfilNotGranted, Reason.ProfilNotEnrolled, Reason.ProfilNotInCatalogue]),
        (
            "purpose-outside-missions",
            "8",
            [Reason.PurposeNotGranted, Reason.PurposeOutsideMissions, Reason.PurposeNotEnrolled]
        ),
        ("after-departure", "9.2", [Reason.AgentDeparted]),
        ("suspended", "9.1", [Reason.HabilitationSuspended]),
        ("closed-service", "4", [Reason.ServiceNotOpen]),
        ("undeclared-automaton", "9.2", [Reason.AutomatonUndeclared]),
        ("territory-mismatch", "9.2", [Reason.OutsidePerimeter]),
    ];

    /// <summary>The rules whose finding is irregular for sure, with the reasons that make it so.</summary>
    public static IReadOnlyDictionary<Reason, AnomalyRule> Certain { get; } =
        FromReasons
            .SelectMany(r => r.Reasons.Select(reason => (reason, Rule: new AnomalyRule(r.Name, "1", true, r.Article))))
            .ToDictionary(r => r.reason, r => r.Rule);

    /// <summary>The alerts on a use that a verdict calls irregular, one a rule.</summary>
    /// <param name="position">Where the use stands.</param>
    /// <param name="use">The use.</param>
    /// <param name="verdict">The verdict: as known then, or with what was learnt since.</param>
    /// <param name="learntAt">The position of what was learnt since; null for the verdict as known then.</param>
    public static IEnumerable<Alert> On(long position, Use use, Verdict verdict, long? learntAt) =>
        (verdict.IsIrregular ? verdict.Reasons : [])
            .GroupBy(r => Certain[r])
            .Select(reasons => new Alert(
                reasons.Key,
                Particulars.Of(("reasons", reasons.Select(ReasonNames.Of)), ("learnt-at", learntAt)),
                [position, .. verdict.Because],
                use.Caf,
                use.Siret,
                use.Agent,
                LegalTime.DayOf(use.At)
            ));

    /// <summary>Every rule.</summary>
    public static IReadOnlyList<AnomalyRule> All { get; } =
    [
        .. Certain.Values.Distinct(),
        ConcurrentSessions,
        AtypicalHours,
        VolumeAgainstOwn,
        VolumeAgainstPeers,
        Enumeration,
        MachineCadence,
        DormantThenActive,
        RepeatOffender,
        GrantsBeforeTermination,
        NoBusinessFile,
    ];

    private static AnomalyRule Contextual(string name) => new(name, "1", false, "7");
}
