using Ledger.Domain.Anomalies;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Control;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using Ledger.Domain.Retention;
using Ledger.Domain.Usage;

namespace Ledger.Presentation;

/// <summary>
/// Says an event in a sentence. No clear identifier of an allocataire is in any event, so none is in any sentence.
/// </summary>
public static class ActSentences
{
    /// <summary>The sentence of an event and of who brought it about.</summary>
    public static string Act(this Words words, LedgerEvent @event, EventContext context)
    {
        var author = ("author", (object?)words.Author(context.Actor));
        return @event switch
        {
            PartenariatEvent e => words.Partenariat(e, context.Act),
            HabilitationEvent e => words.Habilitation(e, author),
            ProcedureEvent e => words.Step(e),
            UsageEvent e => words.Usage(e),
            ConsultationRecorded e => words.Consultation(e, context.Actor),
            DossierAttached e => words.Say("acts.dossier-attached", ("commune", e.Commune), ("from", e.From)),
            DossierTransferred e => words.Say(
                "acts.dossier-transferred",
                ("left", e.FromCaf),
                ("reached", e.ToCaf),
                ("on", e.On)
            ),
            RectificationMade e => words.Say("acts.rectification-made", ("position", $"{e.Of}"), ("why", e.Why)),
            ConsultationRectified e => words.Say(
                "acts.consultation-rectified",
                ("position", $"{e.Of}"),
                ("why", e.Why)
            ),
            TracesConsulted e => words.Say(
                e.TraceRequest is null ? "acts.traces-consulted-alone" : "acts.traces-consulted",
                author,
                ("question", words.Label("questions", e.Question)),
                ("request", e.TraceRequest)
            ),
            AnomalyDetected e => words.Say(
                "acts.anomaly-detected",
                ("rule", words.Label("rules", e.Rule)),
                ("why", words.Alert(e.Rule, e.Siret, e.Agent, e.Particulars))
            ),
            AnomalyQualified e => words.Say(
                "acts.anomaly-qualified",
                author,
                ("alert", e.Alert),
                ("outcome", words.Label("outcomes", e.Outcome)),
                ("why", e.Why)
            ),
            EvidenceIssued e => words.Say("acts.evidence-issued", author, ("position", $"{e.KnownAt}")),
            LedgerRestored e => words.Say("acts.ledger-restored", ("position", $"{e.From}"), ("why", e.Why)),
            FileErased e => words.Say("acts.file-erased", ("decision", e.Decision), ("why", e.Why)),
            SigningKeyRotated e => words.Say("acts.signing-key-rotated", ("why", e.Why)),
            CatalogueVersionPublished e => words.Say(
                "acts.catalogue-version-published",
                ("version", e.Version),
                ("from", e.From)
            ),
            _ => throw new ArgumentException("No sentence is written for this kind of event.", nameof(@event)),
        };
    }

    /// <summary>A perimeter: the whole Caf, some communes, some files.</summary>
    public static string Perimeter(this Words words, Perimeter perimeter) =>
        perimeter switch
        {
            Perimeter.Communes { Codes: var codes } => words.Say(
                "names.perimeter-communes",
                ("codes", string.Join(", ", codes)),
                ("count", codes.Count)
            ),
            Perimeter.Files { Dossiers.Count: var count } => words.Say("names.perimeter-files", ("count", count)),
            _ => words.Say("names.perimeter-whole-caf"),
        };

    /// <summary>Who acts: the agent, or a programme and its bearer; and of which Caf or partner.</summary>
    public static string Author(this Words words, Actor actor) =>
        words.Say(
            actor.Bearer is null ? "names.human" : "names.programme",
            ("id", actor.Id),
            ("bearer", actor.Bearer),
            (
                "of",
                actor.Caf is { } caf ? words.Say("names.of-caf", ("caf", caf))
                : actor.Siret is { } siret ? words.Say("names.of-partner", ("siret", siret))
                : string.Empty
            )
        );

