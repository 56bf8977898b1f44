using Caf.Ledger.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Integrity;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Merkle;
using Ledger.Integrity.Receipts;
using Ledger.Service.Anchoring;
using Ledger.Service.Callers;
using Ledger.Service.Hosting;
using Ledger.Service.Mapping;
using Ledger.Store.Publishing;
using Ledger.Store.Reading;

namespace Ledger.Service.Integrity;

/// <summary>Hands out checkpoints and proofs.</summary>
internal sealed class IntegrityGrpcService(LedgerNode node, AnchorBoard board) : IntegrityService.IntegrityServiceBase
{
    public override async Task<GetCheckpointResponse> GetCheckpoint(
        GetCheckpointRequest request,
        ServerCallContext context
    ) =>
        new()
        {
            Checkpoint = (await LatestAsync(context.CancellationToken)).Note,
            Vkey = node.PublicKey.ToString(),
            Successions = { node.Keys.Successions },
        };

    public override async Task<GetInclusionProofResponse> GetInclusionProof(
        GetInclusionProofRequest request,
        ServerCallContext context
    )
    {
        var cancel = context.CancellationToken;
        var (note, checkpoint) = await LatestAsync(cancel);
        var size = SizeWithin("tree_size", request.TreeSize, checkpoint);
        if (request.Position < 0 || request.Position >= size)
        {
            throw new InvalidFieldException(
                "position",
                $"A tree of {size} entries has no position {request.Position}."
            );
        }

        var proof = await node.Database.Source.ProveAsync(ProofPlan.Inclusion(request.Position, size), cancel);
        return new()
        {
            LeafHash = Bytes((await node.Database.Source.LeafAsync(request.Position, cancel))),
            Hashes = { proof.Select(Bytes) },
            TreeSize = size,
            Checkpoint = size == checkpoint.Size ? note : string.Empty,
        };
    }

    public override async Task<GetConsistencyProofResponse> GetConsistencyProof(
        GetConsistencyProofRequest request,
        ServerCallContext context
    )
    {
        var cancel = context.CancellationToken;
        var (note, checkpoint) = await LatestAsync(cancel);
        var size = SizeWithin("new_size", request.NewSize, checkpoint);
        if (request.OldSize < 1 || request.OldSize > size)
        {
            throw new InvalidFieldException("old_size", $"The old size is 1 to {size}.");
        }

        var proof = await node.Database.Source.ProveAsync(ProofPlan.Consistency(request.OldSize, size), cancel);
        return new()
        {
            Hashes = { proof.Select(Bytes) },
            NewSize = size,
            Checkpoint = size == checkpoint.Size ? note : string.Empty,
        };
    }

    public override async Task<GetReceiptResponse> GetReceipt(GetReceiptRequest request, ServerCallContext context)
    {
        var cancel = context.CancellationToken;
        var last = await node.History.LastPositionAsync(cancel);
        var position = request.OfCase switch
        {
            GetReceiptRequest.OfOneofCase.Position when request.Position >= 0 && request.Position <= last =>
                request.Position,
            GetReceiptRequest.OfOneofCase.Position => throw new UnknownException(
                "position",
                $"Nothing is recorded at position {request.Position}."
            ),
            GetReceiptRequest.OfOneofCase.RequestId => await node.Database.PositionOfAsync(
                Read.Uuid("request_id", request.RequestId),
                cancel
            ) ?? throw new UnknownException("request_id", $"Nothing was recorded by the request {request.RequestId}."),
            _ => throw new InvalidFieldException("of", "A position or a request id is required."),
        };
        var mayRead = await RequireOwnAsync(position, context);
        var (note, checkpoint) = await node.CoveringAsync(position, cancel);
        var proof = await node.Database.Source.ProveAsync(ProofPlan.Inclusion(position, checkpoint.Size), cancel);
        var recorded = (await EvidenceSource.EventsAsync(node.Database, [position], null, cancel))[0];
        var (entry, receipt) = (
            System.Text.Encoding.UTF8.GetBytes(recorded.Entry),
            new TlogProof(position, proof, note).ToString()
        );
        return new()
        {
            Receipt = receipt,
            LeafHash = Bytes(Rfc6962.LeafHash(entry)),
            Entry = ByteString.CopyFrom(entry),
            Bundle = mayRead
                ? new ReceiptBundle(
                    ReceiptBundle.CurrentFormat,
                    node.PublicKey.ToString(),
                    node.Keys.Successions,
                    receipt,
                    recorded.Entry,
                    recorded.Salt,
                    recorded.Content
                ).ToJson()
                : string.Empty,
        };
    }

    // An entry names a stream, which says what it is about: it is whoever recorded it who gets it, and the verifier.
    // Whether the caller recorded it, and may have its content too.
    private async Task<bool> RequireOwnAsync(long position, ServerCallContext context)
    {
        var caller = context.Caller();
        var isOwn =
            caller.IsLocal
            || (await node.Database.EventsAtAsync([position], context.CancellationToken))[0].Fact.Context.RecordedBy
                == caller.Id;
        return isOwn || caller.Roles.Contains(Role.Verifier)
            ? isOwn
            : throw new NotAllowedException(
                "receipt-of-one-s-own",
                "A receipt is given to whoever recorded the event."
            );
    }

    public override async Task<GetAnchorsResponse> GetAnchors(GetAnchorsRequest request, ServerCallContext context) =>
        new()
        {
            Size = await CheckpointPublisher.LatestAsync(node.Database, context.CancellationToken) is { } note
                ? node.Ring.Open(note).Size
                : 0,
            Anchors =
            {
                board.All.Select(a => new Anchor
                {
                    Name = a.Name,
                    Size = a.Size,
                    ReachedAt = a.At is { } at ? Timestamp.FromDateTimeOffset(at) : null,
                    Failure = a.Failure ?? string.Empty,
                    Contradicts = a.Contradicts,
                }),
            },
        };

    private static ByteString Bytes(Hash256 hash) => ByteString.CopyFrom(hash.ToArray());

    private static long SizeWithin(string field, long asked, Checkpoint latest) =>
        asked switch
        {
            0 => latest.Size,
            > 0 when asked <= latest.Size => asked,
            _ => throw new InvalidFieldException(field, $"The latest checkpoint has {latest.Size} entries."),
        };

    private async Task<(string Note, Checkpoint Checkpoint)> LatestAsync(CancellationToken cancel)
    {
        var note =
            await CheckpointPublisher.LatestAsync(node.Database, cancel)
            ?? throw new UnknownException(
                "checkpoint",
                "No checkpoint is published yet: it follows the first event within a second."
            );
        return (note, node.Ring.Open(note));
    }
}
