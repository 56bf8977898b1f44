using System.Net;
using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Client;
using Ledger.Integrity;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Merkle;
using Ledger.Integrity.Receipts;
using Ledger.Integrity.Tiles;
using Ledger.Tests;
using static Ledger.Tests.SampleRequests;

namespace Ledger.Service.Tests;

/// <summary>What a partner keeps, and what anyone may read.</summary>
[Collection(PostgresTests.Name)]
public sealed class ReceiptTests(PostgresCluster cluster) : IAsyncLifetime
{
    private RunningService _service = null!;

    public async Task InitializeAsync()
    {
        _service = await RunningService.StartAsync(cluster);
        await _service.Client.UpToAGrantAsync();
    }

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Fact]
    public async Task Every_acknowledgement_becomes_a_receipt_that_holds_offline_by_position_or_by_request()
    {
        var request = Consultation();
        var ack = (await _service.Client.Consultations.RecordConsultationAsync(request)).Acknowledgement;
        var receipt = await _service.Client.ReceiptAsync(ack, _service.Key, DateTime.MaxValue.ToUniversalTime());
        var (entry, under) = receipt.Verify(_service.Key);
        (entry.Position, entry.EventType).ShouldBe((ack.Position, "consultation-recorded.v1"));
        under.Size.ShouldBeGreaterThan(ack.Position);
        var told = System.Text.Encoding.UTF8.GetString(receipt.Content);
        told.ShouldContain("agent-c3");
        told.ShouldNotContain("1204571");

        var byRequest = await _service.Client.Integrity.GetReceiptAsync(
            new() { RequestId = request.Context.RequestId }
        );
        byRequest.LeafHash.ShouldBe(ack.LeafHash);
        Rfc6962.LeafHash(byRequest.Entry.ToByteArray()).ShouldBe(new Hash256(ack.LeafHash.ToByteArray()));
        TlogProof
            .Parse(byRequest.Receipt)
            .Verify(new Hash256(ack.LeafHash.ToByteArray()), _service.Key)
            .Size.ShouldBeGreaterThan(ack.Position);

        var folder = Directory.CreateTempSubdirectory("receipts-").FullName;
        try
        {
            var file = await new ReceiptFolder(_service.Client, _service.Key, folder).KeepAsync(ack);
            Path.GetFileName(file).ShouldBe($"{ack.Position}.receipt.json");
            ReceiptBundle
                .Parse(await File.ReadAllTextAsync(file))
                .Verify(_service.Key)
                .Entry.Position.ShouldBe(ack.Position);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        ack.LeafHash = Google.Protobuf.ByteString.CopyFrom(new byte[32]);
        await Should.ThrowAsync<FormatException>(() => _service.Client.ReceiptAsync(ack, _service.Key));
    }

    [Fact]
    public async Task A_receipt_that_is_touched_proves_nothing()
    {
        var ack = (await _service.Client.Consultations.RecordConsultationAsync(Consultation())).Acknowledgement;
        var good = await _service.Client.ReceiptAsync(ack, _service.Key);
        var other = await _service.Client.ReceiptAsync(
            (await _service.Client.Consultations.RecordConsultationAsync(Consultation("7777777"))).Acknowledgement,
            _service.Key
        );
        foreach (
            var touched in new[]
            {
                good with
                {
                    Content = other.Content,
                },
                good with
                {
                    Content = other.Content,
                    Salt = other.Salt,
                },
                good with
                {
                    Salt = new byte[15],
                },
                good with
                {
                    Entry = other.Entry,
                },
                good with
                {
                    Receipt = other.Receipt,
                },
                good with
                {
                    Vkey = new NoteSigner(_service.Key.Name, new byte[32]).Verifier.ToString(),
                },
            }
        )
        {
            Should.Throw<FormatException>(() => touched.Verify(_service.Key));
        }

        Should.Throw<FormatException>(() => good.Verify(new NoteSigner(_service.Key.Name, new byte[32]).Verifier));
        var json = good.ToJson();
        ReceiptBundle.Parse(json).Verify(_service.Key).Entry.Position.ShouldBe(ack.Position);
        foreach (
            var malformed in new[]
            {
                "{}",
                "[]",
                json.Replace("receipt/v1", "receipt/v9", StringComparison.Ordinal),
                json.Replace("\"salt\":", "\"salt\":\"AAAA\",\"salt\":", StringComparison.Ordinal),
            }
        )
        {
            Should.Throw<FormatException>(() => ReceiptBundle.Parse(malformed));
        }
    }

    [Fact]
    public async Task A_caller_may_wait_until_a_checkpoint_covers_its_record_and_the_request_is_the_same_without()
    {
        var request = Consultation();
        request.Context.Covered = true;
        var ack = (await _service.Client.Consultations.RecordConsultationAsync(request)).Acknowledgement;
        Checkpoint
            .Open((await _service.Client.Integrity.GetCheckpointAsync(new())).Checkpoint, _service.Key)
            .Size.ShouldBeGreaterThan(ack.Position);
        request.Context.Covered = false;
        (await _service.Client.Consultations.RecordConsultationAsync(request)).Acknowledgement.Repeated.ShouldBeTrue();

        var attached = await _service.Client.Conventions.AttachAgentAsync(
            new()
            {
                Context = new(By("agent-a1")) { Covered = true },
                Convention = "conv-1",
                Agent = "agent-e5",
                Function = "x",
                From = "2026-02-01",
            }
        );
        Checkpoint
            .Open((await _service.Client.Integrity.GetCheckpointAsync(new())).Checkpoint, _service.Key)
            .Size.ShouldBeGreaterThan(attached.Acknowledgement.Position);
    }

    [Fact]
    public async Task No_receipt_is_given_for_what_was_never_recorded()
    {
        (await StatusAsync(new() { Position = 999 })).ShouldBe(StatusCode.NotFound);
        (await StatusAsync(new() { RequestId = Ids.Next() })).ShouldBe(StatusCode.NotFound);
        (await StatusAsync(new() { RequestId = "x" })).ShouldBe(StatusCode.InvalidArgument);
        (await StatusAsync(new())).ShouldBe(StatusCode.InvalidArgument);

        async Task<StatusCode> StatusAsync(GetReceiptRequest request) =>
            (
                await Should.ThrowAsync<RpcException>(async () =>
                    await _service.Client.Integrity.GetReceiptAsync(request)
                )
            ).StatusCode;
    }

    [Fact]
    public async Task Tiles_are_served_over_HTTP_and_rebuild_the_signed_root()
    {
        var items = Enumerable.Range(0, 300).Select(_ => Item(Consultation())).ToList();
        items[^1].Context.Covered = true;
        await foreach (var answer in _service.Client.RecordAsync(items))
        {
            answer.Recorded.ShouldNotBeNull();
        }

        using var http = RunningService.Http(_service.HttpAddress);
        var checkpoint = Checkpoint.Open(await http.GetStringAsync("checkpoint"), _service.Key);
        checkpoint.Size.ShouldBe(309);
        using var full = await http.GetAsync(TilePath.Hashes(0, 0));
        full.Headers.CacheControl!.ToString().ShouldContain("immutable");
        var leaves = Hashes(await full.Content.ReadAsByteArrayAsync())
            .Concat(Hashes(await http.GetByteArrayAsync(TilePath.Hashes(0, 1, 53))))
            .ToList();
        var tree = new Frontier();
        leaves.ForEach(tree.Append);
        tree.Root().ShouldBe(checkpoint.Root);
        Hashes(await http.GetByteArrayAsync(TilePath.Hashes(1, 0, 1))).ShouldBe([Frontier.RootOf(leaves[..256])]);

        EntryBundle
            .Decode(await http.GetByteArrayAsync(TilePath.Entries(0)))
            .Select(e => Rfc6962.LeafHash(e.Span))
            .ShouldBe(leaves[..256]);
        foreach (
            var absent in new[]
            {
                "tile/0/001",
                "tile/0/001.p/54",
                "tile/0/002",
                "tile/1/000",
                "tile/0/0",
                "tile/0/x000/000",
                "tile/0/001.p/0",
                "tile/0/../x",
                "tile/63/000",
                "tile/entries/002",
                "tile/0/001.p/53.p/53",
            }
        )
        {
            (await http.GetAsync(absent)).StatusCode.ShouldBe(HttpStatusCode.NotFound, absent);
        }

        static IEnumerable<Hash256> Hashes(byte[] bytes) => bytes.Chunk(Hash256.Size).Select(h => new Hash256(h));
    }
}