    private static string Partenariat(this Words words, PartenariatEvent @event, string? document) =>
        @event switch
        {
            ConventionSigned e => words.Say(
                "acts.convention-signed",
                ("number", e.Number),
                ("caf", e.Caf),
                ("partner", e.Siret),
                ("mode", words.Mode(e.Mode)),
                ("missions", string.Join(", ", e.Missions))
            ),
            CnilFormalityRecorded e => words.Say(
                "acts.cnil-formality-recorded",
                ("reference", e.Reference),
                ("party", words.OfParty(e.Party)),
                ("on", e.On),
                ("outcome", words.Name("formality", e.Outcome))
            ),
            ServiceContractSigned e => words.Say(
                "acts.service-contract-signed",
                ("version", e.Version),
                ("on", e.On),
                ("retention", words.Say("moments.months", ("count", e.TraceRetentionMonths)))
            ),
            EnrolmentSigned e => words.Say(
                "acts.enrolment-signed",
                ("service", e.Service),
                ("profils", string.Join(", ", e.Profils)),
                ("purposes", string.Join(", ", e.Purposes)),
                ("perimeter", words.Perimeter(e.Perimeter)),
                ("on", e.On)
            ),
            ServiceOpened e => words.Say("acts.service-opened", ("service", e.Service), ("from", e.From)),
            ServiceClosed e => words.Say(
                "acts.service-closed",
                ("service", e.Service),
                ("from", e.From),
                ("why", e.Why)
            ),
            ConventionAmended e => words.Say(
                "acts.convention-amended",
                ("number", e.Number),
                ("from", e.From),
                ("text", e.Text)
            ),
            HabilitationModeChanged e => words.Say(
                "acts.habilitation-mode-changed",
                ("mode", words.Mode(e.Mode)),
                ("from", e.From),
                ("why", e.Why)
            ),
            ConventionTerminated e => words.Say("acts.convention-terminated", ("from", e.From), ("why", e.Why)),
            GestionnaireDesignated e => words.Say(
                document is null ? "acts.gestionnaire-designated" : "acts.gestionnaire-designated-by",
                ("agent", e.Agent),
                ("rank", words.Name("rank", e.Rank)),
                ("from", e.From),
                ("document", document)
            ),
            GestionnaireRevoked e => words.Say(
                e.LeavesNone ? "acts.gestionnaire-revoked-last" : "acts.gestionnaire-revoked",
                ("agent", e.Agent),
                ("from", e.From)
            ),
            AgentAttached e => words.Say(
                "acts.agent-attached",
                ("agent", e.Agent),
                ("from", e.From),
                ("function", e.Function)
            ),
            AgentFunctionChanged e => words.Say(
                e.DelayInDays > 0 ? "acts.agent-function-changed-late" : "acts.agent-function-changed",
                ("agent", e.Agent),
                ("from", e.From),
                ("signalled", e.SignalledOn),
                ("delay", words.Days(e.DelayInDays)),
                ("function", e.Function)
            ),
            AgentDeparted e => words.Say(
                e.DelayInDays > 0 ? "acts.agent-departed-late" : "acts.agent-departed",
                ("agent", e.Agent),
                ("left", e.LeftOn),
                ("signalled", e.SignalledOn),
                ("delay", words.Days(e.DelayInDays))
            ),
            CredentialsIssued e => words.Say(
                "acts.credentials-issued",
                ("reference", e.Reference),
                ("agent", e.Agent),
                ("on", e.On)
            ),
            AutomatonDeclared e => words.Say(
                "acts.automaton-declared",
                ("programme", e.Programme),
                ("bearer", e.Bearer),
                ("from", e.From)
            ),
            HabilitationRequested e => words.Say(
                "acts.habilitation-requested",
                ("service", e.Service),
                ("profil", e.Profil),
                ("agent", e.Agent),
                ("on", e.On),
                ("why", e.Why)
            ),
            HabilitationRefused e => words.Say(
                "acts.habilitation-refused",
                ("habilitation", e.Habilitation),
                ("on", e.On),
                ("why", e.Why)
            ),
            _ => throw new ArgumentException("No sentence is written for this kind of event.", nameof(@event)),
        };

