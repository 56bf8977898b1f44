using System.CommandLine;
using Caf.Ledger.V1;
using Google.Protobuf.WellKnownTypes;

namespace Ledger.Cli.Commands;

/// <summary>The investigators' questions, a command each.</summary>
internal static class QuestionCommands
{
    public static IEnumerable<Command> Create() =>
        [
            new Command("who", "Who could open a file, who did, and who asked.") { Could(), Did(), Read() },
            Consultations(),
            Rights(),
            Irregular(),
            AfterEnd(),
            Questionable(),
            Dormant(),
            Delays(),
            WithoutFile(),
            Disclosures(),
            Reach(),
            Prestataires(),
            Contract(),
            Changes(),
            Deadlines(),
            Proof(),
            Alert(),
            Alerts(),
            Bilan(),
        ];

    private static Command Could()
    {
        var (caf, matricule, at, service) = (Caf(), Matricule(), At(), Text("--service", "Only through this service."));
        return Question.Create(
            "could",
            "Who could open this file at that moment, as known at another.",
            [caf, matricule, at, service],
            p => new WhoCouldAccessRequest
            {
                Allocataire = File(p, caf, matricule),
                At = p.GetValue(at)?.ToTimestamp(),
                Service = p.GetValue(service),
            },
            (c, r, cancel) => c.WhoCouldAccessAsync(r, cancellationToken: cancel),
            Tables.Of
        );
    }

    private static Command Did()
    {
        var (caf, matricule, from, until) = (Caf(), Matricule(), From(), Until());
        return Question.Create(
            "did",
            "Who opened this file, with both verdicts.",
            [caf, matricule, from, until],
            p => new WhoDidAccessRequest
            {
                Allocataire = File(p, caf, matricule),
                From = p.GetValue(from)?.ToTimestamp(),
                Until = p.GetValue(until)?.ToTimestamp(),
            },
            (c, r, cancel) => c.WhoDidAccessAsync(r, cancellationToken: cancel),
            a => Tables.Of(a.Consultations)
        );
    }

    private static Command Read()
    {
        var (caf, matricule) = (
            Text("--caf", "Only about a file: code of its Caf."),
            MatriculeOption.Optional("Only about a file: its number.")
        );
        return Question.Create(
            "read",
            "Who read the traces.",
            [caf, matricule],
            p => new ListTraceReadsRequest
            {
                Allocataire = p.GetValue(matricule)!.Length == 0 ? null : File(p, caf, matricule),
            },
            (c, r, cancel) => c.ListTraceReadsAsync(r, cancellationToken: cancel),
            a => Tables.Of(a.Reads)
        );
    }

    private static Command Consultations()
    {
        var scope = new ScopeOptions();
        return Question.Create(
            "consultations",
            "Everything that an agent consulted.",
            scope.All,
            p => new ListAgentConsultationsRequest { Scope = scope.Read(p) },
            (c, r, cancel) => c.ListAgentConsultationsAsync(r, cancellationToken: cancel),
            a => Tables.Of(a.Consultations)
        );
    }

    private static Command Rights()
    {
        var (siret, agent) = (Required("--siret", "The partner."), Required("--agent", "The agent."));
        return Question.Create(
            "rights",
            "The rights of an agent over time, and what stood in the way.",
            [siret, agent],
            p => new GetRightsTimelineRequest { Siret = p.GetRequiredValue(siret), Agent = p.GetRequiredValue(agent) },
            (c, r, cancel) => c.GetRightsTimelineAsync(r, cancellationToken: cancel),
            Tables.Of
        );
    }

    private static Command Irregular()
    {
        var scope = new ScopeOptions();
        var verdict = new Option<string>("--verdict")
        {
            Description = "either, then, now, or differing: the two verdicts differ.",
            DefaultValueFactory = _ => "either",
        };
        verdict.AcceptOnlyFromAmong("either", "then", "now", "differing");
        return Question.Create(
            "irregular",
            "Consultations with no effective right, under both verdicts.",
            [.. scope.All, verdict],
            p => new ListIrregularConsultationsRequest
            {
                Scope = scope.Read(p),
                Filter = (VerdictFilter)Array.IndexOf(["either", "then", "now", "differing"], p.GetValue(verdict)),
            },
            (c, r, cancel) => c.ListIrregularConsultationsAsync(r, cancellationToken: cancel),
            a => Tables.Of(a.Consultations)
        );
    }

    private static Command AfterEnd()
    {
        var scope = new ScopeOptions();
        return Question.Create(
            "after-end",
            "Use after a departure, a suspension, an end of the right, the service or the convention.",
            scope.All,
            p => new ListUseAfterEndRequest { Scope = scope.Read(p) },
            (c, r, cancel) => c.ListUseAfterEndAsync(r, cancellationToken: cancel),
            a => Tables.Of(a.Consultations)
        );
    }

