using System.Globalization;
using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;

namespace Ledger.Domain.Questions;

/// <summary>
/// The investigators' questions that what is known of conventions, rights and procedures answers by itself.
/// </summary>
public static class GovernanceQuestions
{
    /// <summary>
    /// Departures, changes of function and incidents that were not signalled without delay: art. 9.2; 72 hours, art. 33
    /// RGPD.
    /// </summary>
    /// <param name="known">What is known.</param>
    /// <param name="atLeast">Only delays of at least so many days.</param>
    /// <param name="siret">Only of this partner; null for all.</param>
    public static IEnumerable<Finding> ReportingDelays(Knowledge known, int atLeast, Siret? siret = null)
    {
        var standing = known.FactsOf(siret).Where(f => known.RectifiedBy(f.Position) is null).ToList();
        var moves = standing
            .Where(f => f.Event is AgentDeparted or AgentAttached)
            .ToLookup(f => (known.SiretOf(f.Event), known.AgentOf(f.Event)));
        return standing
            .Select(f =>
                f.Event switch
                {
                    AgentDeparted e when WasSignalled(f, e, moves[(known.SiretOf(e), e.Agent)]) => null,
                    AgentDeparted e => Late(
                        known,
                        f,
                        e.Convention,
                        e.Agent,
                        "departure",
                        e.LeftOn,
                        e.SignalledOn,
                        e.DelayInDays
                    ),
                    AgentFunctionChanged e => Late(
                        known,
                        f,
                        e.Convention,
                        e.Agent,
                        "function-change",
                        e.From,
                        e.SignalledOn,
                        e.DelayInDays
                    ),
                    IncidentReported e => Incident(known, f, e),
                    _ => null,
                }
            )
            .OfType<Finding>()
            .Where(f => f.Days >= atLeast);
    }

    /// <summary>
    /// Which service providers were covered at a day: declared at least six months before, and their data not destroyed
    /// since, nor the convention ended (art. 14).
    /// </summary>
    public static IEnumerable<Finding> Prestataires(Knowledge known, Siret siret, DateOnly day) =>
        from procedure in known.Procedures
        where
            procedure.Kind.Name == "prestataire"
            && procedure.Opening.Convention is { } c
            && known.Require(c).Convention.Siret == siret
        from declared in procedure.Steps("prestataire-declared")
        where declared.Step.On <= day
        let begins = LegalTime.AfterMonths(declared.Step.On, ProcedureTable.PrestataireNoticeMonths)
        let commitments = procedure.Steps("commitments-subscribed").Where(s => s.Step.On <= day).ToList()
        let destroyed = procedure.Steps("data-destroyed").Where(s => s.Step.On <= day).ToList()
        let state = destroyed.Count > 0
        || known.Require(declared.Step.Convention!.Value).HasEnded(LegalTime.StartOf(day))
            ? "over"
        : day < begins ? "in-notice"
        : commitments.Count == 0 ? "without-commitments"
        : "covered"
        select new Finding(
            $"{procedure.Id}",
            state,
            Particulars.Of(
                ("prestataires", declared.Step.Details[DetailNames.Prestataires]),
                ("declared-on", declared.Step.On),
                ("begins", begins),
                ("day", day)
            ),
            [
                .. new[] { declared.Fact.Position }
                    .Concat(commitments.Concat(destroyed).Select(s => s.Fact.Position))
                    .Order(),
            ],
            procedure.Opening.Convention,
            siret,
            On: begins
        );

    /// <summary>
    /// Which version of the contrat de service, and which avenants, governed the partner at a day: art. 2, 17.3.
    /// </summary>
    public static IEnumerable<Finding> Contract(Knowledge known, Siret siret, DateOnly day)
    {
        var at = LegalTime.StartOf(day);
        foreach (
            var partenariat in known.Partenariats.Where(p =>
                p.Convention.Siret == siret && p.InForce().At(at).Value is null
            )
        )
        {
            var convention = partenariat.Convention.Convention;
            var step = partenariat.Contract().At(at);
            yield return step.Value is { } contract
                ? new Finding(
                    $"{convention}/contract",
                    "contract",
                    Particulars.Of(
                        ("version", contract.Version),
                        ("on", contract.On),
                        ("opening-hours", contract.OpeningHours),
                        ("months", contract.TraceRetentionMonths),
                        ("trace-request", contract.TraceRequestProcess)
                    ),
                    [step.Because!.Value],
                    convention,
                    siret,
                    On: contract.On
                )
                : new Finding(
                    $"{convention}/contract",
                    "no-contract",
                    Particulars.Of(("day", day)),
                    [partenariat.SignedAt],
                    convention,
                    siret
                );
            foreach (var fact in partenariat.Terms.Where(f => f.Event is ConventionAmended e && e.From <= day))
            {
                var e = (ConventionAmended)fact.Event;
                yield return new Finding(
                    $"{convention}/{fact.Position:D19}",
                    "avenant",
                    Particulars.Of(("number", e.Number), ("from", e.From), ("text", e.Text)),
                    [fact.Position],
                    convention,
                    siret,
                    On: e.From
                );
            }
        }
    }

