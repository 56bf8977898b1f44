using Caf.Ledger.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Service.Mapping;
using Ledger.Store.Reading;

namespace Ledger.Service.AccessHistory;

/// <summary>The questions about one allocataire's file.</summary>
internal sealed partial class AccessHistoryGrpcService
{
    public override async Task<WhoCouldAccessResponse> WhoCouldAccess(
        WhoCouldAccessRequest request,
        ServerCallContext context
    )
    {
        var cancel = context.CancellationToken;
        var at = Read.Instant("at", request.At, time.GetUtcNow());
        var (service, paging) = (Read.Optional<ServiceCode>("service", request.Service), Page(request.Paging));
        var (known, person) = await AskedAboutAsync(request, request.Asking, request.Allocataire, context);
        var file = await node.History.AskAsync(long.MaxValue, k => person.At(at, k.Dossiers, known), cancel);
        var page = await node.History.WhoCouldAsync(file, at, known, service, paging, cancel);
        return new()
        {
            Rights =
            {
                page.Items.Select(r => new Caf.Ledger.V1.AccessRight
                {
                    Habilitation = r.Habilitation,
                    Agent = r.Agent,
                    Siret = r.Siret,
                    Service = r.Service,
                    Profil = r.Profil,
                    Purposes = { r.Purposes },
                    From = r.From?.ToTimestamp(),
                    Until = r.Until?.ToTimestamp(),
                    Because = { r.Because },
                }),
            },
            NextPageToken = page.Next ?? string.Empty,
            Basis = await BasisAsync(known, cancel),
            At = at.ToTimestamp(),
            Acts = { await ActsAsync(page.Items.SelectMany(r => r.Because).Concat(person.Because), cancel) },
        };
    }

    public override async Task<WhoDidAccessResponse> WhoDidAccess(
        WhoDidAccessRequest request,
        ServerCallContext context
    )
    {
        var (from, until, paging) = (
            Read.Instant("from", request.From, LegalTime.Earliest),
            Read.Instant("until", request.Until, DateTimeOffset.MaxValue.AddYears(-1)),
            Page(request.Paging)
        );
        var (known, person) = await AskedAboutAsync(request, request.Asking, request.Allocataire, context);
        var page = await node.History.WhoDidAsync(
            person.Pseudonyms,
            from,
            until,
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

    public override async Task<GetDisclosuresResponse> GetDisclosures(
        GetDisclosuresRequest request,
        ServerCallContext context
    )
    {
        var (from, until, paging) = (
            Read.Instant("from", request.From, LegalTime.Earliest),
            Read.Instant("until", request.Until, DateTimeOffset.MaxValue.AddYears(-1)),
            Page(request.Paging)
        );
        var named = Read.Free("staff_decision", request.StaffDecision) is not null;
        var (known, person) = await AskedAboutAsync(request, request.Asking, request.Allocataire, context);
        var page = await node.History.WhoDidAsync(
            person.Pseudonyms,
            from,
            until,
            known,
            paging,
            context.CancellationToken
        );
        return new()
        {
            Disclosures =
            {
                page.Items.Select(c => new Disclosure
                {
                    Siret = c.Event.Siret.Value,
                    OccurredAt = c.Event.OccurredAt.ToTimestamp(),
                    Service = c.Event.Service.Value,
                    Purpose = c.Event.Purpose.Value,
                    Categories = { c.Event.Categories },
                    Authorised = c.AsKnownAt.Authorised,
                    Agent = named ? c.Event.Agent.Value : string.Empty,
                    Position = c.Fact.Position,
                }),
            },
            NextPageToken = page.Next ?? string.Empty,
            Basis = await BasisAsync(known, context.CancellationToken),
        };
    }

    public override async Task<ListTraceReadsResponse> ListTraceReads(
        ListTraceReadsRequest request,
        ServerCallContext context
    )
    {
        var cancel = context.CancellationToken;
        var paging = Page(request.Paging);
        long known;
        string? dossier = null;
        if (request.Allocataire is null)
        {
            known = await AskedAsync(request, request.Asking, context);
        }
        else
        {
            var (caf, matricule) = Read.Allocataire("allocataire", request.Allocataire);
            dossier = node.Pseudonyms.Dossier(caf, matricule);
            known = await AskedAsync(request, request.Asking, context, dossier);
        }

        var page = await node.History.TraceReadsAsync(dossier, known, paging, cancel);
        return new()
        {
            Reads =
            {
                page
                    .Items.Select(e => (e.Fact, Event: (Domain.Control.TracesConsulted)e.Fact.Event))
                    .Select(e => new TraceRead
                    {
                        Position = e.Fact.Position,
                        RecordedAt = e.Fact.RecordedAt.ToTimestamp(),
                        Actor = Write.Actor(e.Fact.Context.Actor),
                        Question = e.Event.Question,
                        Of = e.Event.Of,
                        TraceRequest = e.Event.TraceRequest?.Value ?? string.Empty,
                    }),
            },
            NextPageToken = page.Next ?? string.Empty,
            Basis = await BasisAsync(known, cancel),
        };
    }

    private async Task<(long Known, Person Person)> AskedAboutAsync(
        IMessage request,
        Asking? asking,
        Allocataire? allocataire,
        ServerCallContext context
    )
    {
        var (caf, matricule) = Read.Allocataire("allocataire", allocataire);
        var known = await AskedAsync(request, asking, context, node.Pseudonyms.Dossier(caf, matricule));
        return (
            known,
            await node.History.PersonAsync(node.Pseudonyms, caf, matricule, known, context.CancellationToken)
        );
    }
}
