using Caf.Ledger.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Domain.Control;
using Ledger.Service.Anchoring;
using Ledger.Service.Hosting;
using Ledger.Service.Mapping;
using Ledger.Store.Appending;
using Ledger.Store.Publishing;
using ConsultationFound = Caf.Ledger.V1.ConsultationFound;
using Finding = Ledger.Domain.Questions.Finding;
using Paging = Ledger.Store.Reading.Paging;
using UsageScope = Ledger.Store.Reading.UsageScope;
using Wire = Caf.Ledger.V1;

namespace Ledger.Service.AccessHistory;

/// <summary>
/// Answers the investigators' questions. Each is recorded before it is answered: the reader of traces leaves a trace
/// (art. 7).
/// </summary>
internal sealed partial class AccessHistoryGrpcService(LedgerNode node, AnchorBoard board, TimeProvider time)
    : AccessHistoryService.AccessHistoryServiceBase
{
    /// <summary>The position that the answer may know, once the question itself is durable.</summary>
    private async Task<long> AskedAsync(
        IMessage request,
        Asking? asking,
        ServerCallContext call,
        string? dossier = null
    )
    {
        var context = Under("asking", () => Read.Context(asking?.Context));
        var traceRequest = Read.Optional<ProcedureId>("asking.trace_request", asking!.TraceRequest);
        var known = await KnownAsync(asking.KnownAt, call.CancellationToken);
        var keyless = node.Keyless(request);
        var digest = Read.Digest(keyless);
        keyless.Descriptor.FindFieldByName("asking").Accessor.Clear(keyless);
        await node.Writer.AppendAsync(
            AppendRequest.Of(
                context,
                digest,
                new ConsultTraces(NameOf(request), JsonFormatter.Default.Format(keyless), traceRequest, dossier)
            ),
            call.CancellationToken
        );
        return known;
    }

    // WhoCouldAccessRequest asks "who-could-access".
    private static string NameOf(IMessage request)
    {
        var name = request.Descriptor.Name[..^"Request".Length];
        return string.Concat(
            name.Select(
                (c, i) => i > 0 && char.IsUpper(c) ? $"-{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"
            )
        );
    }

    private async Task<long> KnownAsync(KnownAt? known, CancellationToken cancel) =>
        known?.AtCase switch
        {
            KnownAt.AtOneofCase.Position => known.Position >= 0
            && known.Position <= await node.History.LastPositionAsync(cancel)
                ? known.Position
                : throw new InvalidFieldException("asking.known_at.position", "Nothing is recorded at that position."),
            KnownAt.AtOneofCase.Instant => await node.History.PositionAtAsync(
                Read.Instant("asking.known_at.instant", known.Instant),
                cancel
            ),
            _ => await node.History.LastPositionAsync(cancel),
        };

    private async Task<Basis> BasisAsync(long known, CancellationToken cancel) =>
        new()
        {
            KnownPosition = known,
            Checkpoint = await CheckpointPublisher.LatestAsync(node.Database, cancel) ?? string.Empty,
        };

    private Task<List<Act>> ActsAsync(IEnumerable<long> positions, CancellationToken cancel) =>
        node.History.AskAsync(
            long.MaxValue,
            known => positions.Distinct().Order().Select(known.FactAt).OfType<Fact>().Select(Write.Act).ToList(),
            cancel
        );

    private static Paging Page(Wire.Paging? paging) =>
        new(Read.PageSize(paging?.Size ?? 0), Read.Free("paging.token", paging?.Token ?? string.Empty));

    private static UsageScope Scope(Wire.UsageScope? scope, bool needsAccount = false)
    {
        var read = new UsageScope(
            Read.Instant("scope.from", scope?.From, LegalTime.Earliest),
            Read.Instant("scope.until", scope?.Until, DateTimeOffset.MaxValue.AddYears(-1)),
            Read.Optional<CafCode>("scope.caf", scope?.Caf ?? string.Empty),
            Read.Optional<Siret>("scope.siret", scope?.Siret ?? string.Empty),
            Read.Optional<AgentId>("scope.agent", scope?.Agent ?? string.Empty),
            Read.Optional<ServiceCode>("scope.service", scope?.Service ?? string.Empty),
            Read.Opaque("scope.address", scope?.Address ?? string.Empty)
        );
        return read.Agent is not null && read.Siret is null
                ? throw new InvalidFieldException(
                    "scope.siret",
                    "An agent is one of a partner: the partner is required."
                )
            : needsAccount && read is { Agent: null, Address: null }
                ? throw new InvalidFieldException(
                    "scope.agent",
                    "An account (siret and agent) or an address is required."
                )
            : read;
    }

    private static T Under<T>(string parent, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidFieldException e)
        {
            throw new InvalidFieldException($"{parent}.{e.Field}", e.Message);
        }
    }

    // Findings are in the order of their keys, and a page begins after the key of the last.
    private static (List<Finding> Items, string Next) Cut(IReadOnlyList<Finding> all, Paging paging)
    {
        var rest = all.Where(f => paging.After is null || string.CompareOrdinal(f.Key, paging.After) > 0)
            .Take(paging.Size + 1)
            .ToList();
        return rest.Count > paging.Size ? (rest[..paging.Size], rest[paging.Size - 1].Key) : (rest, string.Empty);
    }

    private static ConsultationFound Found(Store.Reading.ConsultationFound c) =>
        new()
        {
            Position = c.Fact.Position,
            OccurredAt = c.Event.OccurredAt.ToTimestamp(),
            RecordedAt = c.Fact.RecordedAt.ToTimestamp(),
            Caf = c.Event.Caf.Value,
            Siret = c.Event.Siret.Value,
            Agent = c.Event.Agent.Value,
            Service = c.Event.Service.Value,
            Profil = c.Event.Profil.Value,
            Purpose = c.Event.Purpose.Value,
            Categories = { c.Event.Categories },
            BusinessFile = c.Event.BusinessFile ?? string.Empty,
            AsKnownThen = Write.Verdict(c.Event.Verdict),
            AsKnownAt = Write.Verdict(c.AsKnownAt),
            Learnt = { c.Learnt.Select(Write.Act) },
        };
}