    /// <summary>
    /// The terms that run at a day, those that were missed among them, the tacit renewals and the annual reviews to
    /// come: art. 9.2, 14, 16, 17. They know the steps until that day, and end with the convention.
    /// </summary>
    public static IEnumerable<Finding> Deadlines(Knowledge known, DateOnly today)
    {
        var clocks =
            from procedure in known.Procedures
            where
                procedure.Opening.Convention is not { } under
                || !known.Require(under).HasEnded(LegalTime.StartOf(today))
            from clock in procedure.Clocks(today)
            where clock.IsOpen || (clock.Rule.Until is null && clock.Ends > today)
            let siret = procedure.Opening.Convention is { } c ? known.Require(c).Convention.Siret : (Siret?)null
            select new Finding(
                Key(clock.Ends, procedure.Id.Value),
                procedure.Kind.Name,
                Particulars.Of(
                    ("step", clock.Rule.From),
                    ("since", clock.Since),
                    ("ends", clock.Ends),
                    ("over", clock.DaysLate(today) > 0 || clock.Ends <= today ? "yes" : "no")
                ),
                clock.Because,
                procedure.Opening.Convention,
                siret,
                On: clock.Ends,
                Days: clock.Ends.DayNumber - today.DayNumber
            );
        var years =
            from partenariat in known.Partenariats
            let year = partenariat.YearAt(today)
            where year is not null
            let convention = partenariat.Convention.Convention
            let reviews = known
                .Procedures.Where(p =>
                    p.Kind.Name == "annual-review"
                    && p.Opening.Convention == convention
                    && p.Opening.On > year.Value.From
                    && p.Facts.Any()
                )
                .ToList()
            from finding in new[]
            {
                new Finding(
                    Key(year.Value.Until, convention.Value),
                    "tacit-renewal",
                    Particulars.Of(("convention", convention), ("ends", year.Value.Until)),
                    [partenariat.SignedAt],
                    convention,
                    partenariat.Convention.Siret,
                    On: year.Value.Until,
                    Days: year.Value.Until.DayNumber - today.DayNumber
                ),
                reviews.Count > 0
                    ? null
                    : new Finding(
                        Key(year.Value.Until, convention.Value + "/review"),
                        "annual-review",
                        Particulars.Of(("convention", convention), ("ends", year.Value.Until)),
                        [partenariat.SignedAt],
                        convention,
                        partenariat.Convention.Siret,
                        On: year.Value.Until,
                        Days: year.Value.Until.DayNumber - today.DayNumber
                    ),
            }
            where finding is not null
            select finding;
        return clocks.Concat(years).OrderBy(f => f.Key, StringComparer.Ordinal);
    }

    /// <summary>What was learnt about a partner since its last annual review, or since a position: art. 16.</summary>
    public static IEnumerable<Finding> ChangesSince(Knowledge known, ConventionId convention, long? since)
    {
        var partenariat = known.Require(convention);
        var review = known
            .Procedures.Where(p => p.Kind.Name == "annual-review" && p.Opening.Convention == convention)
            .SelectMany(p => p.Facts)
            .OrderBy(f => f.Position)
            .LastOrDefault();
        var after = since ?? review?.Position ?? -1;
        return known
            .FactsOf(partenariat.Convention.Siret)
            .Where(f => f.Position > after && ConventionOf(known, f.Event) == convention)
            .Select(f => new Finding(
                f.Position.ToString("D19", CultureInfo.InvariantCulture),
                EventCodec.NameOf(f.Event),
                Particulars.Of(("rectified-by", known.RectifiedBy(f.Position))),
                [f.Position],
                convention,
                partenariat.Convention.Siret,
                known.AgentOf(f.Event),
                (f.Event as HabilitationEvent)?.Habilitation,
                LegalTime.DayOf(f.RecordedAt)
            ));
    }

    private static ConventionId? ConventionOf(Knowledge known, LedgerEvent @event) =>
        @event switch
        {
            PartenariatEvent e => e.Convention,
            HabilitationEvent e => known.Require(e.Habilitation).Granted.Convention,
            ProcedureEvent e => e.Step.Convention,
            Control.RectificationMade e => known.FactAt(e.Of) is { } fact ? ConventionOf(known, fact.Event) : null,
            _ => null,
        };

    private static Finding Late(
        Knowledge known,
        Fact fact,
        ConventionId convention,
        AgentId agent,
        string kind,
        DateOnly on,
        DateOnly signalledOn,
        int days
    ) =>
        new(
            fact.Position.ToString("D19", CultureInfo.InvariantCulture),
            kind,
            Particulars.Of(("agent", agent), ("on", on), ("signalled-on", signalledOn), ("days", days)),
            [fact.Position],
            convention,
            known.Require(convention).Convention.Siret,
            agent,
            null,
            on,
            days
        );

    // A departure that is signalled again, with no return in between, is no other departure.
    private static bool WasSignalled(Fact fact, AgentDeparted e, IEnumerable<Fact> moves) =>
        moves.Any(f =>
            f.Event is AgentDeparted before
            && (before.SignalledOn, f.Position).CompareTo((e.SignalledOn, fact.Position)) < 0
            && !moves.Any(back =>
                back.Event is AgentAttached a
                && a.From > LegalTime.Earlier(before.LeftOn, e.LeftOn)
                && a.From <= LegalTime.Later(before.LeftOn, e.LeftOn)
            )
        );

    private static Finding? Incident(Knowledge known, Fact fact, IncidentReported e)
    {
        var knownOn = e.Step.Date(DetailNames.KnownOn);
        var days = Math.Max(0, e.Step.On.DayNumber - knownOn.DayNumber);
        return new Finding(
            fact.Position.ToString("D19", CultureInfo.InvariantCulture),
            "incident",
            Particulars.Of(
                ("occurred-on", e.Step.Details[DetailNames.OccurredOn]),
                ("known-on", knownOn),
                ("signalled-on", e.Step.On),
                ("days", days)
            ),
            [fact.Position],
            e.Step.Convention,
            known.SiretOf(e),
            On: knownOn,
            Days: days
        );
    }

    private static string Key(DateOnly day, string of) => $"{day:yyyy-MM-dd}/{of}";
}
