using Caf.Ledger.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Ledger.Domain;
using Ledger.Domain.Common;
using Ledger.Service.Hosting;
using Ledger.Service.Mapping;
using Ledger.Store.Publishing;
using ConsultationFound = Caf.Ledger.V1.ConsultationFound;

namespace Ledger.Service.AccessHistory;

/// <summary>Answers the investigators' questions.</summary>
internal sealed class AccessHistoryGrpcService(LedgerNode node, TimeProvider time) : AccessHistoryService.AccessHistoryServiceBase
{
    public override async Task<WhoCouldAccessResponse> WhoCouldAccess(WhoCouldAccessRequest request, ServerCallContext context)
    {
        var cancel = context.CancellationToken;
        var (caf, _) = Read.Allocataire("allocataire", request.Allocataire);
        var at = Read.Instant("at", request.At, time.GetUtcNow());
        var known = await KnownAsync(request.KnownAt, cancel);
        var page = await node.History.WhoCouldAsync(
            caf, at, known, Read.Optional<ServiceCode>("service", request.Service), Read.PageSize(request.PageSize), Read.Free("page_token", request.PageToken), cancel);
        return new()
        {
            Rights =
            {
                page.Items.Select(r => new Caf.Ledger.V1.AccessRight
                {
                    Habilitation = r.Habilitation, Agent = r.Agent, Siret = r.Siret, Service = r.Service, Profil = r.Profil,
                    Purposes = { r.Purposes }, From = r.From?.ToTimestamp(), Until = r.Until?.ToTimestamp(), Because = { r.Because },
                }),
            },
            NextPageToken = page.Next ?? string.Empty,
            Basis = await BasisAsync(known, cancel),
            At = at.ToTimestamp(),
        };
    }

    public override async Task<WhoDidAccessResponse> WhoDidAccess(WhoDidAccessRequest request, ServerCallContext context)
    {
        var cancel = context.CancellationToken;
        var (caf, matricule) = Read.Allocataire("allocataire", request.Allocataire);
        var known = await KnownAsync(request.KnownAt, cancel);
        var page = await node.History.WhoDidAsync(
            node.Pseudonyms.All(caf, matricule),
            Read.Instant("from", request.From, LegalTime.Earliest),
            Read.Instant("until", request.Until, DateTimeOffset.MaxValue.AddYears(-1)),
            known,
            Read.PageSize(request.PageSize),
            Read.Free("page_token", request.PageToken),
            cancel);
        return new()
        {
            Consultations = { page.Items.Select(Found) },
            NextPageToken = page.Next ?? string.Empty,
            Basis = await BasisAsync(known, cancel),
        };
    }

    public override async Task<GetRightsTimelineResponse> GetRightsTimeline(GetRightsTimelineRequest request, ServerCallContext context)
    {
        var cancel = context.CancellationToken;
        var known = await KnownAsync(request.KnownAt, cancel);
        var rights = await node.History.RightsAsync(Read.Text<Siret>("siret", request.Siret), Read.Text<AgentId>("agent", request.Agent), known, cancel);
        var response = new GetRightsTimelineResponse { Basis = await BasisAsync(known, cancel) };
        foreach (var (habilitation, segments) in rights)
        {
            response.Habilitations.Add(new HabilitationTimeline
            {
                Habilitation = habilitation.Granted.Event.Habilitation.Value,
                Service = habilitation.Granted.Service.Value,
                Profil = habilitation.Granted.Profil.Value,
                GrantedBy = Write.Actor(habilitation.Granted.Actor),
                GrantedPosition = habilitation.Granted.Position,
                Segments =
                {
                    segments.Select(s => new RightSegment
                    {
                        From = Write.Bound(s.From), Until = Write.Bound(s.Until), Effective = s.IsEffective,
                        Missing = { s.Missing.Select(Write.Name) }, Purposes = { s.Purposes.Select(p => p.Value) }, Because = { s.Because },
                    }),
                },
            });
        }

        return response;
    }

    public override async Task Replay(ReplayRequest request, IServerStreamWriter<ReplayResponse> responseStream, ServerCallContext context)
    {
        var cancel = context.CancellationToken;
        if (request.FromPosition < 0)
        {
            throw new InvalidFieldException("from_position", "A position is not negative.");
        }

        var known = await KnownAsync(request.KnownAt, cancel);
        var events = node.History.ReplayAsync(
            Read.Text<Siret>("siret", request.Siret), Read.Optional<AgentId>("agent", request.Agent), request.FromPosition, known, cancel);
        await foreach (var (fact, content) in events.WithCancellation(cancel))
        {
            await responseStream.WriteAsync(
                new ReplayResponse
                {
                    Position = fact.Position,
                    RecordedAt = fact.RecordedAt.ToTimestamp(),
                    Type = EventCodec.NameOf(fact.Event),
                    Actor = Write.Actor(fact.Context.Actor),
                    Content = System.Text.Encoding.UTF8.GetString(content),
                },
                cancel);
        }
    }

    private static ConsultationFound Found(Store.Reading.ConsultationFound c) => new()
    {
        Position = c.Fact.Position,
        OccurredAt = c.Event.OccurredAt.ToTimestamp(),
        RecordedAt = c.Fact.RecordedAt.ToTimestamp(),
        Siret = c.Event.Siret.Value,
        Agent = c.Event.Agent.Value,
        Service = c.Event.Service.Value,
        Profil = c.Event.Profil.Value,
        Purpose = c.Event.Purpose.Value,
        Categories = { c.Event.Categories },
        BusinessFile = c.Event.BusinessFile ?? string.Empty,
        AsKnownThen = Write.Verdict(c.Event.Verdict),
        AsKnownAt = Write.Verdict(c.AsKnownAt),
    };

    private async Task<long> KnownAsync(KnownAt? known, CancellationToken cancel) => known?.AtCase switch
    {
        KnownAt.AtOneofCase.Position => known.Position >= 0 && known.Position <= await node.History.LastPositionAsync(cancel)
            ? known.Position
            : throw new InvalidFieldException("known_at.position", "Nothing is recorded at that position."),
        KnownAt.AtOneofCase.Instant => await node.History.PositionAtAsync(Read.Instant("known_at.instant", known.Instant), cancel),
        _ => await node.History.LastPositionAsync(cancel),
    };

    private async Task<Basis> BasisAsync(long known, CancellationToken cancel) => new()
    {
        KnownPosition = known,
        Checkpoint = await CheckpointPublisher.LatestAsync(node.Database, cancel) ?? string.Empty,
    };
}
