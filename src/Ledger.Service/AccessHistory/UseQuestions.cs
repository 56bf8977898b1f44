using Caf.Ledger.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Rights;
using Ledger.Service.Mapping;
using VerdictFilter = Ledger.Store.Reading.VerdictFilter;

namespace Ledger.Service.AccessHistory;

/// <summary>The questions about agents, partners and addresses.</summary>
internal sealed partial class AccessHistoryGrpcService
{
    public override async Task<ListAgentConsultationsResponse> ListAgentConsultations(
        ListAgentConsultationsRequest request,
        ServerCallContext context
    )
    {
        var scope = Scope(request.Scope, needsAccount: true);
        var asked = await AskedAsync(request, request.Asking, request.Paging, context, scope.Caf);
        scope = scope with { Caf = asked.Caf };
        var page = await node.History.ConsultationsAsync(
            scope,
            onlyWithoutFile: false,
            asked.Known,
            asked.Paging,
            context.CancellationToken
        );
        return new()
        {
            Consultations = { page.Items.Select(c => Found(asked, c)) },
            NextPageToken = Next(asked, page.Next),
            Basis = await BasisAsync(asked, context.CancellationToken),
            ForgottenMonths = { Forgotten(asked, scope.From, scope.Until) },
        };
    }

    public override async Task<ListConsultationsWithoutFileResponse> ListConsultationsWithoutFile(
        ListConsultationsWithoutFileRequest request,
        ServerCallContext context
    )
    {
        var scope = Scope(request.Scope);
        var asked = await AskedAsync(request, request.Asking, request.Paging, context, scope.Caf);
        scope = scope with { Caf = asked.Caf };
        var page = await node.History.ConsultationsAsync(
            scope,
            onlyWithoutFile: true,
            asked.Known,
            asked.Paging,
            context.CancellationToken
        );
        return new()
        {
            Consultations = { page.Items.Select(c => Found(asked, c)) },
            NextPageToken = Next(asked, page.Next),
            Basis = await BasisAsync(asked, context.CancellationToken),
            ForgottenMonths = { Forgotten(asked, scope.From, scope.Until) },
        };
    }

    public override async Task<ListIrregularConsultationsResponse> ListIrregularConsultations(
        ListIrregularConsultationsRequest request,
        ServerCallContext context
    )
    {
        var scope = Scope(request.Scope);
        var filter = System.Enum.IsDefined(request.Filter)
            ? (VerdictFilter)request.Filter
            : throw new InvalidFieldException("filter", "One of the named values is required.");
        var asked = await AskedAsync(request, request.Asking, request.Paging, context, scope.Caf);
        scope = scope with { Caf = asked.Caf };
        var page = await node.History.IrregularAsync(
            scope,
            filter,
            null,
            asked.Known,
            asked.Paging,
            context.CancellationToken
        );
        return new()
        {
            Consultations = { page.Items.Select(c => Found(asked, c)) },
            NextPageToken = Next(asked, page.Next),
            Basis = await BasisAsync(asked, context.CancellationToken),
            ForgottenMonths = { Forgotten(asked, scope.From, scope.Until) },
        };
    }

    public override async Task<ListUseAfterEndResponse> ListUseAfterEnd(
        ListUseAfterEndRequest request,
        ServerCallContext context
    )
    {
        var scope = Scope(request.Scope);
        var asked = await AskedAsync(request, request.Asking, request.Paging, context, scope.Caf);
        scope = scope with { Caf = asked.Caf };
        var page = await node.History.IrregularAsync(
            scope,
            VerdictFilter.Now,
            c => AfterEnd.Is(c.Use, c.AsKnownAt, asked.Known.Then),
            asked.Known,
            asked.Paging,
            context.CancellationToken
        );
        return new()
        {
            Consultations = { page.Items.Select(c => Found(asked, c)) },
            NextPageToken = Next(asked, page.Next),
            Basis = await BasisAsync(asked, context.CancellationToken),
            ForgottenMonths = { Forgotten(asked, scope.From, scope.Until) },
        };
    }

    public override async Task<GetRightsTimelineResponse> GetRightsTimeline(
        GetRightsTimelineRequest request,
        ServerCallContext context
    )
    {
        var cancel = context.CancellationToken;
        var (siret, agent) = (Read.Text<Siret>("siret", request.Siret), Read.Text<AgentId>("agent", request.Agent));
        var asked = await AskedAsync(request, request.Asking, null, context);
        var rights = Store
            .Reading.AccessHistory.Rights(siret, agent, asked.Known.Then)
            .Where(r => asked.Known.Then.Require(r.Habilitation.Granted.Convention).Convention.Caf == asked.Caf)
            .ToList();
        return new()
        {
            Habilitations =
            {
                rights.Select(r => new HabilitationTimeline
                {
                    Habilitation = r.Habilitation.Granted.Event.Habilitation.Value,
                    Service = r.Habilitation.Granted.Service.Value,
                    Profil = r.Habilitation.Granted.Profil.Value,
                    GrantedBy = Write.Actor(r.Habilitation.Granted.Actor),
                    GrantedPosition = r.Habilitation.Granted.Position,
                    Segments =
                    {
                        r.Segments.Select(s => new Caf.Ledger.V1.RightSegment
                        {
                            From = Write.Bound(s.From),
                            Until = Write.Bound(s.Until),
                            Effective = s.IsEffective,
                            Missing = { s.Missing.Select(ReasonNames.Of) },
                            Purposes = { s.Purposes.Select(p => p.Value) },
                            Because = { s.Because },
                        }),
                    },
                }),
            },
            Basis = await BasisAsync(asked, cancel),
            Acts = { Acts(asked, rights.SelectMany(r => r.Segments).SelectMany(s => s.Because)) },
        };
    }

    public override async Task<GetBlastRadiusResponse> GetBlastRadius(
        GetBlastRadiusRequest request,
        ServerCallContext context
    )
    {
        var scope = Scope(request.Scope, needsAccount: true);
        var asked = await AskedAsync(request, request.Asking, null, context, scope.Caf);
        scope = scope with { Caf = asked.Caf };
        var radius = await node.History.BlastRadiusAsync(scope, asked.Known, context.CancellationToken);
        return new()
        {
            Consultations = radius.Consultations,
            Files = radius.Files,
            Accounts = { radius.Agents.Select(a => new AccountUsed { Siret = a.Siret, Agent = a.Agent }) },
            Addresses = { radius.Addresses },
            Services = { radius.Services },
            Categories = { radius.Categories },
            First = radius.First?.ToTimestamp(),
            Last = radius.Last?.ToTimestamp(),
            Basis = await BasisAsync(asked, context.CancellationToken),
            ForgottenMonths = { Forgotten(asked, scope.From, scope.Until) },
        };
    }
}
