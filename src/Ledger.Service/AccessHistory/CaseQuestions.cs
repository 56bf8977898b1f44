using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Domain.Procedures;
using Ledger.Service.Mapping;
using CaseStatus = Ledger.Domain.Procedures.CaseStatus;
using Wire = Caf.Ledger.V1;

namespace Ledger.Service.AccessHistory;

/// <summary>The cases that questions rest on: art. 7.</summary>
internal sealed partial class AccessHistoryGrpcService
{
    public override async Task<ListCasesResponse> ListCases(ListCasesRequest request, ServerCallContext context)
    {
        var asked = await AskedAsync(request, request.Asking, request.Paging, context);
        var after = asked.Paging.After;
        var found = Cases
            .Of(asked.Known.Then, asked.Caf, asked.At)
            .Where(c => request.Closed || c.Status != CaseStatus.Closed)
            .SkipWhile(c => after is not null && c.Procedure.Id.Value != after)
            .Skip(after is null ? 0 : 1)
            .Take(asked.Paging.Size + 1)
            .ToList();
        return new()
        {
            Cases = { found.Take(asked.Paging.Size).Select(Told) },
            NextPageToken = Next(
                asked,
                found.Count > asked.Paging.Size ? found[asked.Paging.Size - 1].Procedure.Id.Value : null
            ),
            Basis = await BasisAsync(asked, context.CancellationToken),
        };
    }

    public override async Task<GetCaseResponse> GetCase(GetCaseRequest request, ServerCallContext context)
    {
        var cancel = context.CancellationToken;
        var id = Read.Text<ProcedureId>("case", request.Case);
        var asked = await AskedAsync(request, request.Asking, request.Paging, context);
        var found = Cases.Of(asked.Known.Then, id, asked.Caf, asked.At);
        var page = await node.History.TraceReadsAsync(asked.Caf, null, id, asked.Known.At, asked.Paging, cancel);
        var isFirst = asked.Paging.After is null;
        return new()
        {
            Case = Told(found),
            Steps = { isFirst ? found.Procedure.Facts.Select(asked.Act) : [] },
            Questions = { page.Items.Select(TraceRead) },
            NextSteps = { isFirst ? found.NextSteps : [] },
            NextPageToken = Next(asked, page.Next),
            Basis = await BasisAsync(asked, cancel),
        };
    }

    private static CaseState Told(TraceCase found) =>
        new()
        {
            Case = found.Procedure.Id.Value,
            Kind = found.Procedure.Kind.Name,
            Status = (Wire.CaseStatus)(found.Status + 1),
            OpenedOn = Write.Day(found.Opening.On),
            ExpiresOn = Write.Day(found.LastDay),
            Text = found.Opening.Text,
            Waits = found.Waits,
        };
}
