using Caf.Ledger.V1;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Domain.Knowing;
using Ledger.Domain.Questions;
using Ledger.Domain.Reviews;
using Ledger.Presentation;
using Ledger.Service.Mapping;
using Ledger.Store.Reading;
using Finding = Ledger.Domain.Questions.Finding;

namespace Ledger.Service.AccessHistory;

/// <summary>The questions that what is known of conventions, rights and procedures answers.</summary>
internal sealed partial class AccessHistoryGrpcService
{
    public override async Task<ListQuestionableActsResponse> ListQuestionableActs(
        ListQuestionableActsRequest request,
        ServerCallContext context
    )
    {
        var siret = Read.Optional<Siret>("siret", request.Siret);
        var asked = await AskedAsync(request, request.Asking, request.Paging, context);
        var response = new ListQuestionableActsResponse { Basis = await BasisAsync(asked, context.CancellationToken) };
        response.NextPageToken = Fill(
            response.Findings,
            response.Acts,
            asked,
            k => QuestionableActs.Of(k).Where(f => siret is null || f.Siret == siret)
        );
        return response;
    }

    public override async Task<ListDormantHabilitationsResponse> ListDormantHabilitations(
        ListDormantHabilitationsRequest request,
        ServerCallContext context
    )
    {
        var siret = Read.Optional<Siret>("siret", request.Siret);
        var at = Read.OptionalInstant("at", request.At);
        var days = request.Days switch
        {
            0 => 90,
            >= 1 and <= 3660 => request.Days,
            _ => throw new InvalidFieldException("days", "From 1 to 3660 days."),
        };
        var asked = await AskedAsync(request, request.Asking, request.Paging, context);
        var dormant = await node.History.DormantAsync(
            at ?? asked.At,
            days,
            siret,
            asked.Known,
            context.CancellationToken
        );
        var response = new ListDormantHabilitationsResponse
        {
            Basis = await BasisAsync(asked, context.CancellationToken),
        };
        response.NextPageToken = Fill(response.Findings, response.Acts, asked, _ => dormant);
        return response;
    }

    public override async Task<ListReportingDelaysResponse> ListReportingDelays(
        ListReportingDelaysRequest request,
        ServerCallContext context
    )
    {
        var siret = Read.Optional<Siret>("siret", request.Siret);
        var asked = await AskedAsync(request, request.Asking, request.Paging, context);
        var response = new ListReportingDelaysResponse { Basis = await BasisAsync(asked, context.CancellationToken) };
        response.NextPageToken = Fill(
            response.Findings,
            response.Acts,
            asked,
            k =>
                GovernanceQuestions
                    .ReportingDelays(k, Math.Max(1, request.AtLeast))
                    .Where(f => siret is null || f.Siret == siret)
        );
        return response;
    }

    public override async Task<GetPrestataireCoverageResponse> GetPrestataireCoverage(
        GetPrestataireCoverageRequest request,
        ServerCallContext context
    )
    {
        var (siret, day) = (Read.Text<Siret>("siret", request.Siret), Read.OptionalDay("on", request.On));
        var asked = await AskedAsync(request, request.Asking, null, context);
        var response = new GetPrestataireCoverageResponse
        {
            Basis = await BasisAsync(asked, context.CancellationToken),
        };
        response.NextPageToken = Fill(
            response.Findings,
            response.Acts,
            asked,
            k => GovernanceQuestions.Prestataires(k, siret, day ?? LegalTime.DayOf(asked.At))
        );
        return response;
    }

    public override async Task<GetContractInForceResponse> GetContractInForce(
        GetContractInForceRequest request,
        ServerCallContext context
    )
    {
        var (siret, day) = (Read.Text<Siret>("siret", request.Siret), Read.OptionalDay("on", request.On));
        var asked = await AskedAsync(request, request.Asking, null, context);
        var response = new GetContractInForceResponse { Basis = await BasisAsync(asked, context.CancellationToken) };
        response.NextPageToken = Fill(
            response.Findings,
            response.Acts,
            asked,
            k => GovernanceQuestions.Contract(k, siret, day ?? LegalTime.DayOf(asked.At))
        );
        return response;
    }

    public override async Task<ListChangesSinceReviewResponse> ListChangesSinceReview(
        ListChangesSinceReviewRequest request,
        ServerCallContext context
    )
    {
        var convention = Read.Text<ConventionId>("convention", request.Convention);
        var since = request.AfterPosition == 0 ? (long?)null : request.AfterPosition;
        var asked = await AskedAsync(request, request.Asking, request.Paging, context);
        asked.Require(convention);
        var response = new ListChangesSinceReviewResponse
        {
            Basis = await BasisAsync(asked, context.CancellationToken),
        };
        response.NextPageToken = Fill(
            response.Findings,
            response.Acts,
            asked,
            k => GovernanceQuestions.ChangesSince(k, convention, since)
        );
        return response;
    }

