using System.CommandLine;
using Caf.Ledger.V1;
using Google.Protobuf.WellKnownTypes;
using Ledger.Cli.Answers;

namespace Ledger.Cli.Commands;

/// <summary>The investigators' questions, a command each.</summary>
internal static class QuestionCommands
{
    public static IEnumerable<Command> Create() =>
        [
            new Command("who") { Could(), Did(), Read() },
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
            Event(),
            AlertCommands.Create(),
            Bilan(),
        ];

    private static Command Could()
    {
        var (caf, matricule, at, service) = (Caf(), Matricule(), At(), Text("--service"));
        return Question.Create(
            "could",
            [caf, matricule, at, service],
            p => new WhoCouldAccessRequest
            {
                Allocataire = File(p, caf, matricule),
                At = p.GetValue(at)?.ToTimestamp(),
                Service = p.GetValue(service),
            },
            (c, r, cancel) => c.WhoCouldAccessAsync(r, cancellationToken: cancel),
            Sheets.Access.Of
        );
    }

    private static Command Did()
    {
        var (caf, matricule, from, until) = (Caf(), Matricule(), From(), Until());
        return Question.Create(
            "did",
            [caf, matricule, from, until],
            p => new WhoDidAccessRequest
            {
                Allocataire = File(p, caf, matricule),
                From = p.GetValue(from)?.ToTimestamp(),
                Until = p.GetValue(until)?.ToTimestamp(),
            },
            (c, r, cancel) => c.WhoDidAccessAsync(r, cancellationToken: cancel),
            Sheets.Access.Of
        );
    }

    private static Command Read()
    {
        var (caf, matricule) = (Text("--caf"), MatriculeOption.Optional());
        return Question.Create(
            "read",
            [caf, matricule],
            p => new ListTraceReadsRequest
            {
                Allocataire = p.GetValue(matricule)!.Length == 0 ? null : File(p, caf, matricule),
            },
            (c, r, cancel) => c.ListTraceReadsAsync(r, cancellationToken: cancel),
            Sheets.Access.Of
        );
    }

    private static Command Consultations()
    {
        var scope = new ScopeOptions();
        return Question.Create(
            "consultations",
            scope.All,
            p => new ListAgentConsultationsRequest { Scope = scope.Read(p) },
            (c, r, cancel) => c.ListAgentConsultationsAsync(r, cancellationToken: cancel),
            a => Sheets.Access.Of(a.Consultations, a.Basis, a.ForgottenMonths)
        );
    }

    private static Command Rights()
    {
        var (siret, agent) = (Required("--siret"), Required("--agent"));
        return Question.Create(
            "rights",
            [siret, agent],
            p => new GetRightsTimelineRequest { Siret = p.GetRequiredValue(siret), Agent = p.GetRequiredValue(agent) },
            (c, r, cancel) => c.GetRightsTimelineAsync(r, cancellationToken: cancel),
            Sheets.Access.Of
        );
    }

    private static Command Irregular()
    {
        var scope = new ScopeOptions();
        var verdict = new Option<string>("--verdict") { DefaultValueFactory = _ => "either" };
        verdict.AcceptOnlyFromAmong("either", "then", "now", "differing");
        return Question.Create(
            "irregular",
            [.. scope.All, verdict],
            p => new ListIrregularConsultationsRequest
            {
                Scope = scope.Read(p),
                Filter = (VerdictFilter)Array.IndexOf(["either", "then", "now", "differing"], p.GetValue(verdict)),
            },
            (c, r, cancel) => c.ListIrregularConsultationsAsync(r, cancellationToken: cancel),
            a => Sheets.Access.Of(a.Consultations, a.Basis, a.ForgottenMonths)
        );
    }

    private static Command AfterEnd()
    {
        var scope = new ScopeOptions();
        return Question.Create(
            "after-end",
            scope.All,
            p => new ListUseAfterEndRequest { Scope = scope.Read(p) },
            (c, r, cancel) => c.ListUseAfterEndAsync(r, cancellationToken: cancel),
            a => Sheets.Access.Of(a.Consultations, a.Basis, a.ForgottenMonths)
        );
    }

