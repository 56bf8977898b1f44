using Caf.Ledger.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Ledger.Answers;
using Ledger.Presentation;

namespace Ledger.Pages.Asking;

/// <summary>What a field of a question holds.</summary>
internal enum FieldKind
{
    /// <summary>A text.</summary>
    Text,

    /// <summary>A day.</summary>
    Day,

    /// <summary>A number of days.</summary>
    Days,
}

/// <summary>A field of a question's form.</summary>
/// <param name="Name">As its address has it; its words are <c>console.field-…</c>.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="IsRequired">Whether the question needs it.</param>
internal sealed record Field(string Name, FieldKind Kind = FieldKind.Text, bool IsRequired = false);

/// <summary>An answer, as it was given: what is shown, sorted, turned and taken away of it asks nothing more.</summary>
/// <param name="Message">What the ledger answered.</param>
/// <param name="Sheet">In rows.</param>
/// <param name="At">When.</param>
/// <param name="IsWhole">Whether there is nothing more than is shown.</param>
internal sealed record Answered(IMessage Message, Sheet Sheet, DateTimeOffset At, bool IsWhole);

/// <summary>A question with a form of its own.</summary>
/// <param name="Name">As its address has it; its words are <c>console.question-…</c>.</param>
/// <param name="Fields">What it asks for.</param>
/// <param name="AskAsync">Asks it.</param>
internal sealed record Question(
    string Name,
    IReadOnlyList<Field> Fields,
    Func<Asker, Form, CancellationToken, Task<Answered>> AskAsync
);

/// <summary>What was filled in.</summary>
/// <param name="Text">The text of a field; empty for none.</param>
/// <param name="Say">In which language it is refused.</param>
internal sealed record Form(Func<string, string> Text, Words Say)
{
    /// <summary>A partner, however its number is grouped.</summary>
    public string Siret => Ungrouped(Text("siret"));

    /// <summary>A number of a partner without what groups it.</summary>
    public static string Ungrouped(string siret) => string.Concat(siret.Where(char.IsAsciiLetterOrDigit));

    /// <summary>The start of a day in Paris; null for none.</summary>
    /// <exception cref="RpcException">It is no day: the ledger is not asked.</exception>
    public Timestamp? Start(string name) =>
        Text(name).Length == 0 ? null
        : DateOnly.TryParseExact(
            Text(name),
            "yyyy-MM-dd",
            System.Globalization.CultureInfo.InvariantCulture,
            System.Globalization.DateTimeStyles.None,
            out var day
        )
            ? Ledger.Domain.Common.LegalTime.StartOf(day).ToTimestamp()
        : throw Unreadable(name, "console.not-a-day");

    /// <summary>A number; 0 for none.</summary>
    /// <exception cref="RpcException">It is no number: the ledger is not asked.</exception>
    public int Number(string name) =>
        Text(name).Length == 0 ? 0
        : int.TryParse(Text(name), out var number) ? number
        : throw Unreadable(name, "console.not-a-number");

    private RpcException Unreadable(string name, string rule) =>
        new(new Status(StatusCode.InvalidArgument, Say.Say(rule, ("field", Say.Say($"console.field-{name}")))));

    /// <summary>Which facts of use.</summary>
    public UsageScope Scope =>
        new()
        {
            From = Start("du"),
            Until = Start("jusque"),
            Siret = Siret,
            Agent = Text("agent"),
            Service = Text("service"),
            Address = Text("adresse"),
        };
}

/// <summary>The questions that a form and a table are enough for.</summary>
internal sealed class Questions(Words say)
{
    private static readonly Field Siret = new("siret");
    private static readonly Field Partner = Siret with { IsRequired = true };
    private static readonly Field[] Scope =
    [
        new("du", FieldKind.Day),
        new("jusque", FieldKind.Day),
        Siret,
        new("agent"),
        new("service"),
    ];

    private readonly AccessSheets _access = new(say);
    private readonly LogSheets _log = new(say);

