using Caf.Ledger.V1;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Domain.Procedures;
using Ledger.Domain.Questions;
using Ledger.Domain.Reviews;
using Ledger.Service.Mapping;
using Ledger.Store.Reading;
using Finding = Ledger.Domain.Questions.Finding;
using Paging = Ledger.Store.Reading.Paging;

namespace Ledger.Service.AccessHistory;

/// <summary>The questions that what is known of conventions, rights and procedures answers.</summary>
internal sealed partial class AccessHistoryGrpcService
{
    private static readonly Paging Whole = new(1000);

    public override async Task<ListQuestionableGrantsResponse> ListQuestionableGrants(
        ListQuestionableGrantsRequest request,
        ServerCallContext context
    )
    {
        var (siret, paging) = (Read.Optional<Siret>("siret", request.Siret), Page(request.Paging));
        var known = await AskedAsync(request, request.Asking, context);
        var response = new ListQuestionableGrantsResponse
        {
            Basis = await BasisAsync(known, context.CancellationToken),
        };
        response.NextPageToken = await FillAsync(
            response.Findings,
            response.Acts,
            known,
            paging,
            k => GovernanceQuestions.QuestionableGrants(k).Where(f => siret is null || f.Siret == siret),
            context.CancellationToken
        );
        return response;
    }

    public override async Task<ListDormantHabilitationsResponse> ListDormantHabilitations(
        ListDormantHabilitationsRequest request,
        ServerCallContext context
    )
    {
        var (siret, paging) = (Read.Optional<Siret>("siret", request.Siret), Page(request.Paging));
        var at = Read.Instant("at", request.At, time.GetUtcNow());
        var days = request.Days switch
        {
            0 => 90,
            >= 1 and <= 3660 => request.Days,
            _ => throw new InvalidFieldException("days", "From 1 to 3660 days."),
        };
        var known = await AskedAsync(request, request.Asking, context);
        var dormant = await node.History.DormantAsync(at, days, siret, known, context.CancellationToken);
        var response = new ListDormantHabilitationsResponse
        {
            Basis = await BasisAsync(known, context.CancellationToken),
        };
        response.NextPageToken = await FillAsync(
            response.Findings,
            response.Acts,
            known,
            paging,
            _ => dormant,
            context.CancellationToken
        );
        return response;
    }

    public override async Task<ListReportingDelaysResponse> ListReportingDelays(
        ListReportingDelaysRequest request,
        ServerCallContext context
    )
    {
        var (siret, paging) = (Read.Optional<Siret>("siret", request.Siret), Page(request.Paging));
        var known = await AskedAsync(request, request.Asking, context);
        var response = new ListReportingDelaysResponse { Basis = await BasisAsync(known, context.CancellationToken) };
        response.NextPageToken = await FillAsync(
            response.Findings,
            response.Acts,
            known,
            paging,
            k =>
                GovernanceQuestions
                    .ReportingDelays(k, Math.Max(1, request.AtLeast))
                    .Where(f => siret is null || f.Siret == siret),
            context.CancellationToken
        );
        return response;
    }

    public override async Task<GetPrestataireCoverageResponse> GetPrestataireCoverage(
        GetPrestataireCoverageRequest request,
        ServerCallContext context
    )
    {
        var (siret, day) = (Read.Text<Siret>("siret", request.Siret), Read.Day("on", request.On, time.GetUtcNow()));
        var known = await AskedAsync(request, request.Asking, context);
        var response = new GetPrestataireCoverageResponse
        {
            Basis = await BasisAsync(known, context.CancellationToken),
        };
        response.NextPageToken = await FillAsync(
            response.Findings,
            response.Acts,
            known,
            Whole,
            k => GovernanceQuestions.Prestataires(k, siret, day),
            context.CancellationToken
        );
        return response;
    }

    public override async Task<GetContractInForceResponse> GetContractInForce(
        GetContractInForceRequest request,
        ServerCallContext context
    )
    {
        var (siret, day) = (Read.Text<Siret>("siret", request.Siret), Read.Day("on", request.On, time.GetUtcNow()));
        var known = await AskedAsync(request, request.Asking, context);
        var response = new GetContractInForceResponse { Basis = await BasisAsync(known, context.CancellationToken) };
        response.NextPageToken = await FillAsync(
            response.Findings,
            response.Acts,
            known,
            Whole,
            k => GovernanceQuestions.Contract(k, siret, day),
            context.CancellationToken
        );
        return response;
    }

    public override async Task<ListChangesSinceReviewResponse> ListChangesSinceReview(
        ListChangesSinceReviewRequest request,
        ServerCallContext context
    )
    {
        var (convention, paging) = (Read.Text<ConventionId>("convention", request.Convention), Page(request.Paging));
        var since = request.AfterPosition == 0 ? (long?)null : request.AfterPosition;
        var known = await AskedAsync(request, request.Asking, context);
        var response = new ListChangesSinceReviewResponse
        {
            Basis = await BasisAsync(known, context.CancellationToken),
        };
        response.NextPageToken = await FillAsync(
            response.Findings,
            response.Acts,
            known,
            paging,
            k => GovernanceQuestions.ChangesSince(k, convention, since),
            context.CancellationToken
        );
        return response;
    }

