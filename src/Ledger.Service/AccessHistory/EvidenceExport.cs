using System.Security.Cryptography;
using Caf.Ledger.V1;
using Google.Protobuf;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Control;
using Ledger.Domain.Questions;
using Ledger.Domain.ReadModels;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Evidence;
using Ledger.Integrity.Merkle;
using Ledger.Presentation;
using Ledger.Presentation.Evidence;
using Ledger.Service.Callers;
using Ledger.Service.Mapping;
using Ledger.Store.Appending;
using Ledger.Store.Publishing;
using Ledger.Store.Reading;

namespace Ledger.Service.AccessHistory;

/// <summary>An answer as one file that proves itself.</summary>
internal sealed partial class AccessHistoryGrpcService
{
    private const int MostEvents = 10_000;
    private const int MostActs = 100;
    private const int CosignatureTries = 50;
    private const int ChunkSize = 64 * 1024;

    public override async Task ExportEvidence(
        ExportEvidenceRequest request,
        IServerStreamWriter<ExportEvidenceResponse> responseStream,
        ServerCallContext context
    )
    {
        var cancel = context.CancellationToken;
        var from = Read.Instant("from", request.From, LegalTime.Earliest);
        var to = Read.OptionalInstant("until", request.Until);
        var (asked, of) = request
            is { AboutCase: ExportEvidenceRequest.AboutOneofCase.None, From: not null, Until: not null }
            ? (await AskedAsync(request, request.Asking, null, context), null)
            : await AboutAsync(
                request,
                request.Asking,
                request.Allocataire,
                request.Account,
                request.HasService ? request.Service : null,
                context
            );
        var (known, until) = (asked.Known.At, to ?? asked.At);
        var about = await InPeriodAsync(asked, of, from, until, cancel);
        var asOf = known < 0 ? from : (await node.Database.EventsAtAsync([known], cancel))[0].Fact.RecordedAt;
        var files = await node.History.FilesOfAsync(about, cancel);
        var cafs = about
            .Select(f => f.Event)
            .OfType<ConsultationRecorded>()
            .Select(c => c.Caf)
            .Where(_ => of?.Dossier is not null)
            .Append(asked.Caf)
            .ToHashSet();
        var restsOn = EvidenceAnswer
            .RestsOn(about, files, asked.Known.Latest, known)
            .Where(f => cafs.Any(caf => asked.Known.Latest.IsOf(caf, f.Event)))
            .ToList();
        if (restsOn.Count > MostEvents)
        {
            throw new InvalidFieldException(
                "about",
                $"The answer rests on more than {MostEvents} facts: ask about less."
            );
        }

        var (consultations, rights) = EvidenceAnswers.Of(about, files, restsOn);
        var said = new EvidenceStatement(
            RandomNumberGenerator.GetBytes(EvidenceStatement.SaltSize),
            new EvidenceQuestion(
                asked.Caf.Value,
                context.Asker().Actor.Human.Value,
                asked.At,
                asked.Recorded.TraceRequest?.Value,
                Subject(request, of),
                request.From is null ? null : from,
                until < asOf ? until : asOf,
                asOf
            ),
            known,
            [.. about.Select(f => f.Position)],
            [.. restsOn.Select(f => f.Position)],
            [.. files.Select(f => new ConsultedFile(f.Key, f.Value))],
            consultations,
            rights
        );
        var file = System.Text.Encoding.UTF8.GetBytes(await EvidenceAsync(said, asked.Words, context.Asker(), cancel));
        for (var at = 0; at < file.Length; at += ChunkSize)
        {
            await responseStream.WriteAsync(
                new() { Chunk = ByteString.CopyFrom(file, at, Math.Min(ChunkSize, file.Length - at)) },
                cancel
            );
        }
    }

    // Facts of use are of the period in which they took place, whenever they were learnt; acts are of that in which
    // they were learnt, and those that bear on a use come along whenever that was.
    private async Task<List<Fact>> InPeriodAsync(
        Asked asked,
        ReplayOf? of,
        DateTimeOffset from,
        DateTimeOffset until,
        CancellationToken cancel
    )
    {
        var known = asked.Known.At;
        var first = await node.History.PositionAtAsync(JustBefore(from), cancel) + 1;
        var last = Math.Min(known, await node.History.PositionAtAsync(until, cancel));
        var used = node.History.UsedBetweenAsync(of ?? new ReplayOf(), from, until, known, cancel);
        var acts = of is null ? AllAsync(first, last, cancel) : node.History.ReplayAsync(of, first, last, cancel);
        var facts = new List<Fact>();
        await foreach (
            var stored in used.Concat(acts.Where(e => !UsageRow.Takes(e.Fact.Event)))
                .Where(e => IsShown(asked, of, asked.Known.Latest, e.Fact.Event))
                .WithCancellation(cancel)
        )
        {
            facts.Add(stored.Fact);
            if (facts.Count > MostEvents)
            {
                throw new InvalidFieldException(
                    "until",
                    $"That is more than {MostEvents} events: ask about a shorter time."
                );
            }
        }

        return [.. facts.OrderBy(f => f.Position)];
    }