    private static Command Questionable()
    {
        var siret = Siret();
        return Question.Create(
            "questionable",
            [siret],
            p => new ListQuestionableActsRequest { Siret = p.GetValue(siret) },
            (c, r, cancel) => c.ListQuestionableActsAsync(r, cancellationToken: cancel),
            a => Sheets.Log.Of(a.Findings, a.Basis)
        );
    }

    private static Command Dormant()
    {
        var (siret, at, days) = (Siret(), At(), new Option<int>("--days") { DefaultValueFactory = _ => 90 });
        return Question.Create(
            "dormant",
            [siret, at, days],
            p => new ListDormantHabilitationsRequest
            {
                Siret = p.GetValue(siret),
                At = p.GetValue(at)?.ToTimestamp(),
                Days = p.GetValue(days),
            },
            (c, r, cancel) => c.ListDormantHabilitationsAsync(r, cancellationToken: cancel),
            a => Sheets.Log.Of(a.Findings, a.Basis)
        );
    }

    private static Command Delays()
    {
        var (siret, least) = (Siret(), new Option<int>("--at-least") { DefaultValueFactory = _ => 1 });
        return Question.Create(
            "delays",
            [siret, least],
            p => new ListReportingDelaysRequest { Siret = p.GetValue(siret), AtLeast = p.GetValue(least) },
            (c, r, cancel) => c.ListReportingDelaysAsync(r, cancellationToken: cancel),
            a => Sheets.Log.Of(a.Findings, a.Basis)
        );
    }

    private static Command WithoutFile()
    {
        var scope = new ScopeOptions();
        return Question.Create(
            "without-file",
            scope.All,
            p => new ListConsultationsWithoutFileRequest { Scope = scope.Read(p) },
            (c, r, cancel) => c.ListConsultationsWithoutFileAsync(r, cancellationToken: cancel),
            a => Sheets.Access.Of(a.Consultations, a.Basis, a.ForgottenMonths)
        );
    }

    private static Command Disclosures()
    {
        var (caf, matricule, from, until) = (Caf(), Matricule(), From(), Until());
        var decision = Text("--staff-decision");
        return Question.Create(
            "disclosures",
            [caf, matricule, from, until, decision],
            p => new GetDisclosuresRequest
            {
                Allocataire = File(p, caf, matricule),
                From = p.GetValue(from)?.ToTimestamp(),
                Until = p.GetValue(until)?.ToTimestamp(),
                StaffDecision = p.GetValue(decision),
            },
            (c, r, cancel) => c.GetDisclosuresAsync(r, cancellationToken: cancel),
            Sheets.Access.Of
        );
    }

    private static Command Reach()
    {
        var scope = new ScopeOptions();
        return Question.Create(
            "reach",
            scope.All,
            p => new GetBlastRadiusRequest { Scope = scope.Read(p) },
            (c, r, cancel) => c.GetBlastRadiusAsync(r, cancellationToken: cancel),
            Sheets.Access.Of
        );
    }

    private static Command Prestataires()
    {
        var (siret, on) = (Required("--siret"), On());
        return Question.Create(
            "prestataires",
            [siret, on],
            p => new GetPrestataireCoverageRequest { Siret = p.GetRequiredValue(siret), On = DayOption.Value(p, on) },
            (c, r, cancel) => c.GetPrestataireCoverageAsync(r, cancellationToken: cancel),
            a => Sheets.Log.Of(a.Findings, a.Basis)
        );
    }

    private static Command Contract()
    {
        var (siret, on) = (Required("--siret"), On());
        return Question.Create(
            "contract",
            [siret, on],
            p => new GetContractInForceRequest { Siret = p.GetRequiredValue(siret), On = DayOption.Value(p, on) },
            (c, r, cancel) => c.GetContractInForceAsync(r, cancellationToken: cancel),
            a => Sheets.Log.Of(a.Findings, a.Basis)
        );
    }