    public override async Task<ListDeadlinesResponse> ListDeadlines(
        ListDeadlinesRequest request,
        ServerCallContext context
    )
    {
        var (siret, day) = (Read.Optional<Siret>("siret", request.Siret), Read.OptionalDay("on", request.On));
        var asked = await AskedAsync(request, request.Asking, request.Paging, context);
        var response = new ListDeadlinesResponse { Basis = await BasisAsync(asked, context.CancellationToken) };
        response.NextPageToken = Fill(
            response.Findings,
            response.Acts,
            asked,
            k =>
                GovernanceQuestions
                    .Deadlines(k, day ?? LegalTime.DayOf(asked.At))
                    .Where(f => siret is null || f.Siret == siret)
        );
        return response;
    }

    public override async Task<ExplainAlertResponse> ExplainAlert(
        ExplainAlertRequest request,
        ServerCallContext context
    )
    {
        var id = Read.Text<AlertId>("alert", request.Alert);
        var asked = await AskedAsync(request, request.Asking, null, context);
        var found =
            await node.History.AlertAsync(id, asked.Known.At, context.CancellationToken) is { } alert
            && alert.Alert.Caf == asked.Caf.Value
                ? alert
                : throw new UnknownException("alert", $"No alert '{id}' of the Caf {asked.Caf} is recorded.");
        var events = await node.Database.EventsAtAsync([.. found.Alert.About], context.CancellationToken);
        return new()
        {
            Alert = Write.Alert(found, asked.Words),
            Acts =
            {
                events.Where(e => asked.Known.Latest.IsOf(asked.Caf, e.Fact.Event)).Select(e => asked.Act(e.Fact)),
            },
            Basis = await BasisAsync(asked, context.CancellationToken),
        };
    }

    public override async Task<ListAlertsResponse> ListAlerts(ListAlertsRequest request, ServerCallContext context)
    {
        var scope = new AlertScope(
            Read.Optional<Siret>("siret", request.Siret),
            Read.Optional<AgentId>("agent", request.Agent),
            Read.Opaque("rule", request.Rule),
            request.HasCertain ? request.Certain : null,
            request.HasOutcome ? Read.Opaque("outcome", request.Outcome) ?? string.Empty : null,
            Read.OptionalDay("from", request.From),
            Read.OptionalDay("until", request.Until)
        );
        var asked = await AskedAsync(request, request.Asking, request.Paging, context);
        var page = await node.History.AlertsAsync(
            scope with
            {
                Caf = asked.Caf,
            },
            asked.Known.At,
            asked.Paging,
            context.CancellationToken
        );
        return new()
        {
            Alerts = { page.Items.Select(a => Write.Alert(a, asked.Words)) },
            NextPageToken = Next(asked, page.Next),
            Basis = await BasisAsync(asked, context.CancellationToken),
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
            Read.OptionalDay("on", request.On)
        );
        var asked = await AskedAsync(request, request.Asking, null, context);
        var k = asked.Known.Then;
        var partenariat = asked.Require(convention);
        var year =
            partenariat.YearAt(day ?? LegalTime.DayOf(asked.At))
            ?? throw new InvalidFieldException("on", "The convention is not in force on that day.");
        var use = await node.History.YearOfUseAsync(
            asked.Caf,
            partenariat.Convention.Siret,
            year.From,
            year.Until,
            asked.Known,
            cancel
        );
        var lines = AnnualReview.Of(k, convention, year.From, year.Until, use);
        var response = new DraftAnnualReviewResponse { From = Write.Day(year.From), Until = Write.Day(year.Until) };
        response.Lines.Add(
            lines.Select(l => new Caf.Ledger.V1.ReviewLine
            {
                Section = l.Section,
                Item = l.Item,
                Of = l.Of ?? string.Empty,
                Outcome = l.Outcome ?? string.Empty,
                Value = l.Value,
                Because = { l.Because },
            })
        );
        // The digest is over what was counted, never over its words.
        response.Digest = ByteString.CopyFrom(System.Security.Cryptography.SHA256.HashData(response.ToByteArray()));
        foreach (var (line, written) in lines.Zip(response.Lines))
        {
            written.Label = asked.Words.Review(line);
        }

        response.Basis = await BasisAsync(asked, cancel);
        return response;
    }

    private static bool IsOf(CafCode caf, Finding finding, Knowledge known) =>
        finding.Convention is { } convention
            ? known.Require(convention).Convention.Caf == caf
            : known.FactAt(finding.Because[0]) is { } fact && known.IsOf(caf, fact.Event);

    private string Fill(
        RepeatedField<Caf.Ledger.V1.Finding> findings,
        RepeatedField<Act> acts,
        Asked asked,
        Func<Knowledge, IEnumerable<Finding>> ask
    )
    {
        var all = ask(asked.Known.Then)
            .Where(f => IsOf(asked.Caf, f, asked.Known.Then))
            .OrderBy(f => f.Key, StringComparer.Ordinal)
            .ToList();
        var (items, next) = Cut(all, asked.Paging);
        findings.Add(items.Select(f => Write.Finding(f, asked.Known.Latest, asked.Words)));
        acts.Add(Acts(asked, items.SelectMany(f => f.Because)));
        return Next(asked, next);
    }
}
