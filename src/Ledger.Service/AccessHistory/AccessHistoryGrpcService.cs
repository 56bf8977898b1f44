using Caf.Ledger.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Domain.Control;
using Ledger.Domain.Knowing;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using Ledger.Presentation;
using Ledger.Service.Anchoring;
using Ledger.Service.Callers;
using Ledger.Service.Hosting;
using Ledger.Service.Mapping;
using Ledger.Store.Appending;
using Ledger.Store.Publishing;
using Ledger.Store.Reading;
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
internal sealed partial class AccessHistoryGrpcService(
    LedgerNode node,
    AnchorBoard board,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<AccessHistoryGrpcService> log
) : AccessHistoryService.AccessHistoryServiceBase
{
    /// <summary>
    /// Records the question, then gives what it is answered with. Asked again under the same request id, it is the
    /// question that was recorded, with the knowledge that it was answered with. The answer is the business of the Caf
    /// of whoever asks: a question of another's file or use is refused.
    /// </summary>
    private async Task<Asked> AskedAsync(
        IMessage request,
        Asking? asking,
        Wire.Paging? paging,
        ServerCallContext call,
        CafCode? of = null,
        string? dossier = null
    )
    {
        var cancel = call.CancellationToken;
        var context = call.Asker();
        if (of is not null && context.Actor.Caf is { } caf && of != caf)
        {
            throw new NotAllowedException("own-caf", $"The traces of the Caf {of} are read by that Caf (art. 7).");
        }

        var traceRequest = Read.Optional<ProcedureId>("asking.trace_request", asking!.TraceRequest);
        var size = Math.Min(Read.PageSize(paging?.Size ?? 0), PageBytes.MostItems(call) ?? int.MaxValue);
        Read.Instants(request);
        var keyless = node.Keyless(request);
        var (digest, question) = (Read.Digest(keyless), QuestionOf(keyless));
        var (snapshot, known, turned) = ((Snapshot?)null, 0L, (PlaceInAnswer?)null);
        if (paging?.Token is { Length: > 0 } token)
        {
            (known, var place) = node.Tokens.Read(token, question);
            turned = PlaceInAnswer.Parse(place);
        }
        else
        {
            snapshot = await SnapshotAsync(asking.KnownAt, cancel);
            known = snapshot.At;
        }

        keyless.Descriptor.FindFieldByName("asking").Accessor.Clear(keyless);
        await SealAddressAsync(keyless, cancel);
        var consult = new ConsultTraces(
            NameOf(request),
            JsonFormatter.Default.Format(keyless),
            traceRequest,
            dossier,
            known,
            call.Caller().NeedsCase(AccessPolicy.MethodOf(call.GetHttpContext()))
        );
        var asked = node.IsReadOnly
            ? OnlyLogged(context, consult)
            : await RecordedAsync(AppendRequest.Of(context, digest, consult), call);
        var found = snapshot?.At == asked.KnownAt ? snapshot : await node.History.SnapshotAsync(asked.KnownAt, cancel);

        // A question that is asked again is not decided again: its case may have been closed since.
        RequireCase(asked, found.Latest);
        return new Asked(found, asked, turned?.At ?? asked.At, new Paging(size, turned?.After), question, call.Words());
    }

    private void RequireCase(TracesConsulted question, Knowledge known)
    {
        if (question.TraceRequest is { } id)
        {
            Cases.RequireOpen(known, id, question.Caf, time.GetUtcNow());
        }
    }

    private async Task<TracesConsulted> RecordedAsync(AppendRequest question, ServerCallContext call) =>
        (TracesConsulted)(await node.Writer.AppendAsync(question, call.CancellationToken, call.TurnTaker())).Event;

    // A read-only node has no log to record in: the same rules, and a line of its own log.
    private TracesConsulted OnlyLogged(EventContext context, ConsultTraces consult)
    {
        var asked = (TracesConsulted)consult.Decide(node.Replica.Known, context, time.GetUtcNow())[0];
        LogAsked(log, context.Actor.Id.Value, asked.Caf.Value, asked.Question, asked.Of);
        return asked;
    }

    // What was asked is kept for ever, an address no longer than the month in which it was asked for.
    private async Task SealAddressAsync(IMessage keyless, CancellationToken cancel)
    {
        if (
            keyless.Descriptor.FindFieldByName("scope")?.Accessor.GetValue(keyless) is Wire.UsageScope
            {
                Address.Length: > 0,
            } scope
        )
        {
            scope.Address = node.IsReadOnly
                ? "•••"
                : (await node.Pseudonyms.InAsync(time.GetUtcNow(), cancel)).Seal("address", scope.Address);
        }
    }

    // What makes two requests the same question: all but who asks, and which page.
    private static byte[] QuestionOf(IMessage keyless)
    {
        var question = keyless.Copy();
        question.Descriptor.FindFieldByName("paging")?.Accessor.Clear(question);
        if (question.Descriptor.FindFieldByName("asking").Accessor.GetValue(question) is Asking asking)
        {
            // A page is turned by the Caf that asked.
            var caf = asking.Context?.Actor?.Caf;
            asking.Context = new RequestContext { Actor = new Wire.Actor() };
            if (caf is { Length: > 0 })
            {
                asking.Context.Actor.Caf = caf;
            }
        }

        return Read.Digest(question);
    }

    [LoggerMessage(50, LogLevel.Information, "{Agent} of the Caf {Caf} asked {Question} of {Of}")]
    private static partial void LogAsked(ILogger log, string agent, string caf, string question, string of);

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

    private Task<Snapshot> SnapshotAsync(KnownAt? known, CancellationToken cancel) =>
        known?.AtCase switch
        {
            KnownAt.AtOneofCase.Position => known.Position >= 0
                ? node.History.SnapshotAsync(known.Position, cancel)
                : throw new InvalidFieldException("asking.known_at.position", "Nothing is recorded at that position."),
            KnownAt.AtOneofCase.Instant => node.History.SnapshotAtAsync(
                Read.Instant("asking.known_at.instant", known.Instant),
                cancel
            ),
            _ => node.History.SnapshotAsync(null, cancel),
        };

    private string Next(Asked asked, string? place) =>
        place is null
            ? string.Empty
            : node.Tokens.Write(asked.Question, asked.Known.At, new PlaceInAnswer(asked.At, place).ToString());

    private async Task<Basis> BasisAsync(Asked asked, CancellationToken cancel) =>
        new()
        {
            KnownPosition = asked.Known.At,
            Checkpoint = await CheckpointPublisher.LatestAsync(node.Database, cancel) ?? string.Empty,
            FileErased = asked.FileErased,
        };

    private static IEnumerable<Act> Acts(Asked asked, IEnumerable<long> positions) =>
        asked.Known.ActsAt(positions).Select(asked.Act);

    private static UsageScope Scope(Wire.UsageScope? scope, bool needsAccount = false)
    {
        var read = new UsageScope(
            Read.Instant("scope.from", scope?.From, LegalTime.Earliest),
            Read.Instant("scope.until", scope?.Until, LegalTime.Latest),
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

    // The months of a period whose key is destroyed: a person, or an address, is another in each, and is not found there.
    private static IEnumerable<string> Forgotten(Asked asked, DateTimeOffset from, DateTimeOffset until) =>
        asked.Known.Latest.DestroyedEpochs.Where(m => LegalTime.Meets(m, from, until)).Order(StringComparer.Ordinal);

    // Findings are in the order of their keys, and a page begins after the key of the last.
    private static (List<Finding> Items, string? Next) Cut(IReadOnlyList<Finding> all, Paging paging)
    {
        var rest = all.Where(f => paging.After is null || string.CompareOrdinal(f.Key, paging.After) > 0)
            .Take(paging.Size + 1)
            .ToList();
        return rest.Count > paging.Size ? (rest[..paging.Size], rest[paging.Size - 1].Key) : (rest, null);
    }

    private static ConsultationFound Found(Asked asked, Store.Reading.ConsultationFound c) =>
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
            Categories = { asked.Known.Latest.CategoriesOf(c.Event) },
            BusinessFile = c.Details?.BusinessFile ?? string.Empty,
            AsKnownThen = Write.Verdict(c.Event.Verdict),
            AsKnownAt = Write.Verdict(c.AsKnownAt),
            Learnt = { c.Learnt.Select(asked.Act) },
            Forgotten = c.Month is null,
            RectifiedBy = c.RectifiedBy is { } by ? asked.Act(by) : null,
        };

    /// <summary>A question that is recorded, and what it is answered with.</summary>
    /// <param name="Known">What is known, from its first step to its last.</param>
    /// <param name="Recorded">The question, as it is recorded.</param>
    /// <param name="At">When its first page was asked for: what "now" means in it.</param>
    /// <param name="Paging">Which page.</param>
    /// <param name="Question">The digest that page tokens are bound to.</param>
    /// <param name="Words">The language of whoever asks.</param>
    private sealed record Asked(
        Snapshot Known,
        TracesConsulted Recorded,
        DateTimeOffset At,
        Paging Paging,
        byte[] Question,
        Words Words
    )
    {
        /// <summary>An act, in the language of whoever asks.</summary>
        public Act Act(Fact fact) => Write.Act(fact, Known.Latest, Words);

        /// <summary>Whether what was recorded of the file that is asked about was erased.</summary>
        public bool FileErased { get; init; }

        /// <summary>Whose business the answer is.</summary>
        public CafCode Caf => Recorded.Caf;

        /// <summary>A convention of that Caf.</summary>
        /// <exception cref="UnknownException">There is none of that identifier.</exception>
        public Partenariat Require(ConventionId id) =>
            Known.Then.Require(id) is var found && found.Convention.Caf == Caf
                ? found
                : throw new UnknownException("convention", $"No convention '{id}' of the Caf {Caf} is recorded.");
    }
}