    private static Command Questionable()
    {
        var siret = Siret();
        return Question.Create(
            "questionable",
            "Acts on rights by somebody not in office, or for oneself.",
            [siret],
            p => new ListQuestionableActsRequest { Siret = p.GetValue(siret) },
            (c, r, cancel) => c.ListQuestionableActsAsync(r, cancellationToken: cancel),
            a => Tables.Of(a.Findings)
        );
    }

    private static Command Dormant()
    {
        var (siret, at, days) = (
            Siret(),
            At(),
            new Option<int>("--days") { Description = "Not used for so many days.", DefaultValueFactory = _ => 90 }
        );
        return Question.Create(
            "dormant",
            "Rights held and not used.",
            [siret, at, days],
            p => new ListDormantHabilitationsRequest
            {
                Siret = p.GetValue(siret),
                At = p.GetValue(at)?.ToTimestamp(),
                Days = p.GetValue(days),
            },
            (c, r, cancel) => c.ListDormantHabilitationsAsync(r, cancellationToken: cancel),
            a => Tables.Of(a.Findings)
        );
    }

    private static Command Delays()
    {
        var (siret, least) = (
            Siret(),
            new Option<int>("--at-least") { Description = "Only delays of so many days.", DefaultValueFactory = _ => 1 }
        );
        return Question.Create(
            "delays",
            "Departures, changes of function and incidents not signalled without delay.",
            [siret, least],
            p => new ListReportingDelaysRequest { Siret = p.GetValue(siret), AtLeast = p.GetValue(least) },
            (c, r, cancel) => c.ListReportingDelaysAsync(r, cancellationToken: cancel),
            a => Tables.Of(a.Findings)
        );
    }

    private static Command WithoutFile()
    {
        var scope = new ScopeOptions();
        return Question.Create(
            "without-file",
            "Consultations for no business file.",
            scope.All,
            p => new ListConsultationsWithoutFileRequest { Scope = scope.Read(p) },
            (c, r, cancel) => c.ListConsultationsWithoutFileAsync(r, cancellationToken: cancel),
            a => Tables.Of(a.Consultations)
        );
    }

    private static Command Disclosures()
    {
        var (caf, matricule, from, until) = (Caf(), Matricule(), From(), Until());
        var decision = Text(
            "--staff-decision",
            "The decision to name the staff: its reference. Without it the staff is withheld."
        );
        return Question.Create(
            "disclosures",
            "To whom an allocataire's data were disclosed, for art. 15 RGPD.",
            [caf, matricule, from, until, decision],
            p => new GetDisclosuresRequest
            {
                Allocataire = File(p, caf, matricule),
                From = p.GetValue(from)?.ToTimestamp(),
                Until = p.GetValue(until)?.ToTimestamp(),
                StaffDecision = p.GetValue(decision),
            },
            (c, r, cancel) => c.GetDisclosuresAsync(r, cancellationToken: cancel),
            a => Tables.Of(a.Disclosures, a.Withheld)
        );
    }

    private static Command Reach()
    {
        var scope = new ScopeOptions();
        return Question.Create(
            "reach",
            "What a compromised account (--siret and --agent) or address reached.",
            scope.All,
            p => new GetBlastRadiusRequest { Scope = scope.Read(p) },
            (c, r, cancel) => c.GetBlastRadiusAsync(r, cancellationToken: cancel),
            Tables.Of
        );
    }

    private static Command Prestataires()
    {
        var (siret, on) = (Required("--siret", "The partner."), On());
        return Question.Create(
            "prestataires",
            "Which service providers were covered at a day.",
            [siret, on],
            p => new GetPrestataireCoverageRequest { Siret = p.GetRequiredValue(siret), On = p.GetValue(on) },
            (c, r, cancel) => c.GetPrestataireCoverageAsync(r, cancellationToken: cancel),
            a => Tables.Of(a.Findings)
        );
    }

    private static Command Contract()
    {
        var (siret, on) = (Required("--siret", "The partner."), On());
        return Question.Create(
            "contract",
            "Which version of the contract governed at a day.",
            [siret, on],
            p => new GetContractInForceRequest { Siret = p.GetRequiredValue(siret), On = p.GetValue(on) },
            (c, r, cancel) => c.GetContractInForceAsync(r, cancellationToken: cancel),
            a => Tables.Of(a.Findings)
        );
    }

    private static Command Changes()
    {
        var (convention, after) = (
            Required("--convention", "The convention."),
            new Option<long>("--after-position")
            {
                Description = "What was learnt after this position, instead of since the last review.",
            }
        );
        return Question.Create(
            "changes",
            "What changed since the last annual review.",
            [convention, after],
            p => new ListChangesSinceReviewRequest
            {
                Convention = p.GetRequiredValue(convention),
                AfterPosition = p.GetValue(after),
            },
            (c, r, cancel) => c.ListChangesSinceReviewAsync(r, cancellationToken: cancel),
            a => Tables.Of(a.Findings)
        );
    }

