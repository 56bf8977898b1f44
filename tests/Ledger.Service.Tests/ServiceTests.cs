using Caf.Ledger.V1;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;
using Ledger.Client;
using Ledger.Integrity;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Merkle;
using Ledger.Tests;
using static Ledger.Tests.SampleRequests;

namespace Ledger.Service.Tests;

[Collection(PostgresTests.Name)]
public sealed class ServiceTests(PostgresCluster cluster) : IAsyncLifetime
{
    private RunningService _service = null!;

    public async Task InitializeAsync() => _service = await RunningService.StartAsync(cluster);

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Fact]
    public async Task A_node_that_stops_ends_a_story_that_is_followed_and_says_so()
    {
        var service = await RunningService.StartAsync(cluster);
        using var client = new LedgerClient(service.Address);
        await client.UpToAGrantAsync();
        using var live = client.History.Replay(
            new()
            {
                Asking = Asking(),
                Account = new() { Siret = Siret, Agent = "agent-c3" },
                Follow = true,
            }
        );
        (await live.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
        var rest = Should.ThrowAsync<RpcException>(async () =>
        {
            while (await live.ResponseStream.MoveNext(CancellationToken.None)) { }
        });
        await service.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(15));
        (await rest).StatusCode.ShouldBe(StatusCode.Unavailable);
        (await rest).Status.Detail.ShouldContain("stopping");
    }

    [Fact]
    public async Task The_core_case_over_gRPC()
    {
        await _service.Client.UpToAGrantAsync();
        var consulted = await _service.Client.Consultations.RecordConsultationAsync(Consultation());
        consulted.Verdict.Authorised.ShouldBeTrue();
        var departure = await _service.Client.Conventions.ReportDepartureAsync(
            new()
            {
                Context = By("agent-a1"),
                Convention = "conv-1",
                Agent = "agent-c3",
                LeftOn = "2026-03-01",
                SignalledOn = "2026-03-20",
            }
        );
        departure.DelayInDays.ShouldBe(19);

        var file = new Allocataire { Caf = "763", Matricule = "1204571" };
        var did = await _service.Client.History.WhoDidAccessAsync(new() { Asking = Asking(), Allocataire = file });
        did.Consultations.Single().AsKnownThen.Authorised.ShouldBeTrue();
        did.Consultations.Single().AsKnownAt.Reasons.ShouldBe(["agent-departed"]);
        did.Consultations.Single().AsKnownAt.Because.ShouldContain(departure.Acknowledgement.Position);

        var at = At("2026-03-10T10:00:00Z");
        (
            await _service.Client.History.WhoCouldAccessAsync(
                new()
                {
                    Asking = Asking(consulted.Acknowledgement.Position),
                    Allocataire = file,
                    At = at,
                }
            )
        ).Rights.Single().Agent.ShouldBe("agent-c3");
        (
            await _service.Client.History.WhoCouldAccessAsync(
                new()
                {
                    Asking = Asking(),
                    Allocataire = file,
                    At = at,
                }
            )
        ).Rights.ShouldBeEmpty();
        (
            await _service.Client.History.WhoDidAccessAsync(
                new()
                {
                    Asking = Asking(),
                    Allocataire = new() { Caf = "763", Matricule = "9999999" },
                }
            )
        ).Consultations.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_stream_answers_every_item_in_order_and_goes_on_after_a_bad_one()
    {
        var items = Enumerable.Range(0, 300).Select(_ => Item(Consultation())).ToList();
        items[7].Consultation.Siret = "1";
        items[8].Context = null;
        var answers = new List<RecordConsultationsResponse>();
        await foreach (var answer in _service.Client.RecordAsync(items))
        {
            answers.Add(answer);
        }

        answers.Select(a => a.RequestId).ShouldBe(items.Select(i => i.Context?.RequestId ?? string.Empty));
        answers
            .Where(a => a.OutcomeCase == RecordConsultationsResponse.OutcomeOneofCase.Error)
            .Select(a => a.Error.Code)
            .ShouldBe([3, 3]);
        answers
            .Where(a => a.Recorded is not null)
            .Select(a => a.Recorded.Acknowledgement.Position)
            .ShouldBe(Enumerable.Range(0, 298).Select(i => (long)i));
    }

    [Fact]
    public async Task A_stream_cut_in_the_middle_and_sent_again_records_everything_once()
    {
        var items = Enumerable.Range(0, 200).Select(_ => Item(Consultation())).ToList();
        using (var cut = new CancellationTokenSource())
        {
            var seen = 0;
            await Should.ThrowAsync<Exception>(async () =>
            {
                await foreach (var _ in _service.Client.RecordAsync(items, cut.Token))
                {
                    if (++seen == 50)
                    {
                        await cut.CancelAsync();
                    }
                }
            });
        }

        var positions = new List<long>();
        await foreach (var answer in _service.Client.RecordAsync(items))
        {
            positions.Add(answer.Recorded.Acknowledgement.Position);
        }

        positions.Order().ShouldBe(Enumerable.Range(0, 200).Select(i => (long)i));
    }

    [Fact]
    public async Task No_clear_matricule_is_anywhere_in_the_database()
    {
        await _service.Client.Consultations.RecordConsultationAsync(Consultation("7654321"));
        (
            await PostgresCluster.QueryAsync<long>(
                _service.ConnectionString,
                "select count(*) from ledger.ledger_event where content::text like '%7654321%'"
            )
        ).ShouldBe(0);
        (
            await PostgresCluster.QueryAsync<string>(
                _service.ConnectionString,
                "select string_agg(c::text, ' ') from ledger.usage c"
            )
        ).ShouldNotContain("7654321");
    }

    [Fact]
    public async Task A_checkpoint_follows_within_seconds_and_its_proofs_hold()
    {
        Acknowledgement last = new();
        for (var i = 0; i < 20; i++)
        {
            last = (await _service.Client.Consultations.RecordConsultationAsync(Consultation())).Acknowledgement;
        }

        var checkpoint = await CoveringAsync(last.Position);
        var inclusion = await _service.Client.Integrity.GetInclusionProofAsync(
            new() { Position = 7, TreeSize = checkpoint.Size }
        );
        MerkleProof
            .VerifyInclusion(
                7,
                checkpoint.Size,
                new Hash256(inclusion.LeafHash.Span),
                [.. inclusion.Hashes.Select(h => new Hash256(h.Span))],
                checkpoint.Root
            )
            .ShouldBeTrue();
        var ofLast = await _service.Client.Integrity.GetInclusionProofAsync(new() { Position = last.Position });
        ofLast.LeafHash.ShouldBe(last.LeafHash);
        var receipt = new TlogProof(
            last.Position,
            [.. ofLast.Hashes.Select(h => new Hash256(h.Span))],
            ofLast.Checkpoint
        );
        TlogProof.Parse(receipt.ToString()).Verify(new Hash256(last.LeafHash.Span), _service.Key).ShouldBe(checkpoint);

        var more = (await _service.Client.Consultations.RecordConsultationAsync(Consultation())).Acknowledgement;
        var later = await CoveringAsync(more.Position);
        var consistency = await _service.Client.Integrity.GetConsistencyProofAsync(
            new() { OldSize = checkpoint.Size, NewSize = later.Size }
        );
        MerkleProof
            .VerifyConsistency(
                checkpoint.Size,
                later.Size,
                checkpoint.Root,
                later.Root,
                [.. consistency.Hashes.Select(h => new Hash256(h.Span))]
            )
            .ShouldBeTrue();
    }

    [Fact]
    public async Task Health_and_reflection_are_on()
    {
        using var channel = RunningService.Channel(_service.Address);
        (await new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest())).Status.ShouldBe(
            HealthCheckResponse.Types.ServingStatus.Serving
        );
        using var call = new ServerReflection.ServerReflectionClient(channel).ServerReflectionInfo();
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = string.Empty });
        (await call.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
        call.ResponseStream.Current.ListServicesResponse.Service.Select(s => s.Name)
            .ShouldBe(
                [
                    "caf.ledger.v1.AccessHistoryService",
                    "caf.ledger.v1.CallerService",
                    "caf.ledger.v1.ConsultationService",
                    "caf.ledger.v1.ConventionService",
                    "caf.ledger.v1.HabilitationService",
                    "caf.ledger.v1.IntegrityService",
                    "caf.ledger.v1.ProcedureService",
                    "caf.ledger.v1.RetentionService",
                    "grpc.health.v1.Health",
                    "grpc.reflection.v1.ServerReflection",
                    "grpc.reflection.v1alpha.ServerReflection",
                ],
                ignoreOrder: true
            );
        await call.RequestStream.CompleteAsync();
    }

    private async Task<Checkpoint> CoveringAsync(long position)
    {
        for (var tries = 0; tries < 200; tries++)
        {
            try
            {
                var checkpoint = Checkpoint.Open(
                    (await _service.Client.Integrity.GetCheckpointAsync(new())).Checkpoint,
                    _service.Key
                );
                if (checkpoint.Size > position)
                {
                    return checkpoint;
                }
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
            {
                // None is published yet.
            }

            await Task.Delay(50);
        }

        throw new TimeoutException("No checkpoint covered the position within ten seconds.");
    }
}