    /// <summary>All, in the order in which they are listed.</summary>
    public IReadOnlyList<Question> All =>
        [
            Ask(
                "consultations",
                [.. Scope, new("adresse")],
                f => new ListAgentConsultationsRequest { Scope = f.Scope },
                (c, r, cancel) => c.ListAgentConsultationsAsync(r, cancellationToken: cancel),
                a => _access.Of(a.Consultations, a.Basis, a.ForgottenMonths)
            ),
            Ask(
                "irregulieres",
                Scope,
                f => new ListIrregularConsultationsRequest { Scope = f.Scope },
                (c, r, cancel) => c.ListIrregularConsultationsAsync(r, cancellationToken: cancel),
                a => _access.Of(a.Consultations, a.Basis, a.ForgottenMonths)
            ),
            Ask(
                "apres-fin",
                Scope,
                f => new ListUseAfterEndRequest { Scope = f.Scope },
                (c, r, cancel) => c.ListUseAfterEndAsync(r, cancellationToken: cancel),
                a => _access.Of(a.Consultations, a.Basis, a.ForgottenMonths)
            ),
            Ask(
                "sans-dossier-metier",
                Scope,
                f => new ListConsultationsWithoutFileRequest { Scope = f.Scope },
                (c, r, cancel) => c.ListConsultationsWithoutFileAsync(r, cancellationToken: cancel),
                a => _access.Of(a.Consultations, a.Basis, a.ForgottenMonths)
            ),
            Ask(
                "portee",
                [.. Scope, new("adresse")],
                f => new GetBlastRadiusRequest { Scope = f.Scope },
                (c, r, cancel) => c.GetBlastRadiusAsync(r, cancellationToken: cancel),
                _access.Of
            ),
            Ask(
                "traces-lues",
                [],
                _ => new ListTraceReadsRequest(),
                (c, r, cancel) => c.ListTraceReadsAsync(r, cancellationToken: cancel),
                _access.Of
            ),
            Ask(
                "echeances",
                [Siret],
                f => new ListDeadlinesRequest { Siret = f.Siret },
                (c, r, cancel) => c.ListDeadlinesAsync(r, cancellationToken: cancel),
                a => _log.Of(a.Findings, a.Basis)
            ),
            Ask(
                "delais-de-signalement",
                [Siret, new("jours", FieldKind.Days)],
                f => new ListReportingDelaysRequest { Siret = f.Siret, AtLeast = f.Number("jours") },
                (c, r, cancel) => c.ListReportingDelaysAsync(r, cancellationToken: cancel),
                a => _log.Of(a.Findings, a.Basis)
            ),
            Ask(
                "droits-dormants",
                [Siret, new("jours", FieldKind.Days)],
                f => new ListDormantHabilitationsRequest { Siret = f.Siret, Days = f.Number("jours") },
                (c, r, cancel) => c.ListDormantHabilitationsAsync(r, cancellationToken: cancel),
                a => _log.Of(a.Findings, a.Basis)
            ),
            Ask(
                "actes-contestables",
                [Siret],
                f => new ListQuestionableActsRequest { Siret = f.Siret },
                (c, r, cancel) => c.ListQuestionableActsAsync(r, cancellationToken: cancel),
                a => _log.Of(a.Findings, a.Basis)
            ),
            Ask(
                "prestataires",
                [Partner, new("au", FieldKind.Day)],
                f => new GetPrestataireCoverageRequest { Siret = f.Siret, On = f.Text("au") },
                (c, r, cancel) => c.GetPrestataireCoverageAsync(r, cancellationToken: cancel),
                a => _log.Of(a.Findings, a.Basis)
            ),
            Ask(
                "contrat",
                [Partner, new("au", FieldKind.Day)],
                f => new GetContractInForceRequest { Siret = f.Siret, On = f.Text("au") },
                (c, r, cancel) => c.GetContractInForceAsync(r, cancellationToken: cancel),
                a => _log.Of(a.Findings, a.Basis)
            ),
            Ask(
                "bilan",
                [new("convention", IsRequired: true), new("au", FieldKind.Day)],
                f => new DraftAnnualReviewRequest { Convention = f.Text("convention"), On = f.Text("au") },
                (c, r, cancel) => c.DraftAnnualReviewAsync(r, cancellationToken: cancel),
                _log.Of
            ),
        ];

    private static Question Ask<TRequest, TResponse>(
        string name,
        IReadOnlyList<Field> fields,
        Func<Form, TRequest> request,
        Func<
            AccessHistoryService.AccessHistoryServiceClient,
            TRequest,
            CancellationToken,
            AsyncUnaryCall<TResponse>
        > ask,
        Func<TResponse, Sheet> sheet
    )
        where TRequest : class, IMessage, new()
        where TResponse : class, IMessage<TResponse> =>
        new(
            name,
            fields,
            async (asker, form, cancel) =>
            {
                var whole = await asker.WholeAsync(request(form), ask, cancel);
                return new Answered(whole.Answer, sheet(whole.Answer), whole.At, whole.IsWhole);
            }
        );
}