    private static Command Changes()
    {
        var (convention, after) = (Required("--convention"), new Option<long>("--after-position"));
        return Question.Create(
            "changes",
            [convention, after],
            p => new ListChangesSinceReviewRequest
            {
                Convention = p.GetRequiredValue(convention),
                AfterPosition = p.GetValue(after),
            },
            (c, r, cancel) => c.ListChangesSinceReviewAsync(r, cancellationToken: cancel),
            a => Sheets.Log.Of(a.Findings, a.Basis)
        );
    }

    private static Command Deadlines()
    {
        var (siret, on) = (Siret(), On());
        return Question.Create(
            "deadlines",
            [siret, on],
            p => new ListDeadlinesRequest { Siret = p.GetValue(siret), On = DayOption.Value(p, on) },
            (c, r, cancel) => c.ListDeadlinesAsync(r, cancellationToken: cancel),
            a => Sheets.Log.Of(a.Findings, a.Basis)
        );
    }

    private static Command Proof()
    {
        var (from, until) = (From(), Until());
        return Question.Create(
            "proof",
            [from, until],
            p => new GetPeriodProofRequest
            {
                From = p.GetValue(from)?.ToTimestamp(),
                Until = p.GetValue(until)?.ToTimestamp(),
            },
            (c, r, cancel) => c.GetPeriodProofAsync(r, cancellationToken: cancel),
            Sheets.Log.Of
        );
    }

    private static Command Event()
    {
        var positions = new Argument<long[]>("POSITION") { Arity = ArgumentArity.OneOrMore };
        var command = Question.Create(
            "event",
            [],
            p => new GetActsRequest { Positions = { p.GetRequiredValue(positions) } },
            (c, r, cancel) => c.GetActsAsync(r, cancellationToken: cancel),
            a => Sheets.Log.Of(a.Acts.Select(shown => shown.Act))
        );
        command.Arguments.Add(positions);
        return command;
    }

    private static Command Bilan()
    {
        var (convention, on) = (Required("--convention"), On());
        return Question.Create(
            "bilan",
            [convention, on],
            p => new DraftAnnualReviewRequest
            {
                Convention = p.GetRequiredValue(convention),
                On = DayOption.Value(p, on),
            },
            (c, r, cancel) => c.DraftAnnualReviewAsync(r, cancellationToken: cancel),
            Sheets.Log.Of
        );
    }

    private static Allocataire File(ParseResult parse, Option<string> caf, Option<string> matricule) =>
        new() { Caf = parse.GetRequiredValue(caf), Matricule = parse.GetRequiredValue(matricule) };

    private static Option<string> Required(string name) => new(name) { Required = true };

    private static Option<string> Text(string name) => new(name) { DefaultValueFactory = _ => string.Empty };

    private static Option<string> Caf() => Required("--caf");

    private static Option<string> Matricule() => MatriculeOption.Required();

    private static Option<string> Siret() => Text("--siret");

    private static Option<DateOnly?> On() => DayOption.Create("--on");

    private static Option<DateTimeOffset?> At() => CommonOptions.Instant("--at");

    private static Option<DateTimeOffset?> From() => CommonOptions.Instant("--from");

    private static Option<DateTimeOffset?> Until() => CommonOptions.Instant("--until");

    /// <summary>Which facts of use.</summary>
    private sealed class ScopeOptions
    {
        private readonly Option<DateTimeOffset?> _from = From();
        private readonly Option<DateTimeOffset?> _until = Until();
        private readonly Option<string> _caf = Text("--caf");
        private readonly Option<string> _siret = Siret();
        private readonly Option<string> _agent = Text("--agent");
        private readonly Option<string> _service = Text("--service");
        private readonly Option<string> _address = Text("--address");

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