    private async IAsyncEnumerable<StoredEvent> AllAsync(
        long first,
        long last,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel
    )
    {
        const int atOnce = 500;
        for (; first <= last; first += atOnce)
        {
            var to = Math.Min(last, first + atOnce - 1);
            foreach (var stored in await node.Database.EventsBetweenAsync(first, to, cancel))
            {
                yield return stored;
            }
        }
    }

    private async Task<string> EvidenceAsync(
        EvidenceStatement said,
        Words words,
        EventContext asked,
        CancellationToken cancel
    )
    {
        // The log commits to what is said and shown before it is said.
        var statement = said.ToJson();
        var digest = EvidenceStatement.DigestOf(statement);
        var positions = said.About.Union(said.RestsOn).Order().ToList();
        var page = EvidencePage.Render(said, await ProvedAsync(positions, null, cancel), words);
        var shown = page.Digest(said.Salt);
        var context = asked with { RequestId = Following(asked.RequestId, digest) };
        var issued = await node.Writer.AppendAsync(
            AppendRequest.Of(
                context,
                System.Text.Encoding.UTF8.GetBytes(digest + shown),
                new IssueEvidence(digest, shown, said.KnownAt)
            ),
            cancel
        );
        var (signed, checkpoint) = await CosignedAsync(await node.CoveringAsync(issued.Position, cancel), cancel);
        var events = await ProvedAsync([.. positions, issued.Position], checkpoint.Size, cancel);
        return page.With(
            new Evidence(
                Languages.TagOf(words.Language),
                statement,
                node.PublicKey.ToString(),
                board.Cosigner?.Cosign(signed) ?? signed,
                events[..^1],
                events[^1],
                await TimestampsAsync(checkpoint, positions.DefaultIfEmpty(said.KnownAt).Max(), cancel),
                node.Keys.Successions
            )
        );
    }

    private async Task<List<EvidenceEvent>> ProvedAsync(List<long> positions, long? size, CancellationToken cancel) =>
        [
            .. (await EvidenceSource.EventsAsync(node.Database, positions, size, cancel)).Select(e => new EvidenceEvent(
                e.Entry,
                e.Salt,
                e.Content,
                [.. e.Path.Select(h => h.ToBase64())]
            )),
        ];

    private static Guid Following(Guid request, string digest) =>
        new(
            SHA256
                .HashData([.. request.ToByteArray(bigEndian: true), .. System.Text.Encoding.UTF8.GetBytes(digest)])
                .AsSpan(0, 16),
            bigEndian: true
        );

    // Witnesses follow a second behind: evidence waits for the cosignatures that the service's own policy demands, and
    // not for ever.
    private async Task<(string Note, Checkpoint Checkpoint)> CosignedAsync(
        (string Note, Checkpoint Checkpoint) covering,
        CancellationToken cancel
    )
    {
        for (
            var tries = 0;
            board.Policy is { } policy
                && !policy.IsSatisfiedBy(SignedNote.Parse(board.Cosigner?.Cosign(covering.Note) ?? covering.Note))
                && tries < CosignatureTries;
            tries++
        )
        {
            await Task.Delay(Glance, time, cancel);
            covering = await node.CoveringAsync(covering.Checkpoint.Size - 1, cancel);
        }

        return covering;
    }

    // The first timestamp that covers everything asked about, once there is one.
    private async Task<IReadOnlyList<EvidenceTimestamp>> TimestampsAsync(
        Checkpoint checkpoint,
        long position,
        CancellationToken cancel
    )
    {
        if (
            await AnchorStore.FirstCoveringAsync(node.Database, AnchorKind.Timestamp, position, checkpoint.Size, cancel)
                is not { } proof
            || await CheckpointPublisher.AroundAsync(node.Database, proof.Size, proof.Size, cancel)
                is not { Before: { } stamped }
            || stamped.Size != proof.Size
        )
        {
            return [];
        }

        var path = await node.Database.Source.ProveAsync(ProofPlan.Consistency(proof.Size, checkpoint.Size), cancel);
        return
        [
            new EvidenceTimestamp(
                node.Keys.Alone(SignedNote.Parse(stamped.Note)).ToString(),
                proof.Proof,
                [.. path.Select(h => h.ToBase64())]
            ),
        ];
    }

    private static EvidenceSubject Subject(ExportEvidenceRequest request, ReplayOf? of) =>
        request switch
        {
            { AboutCase: ExportEvidenceRequest.AboutOneofCase.None } => new(),
            { Allocataire: { } file } => new(Caf: file.Caf, Matricule: file.Matricule, Dossiers: of?.Dossier),
            { Account: { Agent.Length: > 0 } account } => new(Siret: account.Siret, Agent: account.Agent),
            { Account: { } account } => new(Siret: account.Siret),
            _ => new(Service: request.Service),
        };
}