    private static Command Deadlines()
    {
        var (siret, on) = (Siret(), On());
        return Question.Create(
            "deadlines",
            "The terms that run, the renewals and the reviews to come.",
            [siret, on],
            p => new ListDeadlinesRequest { Siret = p.GetValue(siret), On = p.GetValue(on) },
            (c, r, cancel) => c.ListDeadlinesAsync(r, cancellationToken: cancel),
            a => Tables.Of(a.Findings)
        );
    }

    private static Command Proof()
    {
        var (from, until) = (From(), Until());
        return Question.Create(
            "proof",
            "Proof that nothing was altered, inserted or removed between two moments.",
            [from, until],
            p => new GetPeriodProofRequest
            {
                From = p.GetValue(from)?.ToTimestamp(),
                Until = p.GetValue(until)?.ToTimestamp(),
            },
            (c, r, cancel) => c.GetPeriodProofAsync(r, cancellationToken: cancel),
            Tables.Of
        );
    }

    private static Command Alert()
    {
        var alert = Required("--alert", "The alert's identifier.");
        return Question.Create(
            "alert",
            "Why this alert.",
            [alert],
            p => new ExplainAlertRequest { Alert = p.GetRequiredValue(alert) },
            (c, r, cancel) => c.ExplainAlertAsync(r, cancellationToken: cancel),
            a => Tables.Of(a.Alert, a.Acts)
        );
    }

    private static Command Alerts()
    {
        var (siret, rule) = (Siret(), Text("--rule", "Only of this rule."));
        return Question.Create(
            "alerts",
            "What the rules found, and what it was found to be.",
            [siret, rule],
            p => new ListAlertsRequest { Siret = p.GetValue(siret), Rule = p.GetValue(rule) },
            (c, r, cancel) => c.ListAlertsAsync(r, cancellationToken: cancel),
            a => Tables.Of(a.Alerts)
        );
    }

    private static Command Bilan()
    {
        var (convention, on) = (Required("--convention", "The convention."), On());
        return Question.Create(
            "bilan",
            "The annual review of a convention, ready to be issued.",
            [convention, on],
            p => new DraftAnnualReviewRequest { Convention = p.GetRequiredValue(convention), On = p.GetValue(on) },
            (c, r, cancel) => c.DraftAnnualReviewAsync(r, cancellationToken: cancel),
            Tables.Of
        );
    }

    private static Allocataire File(ParseResult parse, Option<string> caf, Option<string> matricule) =>
        new() { Caf = parse.GetRequiredValue(caf), Matricule = parse.GetRequiredValue(matricule) };

    private static Option<string> Required(string name, string description) =>
        new(name) { Description = description, Required = true };

    private static Option<string> Text(string name, string description) =>
        new(name) { Description = description, DefaultValueFactory = _ => string.Empty };

    private static Option<string> Caf() => Required("--caf", "Code of the Caf: three digits.");

    private static Option<string> Matricule() => MatriculeOption.Required("The allocataire's number there.");

    private static Option<string> Siret() => Text("--siret", "Only at this partner.");

    private static Option<string> On() => Text("--on", "yyyy-MM-dd. Default: today.");

    private static Option<DateTimeOffset?> At() =>
        CommonOptions.Instant("--at", "At which moment (ISO 8601). Default: now.");

    private static Option<DateTimeOffset?> From() => CommonOptions.Instant("--from", "From this moment on (ISO 8601).");

    private static Option<DateTimeOffset?> Until() =>
        CommonOptions.Instant("--until", "Before this moment (ISO 8601).");

    /// <summary>Which facts of use.</summary>
    private sealed class ScopeOptions
    {
        private readonly Option<DateTimeOffset?> _from = From();
        private readonly Option<DateTimeOffset?> _until = Until();
        private readonly Option<string> _caf = Text("--caf", "Only of this Caf.");
        private readonly Option<string> _siret = Siret();
        private readonly Option<string> _agent = Text("--agent", "Only by this agent of the partner.");
        private readonly Option<string> _service = Text("--service", "Only through this service.");
        private readonly Option<string> _address = Text("--address", "Only from this address.");

        public IReadOnlyList<System.CommandLine.Option> All =>
            [_from, _until, _caf, _siret, _agent, _service, _address];

        public UsageScope Read(ParseResult p) =>
            new()
            {
                From = p.GetValue(_from)?.ToTimestamp(),
                Until = p.GetValue(_until)?.ToTimestamp(),
                Caf = p.GetValue(_caf),
                Siret = p.GetValue(_siret),
                Agent = p.GetValue(_agent),
                Service = p.GetValue(_service),
                Address = p.GetValue(_address),
            };
    }
}
