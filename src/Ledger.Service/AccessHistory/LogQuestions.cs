using Caf.Ledger.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Ledger.Domain;
using Ledger.Domain.Common;
using Ledger.Domain.Knowing;
using Ledger.Domain.Questions;
using Ledger.Integrity.Merkle;
using Ledger.Presentation;
using Ledger.Service.Callers;
using Ledger.Service.Hosting;
using Ledger.Service.Mapping;
using Ledger.Store.Publishing;
using Ledger.Store.Reading;

namespace Ledger.Service.AccessHistory;

/// <summary>The questions about the log itself: its proof over a period, and its story.</summary>
internal sealed partial class AccessHistoryGrpcService
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);

    public override async Task<GetPeriodProofResponse> GetPeriodProof(
        GetPeriodProofRequest request,
        ServerCallContext context
    )
    {
        var cancel = context.CancellationToken;
        var (from, until) = (
            Read.Instant("from", request.From, LegalTime.Earliest),
            Read.OptionalInstant("until", request.Until)
        );
        var asked = await AskedAsync(request, request.Asking, null, context);
        var first = await node.History.PositionAtAsync(JustBefore(from), cancel) + 1;
        var last = Math.Min(asked.Known.At, await node.History.PositionAtAsync(until ?? asked.At, cancel));
        if (last < first)
        {
            return new()
            {
                FirstPosition = -1,
                LastPosition = -1,
                Basis = await BasisAsync(asked, cancel),
            };
        }

        var (before, after) = await CheckpointPublisher.AroundAsync(node.Database, first, last + 1, cancel);
        var response = new GetPeriodProofResponse
        {
            FirstPosition = first,
            LastPosition = last,
            OldCheckpoint = before?.Note ?? string.Empty,
            Checkpoint = after?.Note ?? string.Empty,
            Basis = await BasisAsync(asked, cancel),
        };
        if (before is { } old && after is { } current && old.Size < current.Size)
        {
            var proof = await node.Database.Source.ProveAsync(ProofPlan.Consistency(old.Size, current.Size), cancel);
            response.ConsistencyProof.Add(proof.Select(h => ByteString.CopyFrom(h.ToArray())));
        }

        return response;
    }

    public override async Task<GetActsResponse> GetActs(GetActsRequest request, ServerCallContext context)
    {
        if (request.Positions.Count is < 1 or > MostActs)
        {
            throw new InvalidFieldException("positions", $"From 1 to {MostActs} positions.");
        }

        var asked = await AskedAsync(request, request.Asking, null, context);
        var events = await node.Database.EventsAtAsync(
            [.. request.Positions.Where(p => p >= 0 && p <= asked.Known.At).Distinct().Order()],
            context.CancellationToken
        );
        return new()
        {
            Acts =
            {
                events
                    .Where(e => asked.Known.Latest.IsOf(asked.Caf, e.Fact.Event))
                    .Select(e => new ActShown
                    {
                        Act = asked.Act(e.Fact),
                        Content = System.Text.Encoding.UTF8.GetString(e.Content),
                    }),
            },
            Basis = await BasisAsync(asked, context.CancellationToken),
        };
    }

    public override async Task Replay(
        ReplayRequest request,
        IServerStreamWriter<ReplayResponse> responseStream,
        ServerCallContext context
    )
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(
            context.CancellationToken,
            lifetime.ApplicationStopping
        );
        try
        {
            await ReplayAsync(request, responseStream, context, stopping.Token);
        }
        catch (OperationCanceledException e) when (!context.CancellationToken.IsCancellationRequested)
        {
            throw new NodeStoppingException(e);
        }
    }

    private async Task ReplayAsync(
        ReplayRequest request,
        IServerStreamWriter<ReplayResponse> responseStream,
        ServerCallContext context,
        CancellationToken cancel
    )
    {
        if (request.FromPosition < 0)
        {
            throw new InvalidFieldException("from_position", "A position is not negative.");
        }

        if (request.Follow && (request.Until is not null || request.Asking?.KnownAt is not null))
        {
            throw new InvalidFieldException("follow", "A story that goes on has neither an end nor a past knowledge.");
        }

        var (asked, of) = await AboutAsync(
            request,
            request.Asking,
            request.Allocataire,
            request.Account,
            request.HasService ? request.Service : null,
            context
        );
        var next = request.From is null
            ? request.FromPosition
            : Math.Max(
                request.FromPosition,
                await node.History.PositionAtAsync(JustBefore(Read.Instant("from", request.From)), cancel) + 1
            );
        var last = request.Until is null
            ? asked.Known.At
            : Math.Min(
                asked.Known.At,
                await node.History.PositionAtAsync(Read.Instant("until", request.Until), cancel)
            );
        var known = asked.Known.Latest;
        while (true)
        {
            context.Caller().RequireCurrent(time.GetUtcNow());
            RequireCase(asked.Recorded, known);
            await foreach (var (fact, content) in node.History.ReplayAsync(of, next, last, cancel))
            {
                if (fact.Position > known.Position && Knowledge.Bears(fact.Event))
                {
                    known = (await node.History.SnapshotAsync(null, cancel)).Latest;
                }

                if (!IsShown(asked, of, known, fact.Event))
                {
                    continue;
                }

                var about = Concern.Of(fact.Event, known);
                await responseStream.WriteAsync(
                    new ReplayResponse
                    {
                        Position = fact.Position,
                        RecordedAt = fact.RecordedAt.ToTimestamp(),
                        Type = EventCodec.NameOf(fact.Event),
                        Actor = Write.Actor(fact.Context.Actor),
                        Content = System.Text.Encoding.UTF8.GetString(content),
                        Sentence = asked.Words.Act(fact.Event, fact.Context),
                        RecordedBy = fact.Context.RecordedBy.Value,
                        Siret = about.Siret?.Value ?? string.Empty,
                        Agent = about.Agent?.Value ?? string.Empty,
                        Service = about.Service?.Value ?? string.Empty,
                        Profil = about.Profil?.Value ?? string.Empty,
                        Habilitation = about.Habilitation?.Value ?? string.Empty,
                    },
                    cancel
                );
            }

            if (!request.Follow)
            {
                return;
            }

            next = Math.Max(next, last + 1);
            while ((last = await node.History.LastPositionAsync(cancel)) < next)
            {
                await Task.Delay(Glance, time, cancel);
            }

            known = (await node.History.SnapshotAsync(null, cancel)).Latest;
        }
    }

    // A person's story follows her from Caf to Caf; that of a partner, an agent or a service is told to each Caf as far
    // as it concerns it.
    private static bool IsShown(Asked asked, ReplayOf? of, Knowledge known, LedgerEvent @event) =>
        of?.Dossier is not null || known.IsOf(asked.Caf, @event);

    private static DateTimeOffset JustBefore(DateTimeOffset instant) =>
        instant < LegalTime.Earliest ? LegalTime.Earliest : instant.AddTicks(-TimeSpan.TicksPerMicrosecond);

    private async Task<(Asked Asked, ReplayOf Of)> AboutAsync(
        IMessage request,
        Asking? asking,
        Allocataire? allocataire,
        Account? account,
        string? service,
        ServerCallContext context
    )
    {
        if (allocataire is not null)
        {
            var (asked, person) = await AskedAboutAsync(request, asking, null, allocataire, context);
            return (asked, new ReplayOf([.. person.Identities.Select(i => i.Pseudonym)], person.Pseudonyms));
        }

        var of =
            account is not null
                ? new ReplayOf(
                    Siret: Read.Text<Siret>("account.siret", account.Siret),
                    Agent: Read.Optional<AgentId>("account.agent", account.Agent)
                )
            : service is not null ? new ReplayOf(Service: Read.Text<ServiceCode>("service", service))
            : throw new InvalidFieldException("about", "A file, an account or a service is required.");
        return (await AskedAsync(request, asking, null, context), of);
    }
}