    public override async Task<ListDeadlinesResponse> ListDeadlines(
        ListDeadlinesRequest request,
        ServerCallContext context
    )
    {
        var (siret, day, paging) = (
            Read.Optional<Siret>("siret", request.Siret),
            Read.Day("on", request.On, time.GetUtcNow()),
            Page(request.Paging)
        );
        var known = await AskedAsync(request, request.Asking, context);
        var response = new ListDeadlinesResponse { Basis = await BasisAsync(known, context.CancellationToken) };
        response.NextPageToken = await FillAsync(
            response.Findings,
            response.Acts,
            known,
            paging,
            k => GovernanceQuestions.Deadlines(k, day).Where(f => siret is null || f.Siret == siret),
            context.CancellationToken
        );
        return response;
    }

    public override async Task<ExplainAlertResponse> ExplainAlert(
        ExplainAlertRequest request,
        ServerCallContext context
    )
    {
        var id = Read.Text<ProcedureId>("alert", request.Alert);
        var known = await AskedAsync(request, request.Asking, context);
        var alert = await node.History.AskAsync(
            known,
            k =>
                k.TryFind(id, out var procedure) && procedure.Kind.Name == "anomaly"
                    ? AlertOf(procedure)
                    : throw new UnknownException("alert", $"No alert '{id}' is recorded."),
            context.CancellationToken
        );
        var events = await node.Database.EventsAtAsync([.. alert.Because], context.CancellationToken);
        return new()
        {
            Alert = alert,
            Acts = { events.Select(e => Write.Act(e.Fact)) },
            Basis = await BasisAsync(known, context.CancellationToken),
        };
    }

    public override async Task<ListAlertsResponse> ListAlerts(ListAlertsRequest request, ServerCallContext context)
    {
        var (siret, rule, paging) = (
            Read.Optional<Siret>("siret", request.Siret),
            Read.Opaque("rule", request.Rule),
            Page(request.Paging)
        );
        var after =
            paging.After is null ? -1
            : long.TryParse(paging.After, out var position) ? position
            : throw new InvalidFieldException("paging.token", "The page token is not one that this ledger gave.");
        var known = await AskedAsync(request, request.Asking, context);
        var alerts = await node.History.AskAsync(
            known,
            k =>
                k.Procedures.Where(p => p.Kind.Name == "anomaly" && p.Facts.Any())
                    .Where(p =>
                        (siret is null || p.Opening.Details.GetValueOrDefault("siret") == siret.Value.Value)
                        && (rule is null || p.Opening.Details["rule"] == rule)
                    )
                    .Select(p => (Position: p.Facts.First().Position, Alert: AlertOf(p)))
                    .Where(a => a.Position > after)
                    .OrderBy(a => a.Position)
                    .Take(paging.Size + 1)
                    .ToList(),
            context.CancellationToken
        );
        return new()
        {
            Alerts = { alerts.Take(paging.Size).Select(a => a.Alert) },
            NextPageToken = alerts.Count > paging.Size ? $"{alerts[paging.Size - 1].Position}" : string.Empty,
            Basis = await BasisAsync(known, context.CancellationToken),
        };
    }

    public override async Task<DraftAnnualReviewResponse> DraftAnnualReview(
        DraftAnnualReviewRequest request,
        ServerCallContext context
    )
    {
        var cancel = context.CancellationToken;
        var (convention, day) = (
            Read.Text<ConventionId>("convention", request.Convention),
            Read.Day("on", request.On, time.GetUtcNow())
        );
        var known = await AskedAsync(request, request.Asking, context);
        var (siret, year) = await node.History.AskAsync(
            known,
            k =>
                (
                    k.Require(convention).Convention.Siret,
                    k.Require(convention).YearAt(day)
                        ?? throw new InvalidFieldException("on", "The convention is not in force on that day.")
                ),
            cancel
        );
        var use = await node.History.YearOfUseAsync(siret, year.From, year.Until, known, cancel);
        var lines = await node.History.AskAsync(
            known,
            k => AnnualReview.Of(k, convention, year.From, year.Until, use),
            cancel
        );
        var response = new DraftAnnualReviewResponse { From = Write.Day(year.From), Until = Write.Day(year.Until) };
        response.Lines.Add(
            lines.Select(l => new Caf.Ledger.V1.ReviewLine
            {
                Section = l.Section,
                Label = l.Label,
                Value = l.Value,
                Because = { l.Because },
            })
        );
        response.Digest = ByteString.CopyFrom(System.Security.Cryptography.SHA256.HashData(response.ToByteArray()));
        response.Basis = await BasisAsync(known, cancel);
        return response;
    }

    private static Alert AlertOf(Procedure procedure)
    {
        var step = procedure.Opening;
        return new()
        {
            Alert_ = step.Procedure.Value,
            Rule = step.Details["rule"],
            RuleVersion = step.Details["version"],
            Certain = step.Details.GetValueOrDefault("certain") == "yes",
            Sentence = step.Text,
            Siret = step.Details.GetValueOrDefault("siret") ?? string.Empty,
            Agent = step.Details.GetValueOrDefault("agent") ?? string.Empty,
            Because = { step.About },
            Outcome = procedure.Steps("anomaly-qualified").LastOrDefault().Step?.Details["outcome"] ?? string.Empty,
            On = Write.Day(step.On),
        };
    }

    private async Task<string> FillAsync(
        RepeatedField<Caf.Ledger.V1.Finding> findings,
        RepeatedField<Act> acts,
        long known,
        Paging paging,
        Func<Knowledge, IEnumerable<Finding>> ask,
        CancellationToken cancel
    )
    {
        var (items, next) = await node.History.AskAsync(
            known,
            k => Cut([.. ask(k).OrderBy(f => f.Key, StringComparer.Ordinal)], paging),
            cancel
        );
        findings.Add(items.Select(Write.Finding));
        acts.Add(await ActsAsync(items.SelectMany(f => f.Because), cancel));
        return next;
    }
}
