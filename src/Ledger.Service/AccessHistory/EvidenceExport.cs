using System.Globalization;
using Caf.Ledger.V1;
using Google.Protobuf;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Domain.Questions;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Evidence;
using Ledger.Integrity.Merkle;
using Ledger.Service.Mapping;
using Ledger.Store.Publishing;
using Ledger.Store.Reading;

namespace Ledger.Service.AccessHistory;

/// <summary>An answer as one file that proves itself.</summary>
internal sealed partial class AccessHistoryGrpcService
{
    private const int MostEvents = 10_000;
    private const int ChunkSize = 64 * 1024;

    public override async Task ExportEvidence(ExportEvidenceRequest request, IServerStreamWriter<ExportEvidenceResponse> responseStream, ServerCallContext context)
    {
        var cancel = context.CancellationToken;
        var (from, until) = (Read.Instant("from", request.From, LegalTime.Earliest), Read.Instant("until", request.Until, time.GetUtcNow()));
        var (known, of) = await AboutAsync(request, request.Asking, request.Allocataire, request.Account, request.HasService ? request.Service : null, context);
        var first = await node.History.PositionAtAsync(from.AddTicks(-TimeSpan.TicksPerMicrosecond), cancel) + 1;
        var last = request.Until is null ? known : Math.Min(known, await node.History.PositionAtAsync(until, cancel));
        var about = new List<Fact>();
        await foreach (var stored in node.History.ReplayAsync(of, first, last, cancel))
        {
            about.Add(stored.Fact);
            if (about.Count > MostEvents)
            {
                throw new InvalidFieldException("until", $"That is more than {MostEvents} events: ask about a shorter time.");
            }
        }

        var restsOn = await node.History.AskAsync(long.MaxValue, k => EvidenceAnswer.RestsOn(about, k, known), cancel);
        var evidence = await EvidenceAsync(Question(request, of, from, until), known, about, restsOn, cancel);
        var file = System.Text.Encoding.UTF8.GetBytes(EvidenceFile.Write(evidence));
        for (var at = 0; at < file.Length; at += ChunkSize)
        {
            await responseStream.WriteAsync(new() { Chunk = ByteString.CopyFrom(file, at, Math.Min(ChunkSize, file.Length - at)) }, cancel);
        }
    }

    private async Task<Evidence> EvidenceAsync(string question, long known, List<Fact> about, IReadOnlyList<Fact> restsOn, CancellationToken cancel)
    {
        // The question itself was recorded just now: a checkpoint that covers the log as it is covers everything.
        var (note, checkpoint) = await node.CoveringAsync(await node.History.LastPositionAsync(cancel), cancel);
        var answers = about.Select(f => f.Position).ToHashSet();
        var proved = await EvidenceSource.EventsAsync(node.Database, [.. about.Concat(restsOn).Select(f => f.Position).Distinct().Order()], checkpoint.Size, cancel);
        return new Evidence(
            question, known, node.PublicKey.ToString(), note,
            [.. proved.Select(e => new EvidenceEvent(answers.Contains(e.Position), e.Entry, e.Salt, e.Content, [.. e.Path.Select(h => h.ToBase64())]))],
            [.. EvidenceAnswer.Of(about, restsOn).Select(t => new EvidenceTable(t.Title, t.Columns, t.Rows))],
            await TimestampsAsync(checkpoint, about.Count == 0 ? known : about[^1].Position, cancel));
    }

    // The first timestamp that covers everything asked about; else the latest that there is.
    private async Task<IReadOnlyList<EvidenceTimestamp>> TimestampsAsync(Checkpoint checkpoint, long position, CancellationToken cancel)
    {
        var all = (await AnchorStore.AllAsync(node.Database, AnchorKind.Timestamp, cancel)).FindAll(p => p.Size <= checkpoint.Size);
        if ((all.Find(p => p.Size > position) ?? all.LastOrDefault()) is not { } proof
            || await CheckpointPublisher.AroundAsync(node.Database, proof.Size, proof.Size, cancel) is not { Before: { } stamped } || stamped.Size != proof.Size)
        {
            return [];
        }

        var path = await node.Database.Source.ProveAsync(ProofPlan.Consistency(proof.Size, checkpoint.Size), cancel);
        return [new EvidenceTimestamp(SignedNote.Parse(stamped.Note).OnlyBy(node.PublicKey).ToString(), proof.Proof, [.. path.Select(h => h.ToBase64())])];
    }

    private static string Question(ExportEvidenceRequest request, ReplayOf of, DateTimeOffset from, DateTimeOffset until)
    {
        var about = request switch
        {
            { Allocataire: { } file } => $"the file {file.Matricule} of the Caf {file.Caf} ({string.Join(", ", of.Dossier ?? [])})",
            { Account: { Agent.Length: > 0 } account } => $"the agent {account.Agent} of the partner {account.Siret}",
            { Account: { } account } => $"the partner {account.Siret}",
            _ => $"the service {request.Service}",
        };
        return string.Create(CultureInfo.InvariantCulture, $"What is recorded about {about} between {from.UtcDateTime:yyyy-MM-dd HH:mm:ss'Z'} and {until.UtcDateTime:yyyy-MM-dd HH:mm:ss'Z'}?");
    }
}