    private static string Habilitation(this Words words, HabilitationEvent @event, (string Name, object? Value) author)
    {
        var which = ("habilitation", (object?)@event.Habilitation);
        return @event switch
        {
            HabilitationGranted e => words.Say(
                e.Until is null ? "acts.habilitation-granted-open" : "acts.habilitation-granted",
                author,
                ("service", e.Service),
                ("profil", e.Profil),
                ("agent", e.Agent),
                ("from", e.From),
                ("last", e.Until?.AddDays(-1)),
                ("purposes", string.Join(", ", e.Purposes)),
                ("perimeter", words.Perimeter(e.Perimeter)),
                ("why", e.Why)
            ),
            HabilitationModified e => words.Say(
                "acts.habilitation-modified",
                author,
                which,
                ("at", words.Bound(e.At)),
                ("changes", words.Changes(e)),
                ("why", e.Why)
            ),
            HabilitationSuspended e => words.Say(
                e.Precautionary ? "acts.habilitation-suspended-awaiting" : "acts.habilitation-suspended",
                author,
                which,
                ("at", words.Bound(e.At)),
                ("why", e.Why)
            ),
            SuspensionLifted e => Ended("suspension-lifted", e.At, e.Why),
            HabilitationRevoked e => Ended("habilitation-revoked", e.At, e.Why),
            HabilitationInvalidated e => Ended("habilitation-invalidated", e.At, e.Why),
            HabilitationReviewed e => words.Say(
                "acts.habilitation-reviewed",
                author,
                which,
                ("on", LegalTime.DayOf(e.At)),
                ("outcome", e.Outcome)
            ),
            _ => throw new ArgumentException("No sentence is written for this kind of event.", nameof(@event)),
        };

        string Ended(string key, DateTimeOffset at, string why) =>
            words.Say($"acts.{key}", author, which, ("at", words.Bound(at)), ("why", why));
    }

    private static string Changes(this Words words, HabilitationModified e) =>
        string.Join(
            words.Template("names.and-also"),
            new[]
            {
                e.Purposes is null
                    ? null
                    : words.Say("names.change-purposes", ("purposes", string.Join(", ", e.Purposes))),
                e.Perimeter is null
                    ? null
                    : words.Say("names.change-perimeter", ("perimeter", words.Perimeter(e.Perimeter))),
                e.Until is null ? null : words.Say("names.change-until", ("last", e.Until.Value.AddDays(-1))),
            }.OfType<string>()
        );

    private static string Consultation(this Words words, ConsultationRecorded e, Actor actor) =>
        words.Say(
            e.Programme is null ? "acts.consultation-recorded" : "acts.consultation-recorded-by-programme",
            ("agent", e.Agent),
            ("programme", actor.Id),
            ("partner", e.Siret),
            ("at", e.OccurredAt),
            ("service", e.Service),
            ("profil", e.Profil),
            ("purpose", e.Purpose),
            ("verdict", words.Verdict(e.Verdict))
        );

    private static string Usage(this Words words, UsageEvent @event)
    {
        var (agent, at) = (("agent", (object?)@event.Usage.Agent), ("at", (object?)@event.Usage.OccurredAt));
        return @event switch
        {
            AuthenticationSucceeded => words.Say("acts.authentication-succeeded", agent, at),
            AuthenticationFailed e => words.Say("acts.authentication-failed", agent, at, ("why", e.Why)),
            SearchPerformed e => words.Say(
                "acts.search-performed",
                agent,
                at,
                ("criteria", string.Join(", ", e.Criteria)),
                ("results", words.Say("names.results", ("count", e.Results)))
            ),
            ConsultationRefused e => words.Say("acts.consultation-refused", agent, at, ("why", e.Why)),
            DataExported e => words.Say("acts.data-exported", agent, at, ("data", string.Join(", ", e.Categories))),
            DataSupplied e => words.Say("acts.data-supplied", agent, at, ("data", string.Join(", ", e.Categories))),
            _ => throw new ArgumentException("No sentence is written for this kind of event.", nameof(@event)),
        };
    }

    private static string Step(this Words words, ProcedureEvent @event)
    {
        var step = @event.Step;
        var values = new List<(string, object?)>
        {
            ("procedure", step.Procedure),
            ("party", words.Name("party", step.By)),
            ("on", step.On),
            ("text", step.Text),
        };
        values.AddRange(step.Details.Select(d => (d.Key, (object?)words.Detail(d.Key, d.Value))));
        if (@event is TerminationNotified)
        {
            values.Add(("effect", Ends.EffectOf(step)));
        }

        return words.Say($"steps.{ProcedureTable.NameOf(@event)}", [.. values]);
    }

    private static string Detail(this Words words, string name, string value) =>
        name == DetailNames.Siret ? Words.Grouped(value)
        : Particular.IsDay(value, out var day) ? words.Day(day)
        : words.Label("details", value);

    private static string Mode(this Words words, HabilitationMode mode) => words.Name("mode", mode);

    private static string OfParty(this Words words, Party party) => words.Name("of-party", party);

    private static string Days(this Words words, int days) => words.Say("moments.days", ("count", days));
}
