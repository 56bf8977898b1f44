using Caf.Ledger.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Domain.Rights;
using Ledger.Service.Mapping;
using VerdictFilter = Ledger.Store.Reading.VerdictFilter;

namespace Ledger.Service.AccessHistory;

/// <summary>The questions about agents, partners and addresses.</summary>
internal sealed partial class AccessHistoryGrpcService
{
    private static readonly HashSet<Reason> None = [];

    private static readonly HashSet<Reason> Ended =
    [
        Reason.AgentDeparted,
        Reason.HabilitationSuspended,
        Reason.HabilitationRevoked,
        Reason.HabilitationInvalidated,
        Reason.HabilitationExpired,
        Reason.ServiceNotOpen,
        Reason.ConventionTerminated,
    ];

    public override async Task<ListAgentConsultationsResponse> ListAgentConsultations(
        ListAgentConsultationsRequest request,
        ServerCallContext context
    )
    {
        var (scope, paging) = (Scope(request.Scope, needsAccount: true), Page(request.Paging));
        var known = await AskedAsync(request, request.Asking, context);
        var page = await node.History.ConsultationsAsync(
            scope,
            onlyWithoutFile: false,
            known,
            paging,
            context.CancellationToken
        );
        return new()
        {
            Consultations = { page.Items.Select(Found) },
            NextPageToken = page.Next ?? string.Empty,
            Basis = await BasisAsync(known, context.CancellationToken),
        };
    }

    public override async Task<ListConsultationsWithoutFileResponse> ListConsultationsWithoutFile(
        ListConsultationsWithoutFileRequest request,
        ServerCallContext context
    )
    {
        var (scope, paging) = (Scope(request.Scope), Page(request.Paging));
        var known = await AskedAsync(request, request.Asking, context);
        var page = await node.History.ConsultationsAsync(
            scope,
            onlyWithoutFile: true,
            known,
            paging,
            context.CancellationToken
        );
        return new()
        {
            Consultations = { page.Items.Select(Found) },
            NextPageToken = page.Next ?? string.Empty,
            Basis = await BasisAsync(known, context.CancellationToken),
        };
    }

    public override async Task<ListIrregularConsultationsResponse> ListIrregularConsultations(
        ListIrregularConsultationsRequest request,
        ServerCallContext context
    )
    {
        var (scope, paging) = (Scope(request.Scope), Page(request.Paging));
        var filter = System.Enum.IsDefined(request.Filter)
            ? (VerdictFilter)request.Filter
            : throw new InvalidFieldException("filter", "One of the named values is required.");
        var known = await AskedAsync(request, request.Asking, context);
        var page = await node.History.IrregularAsync(scope, filter, None, known, paging, context.CancellationToken);
        return new()
        {
            Consultations = { page.Items.Select(Found) },
            NextPageToken = page.Next ?? string.Empty,
            Basis = await BasisAsync(known, context.CancellationToken),
        };
    }

    public override async Task<ListUseAfterEndResponse> ListUseAfterEnd(
        ListUseAfterEndRequest request,
        ServerCallContext context
    )
    {
        var (scope, paging) = (Scope(request.Scope), Page(request.Paging));
        var known = await AskedAsync(request, request.Asking, context);
        var page = await node.History.IrregularAsync(
            scope,
            VerdictFilter.Now,
            Ended,
            known,
            paging,
            context.CancellationToken
        );
        return new()
        {
            Consultations = { page.Items.Select(Found) },
            NextPageToken = page.Next ?? string.Empty,
            Basis = await BasisAsync(known, context.CancellationToken),
        };
    }

    public override async Task<GetRightsTimelineResponse> GetRightsTimeline(
        GetRightsTimelineRequest request,
        ServerCallContext context
    )
    {
        var cancel = context.CancellationToken;
        var (siret, agent) = (Read.Text<Siret>("siret", request.Siret), Read.Text<AgentId>("agent", request.Agent));
        var known = await AskedAsync(request, request.Asking, context);
        var rights = await node.History.RightsAsync(siret, agent, known, cancel);
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
            Basis = await BasisAsync(known, cancel),
            Acts = { await ActsAsync(rights.SelectMany(r => r.Segments).SelectMany(s => s.Because), cancel) },
        };
    }

    public override async Task<GetBlastRadiusResponse> GetBlastRadius(
        GetBlastRadiusRequest request,
        ServerCallContext context
    )
    {
        var scope = Scope(request.Scope, needsAccount: true);
        var known = await AskedAsync(request, request.Asking, context);
        var radius = await node.History.BlastRadiusAsync(scope, known, context.CancellationToken);
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
            Basis = await BasisAsync(known, context.CancellationToken),
        };
    }
}
