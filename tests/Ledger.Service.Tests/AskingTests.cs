using Caf.Ledger.V1;
using Google.Rpc;
using Grpc.Core;
using Ledger.Tests;
using Npgsql;
using static Ledger.Tests.SampleRequests;

namespace Ledger.Service.Tests;

/// <summary>What bounds questions, and what their pages hold together.</summary>
[Collection(PostgresTests.Name)]
public sealed class AskingTests(PostgresCluster cluster) : IAsyncLifetime
{
    private static readonly Allocataire File = new() { Caf = "763", Matricule = "1204571" };

    private RunningService _service = null!;

    public async Task InitializeAsync()
    {
        _service = await RunningService.StartAsync(cluster);
        await _service.Client.UpToAGrantAsync();
    }

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Fact]
    public async Task Questions_beyond_the_limit_are_told_when_to_ask_again_and_writers_go_on()
    {
        // One caller has half of the places.
        const int asked = 80;
        var taken = (Environment.ProcessorCount + 62 + 1) / 2;
        await using var stuck = new NpgsqlConnection(_service.ConnectionString);
        await stuck.OpenAsync();
        await using var transaction = await stuck.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("lock table ledger.habilitation_right", stuck, transaction))
        {
            await hold.ExecuteNonQueryAsync();
        }

        var (refused, answers) = (0, new List<Task<RpcException?>>());
        for (var i = 0; i < asked; i++)
        {
            answers.Add(AskAsync());
        }

        for (var tries = 0; Volatile.Read(ref refused) < asked - taken; tries++)
        {
            tries.ShouldBeLessThan(1000, "nobody was told to ask again");
            await Task.Delay(20);
        }

        (
            await _service.Client.Consultations.RecordConsultationAsync(
                Consultation("1204571", "2026-03-10T10:00:00Z"),
                deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(10)
            )
        ).Acknowledgement.Position.ShouldBeGreaterThan(8);
        await transaction.RollbackAsync();
        var failures = (await Task.WhenAll(answers)).OfType<RpcException>().ToList();
        failures.Count.ShouldBe(asked - taken);
        failures.ShouldAllBe(e => e.StatusCode == StatusCode.ResourceExhausted);
        failures[0].GetRpcStatus()!.GetDetail<RetryInfo>()!.RetryDelay.Seconds.ShouldBe(1);

        async Task<RpcException?> AskAsync()
        {
            try
            {
                await _service.Client.History.WhoCouldAccessAsync(
                    new()
                    {
                        Asking = Asking(),
                        Allocataire = File,
                        At = At("2026-03-10T10:00:00Z"),
                    }
                );
                return null;
            }
            catch (RpcException e)
            {
                Interlocked.Increment(ref refused);
                return e;
            }
        }
    }

    [Fact]
    public async Task A_page_ends_by_its_bytes_as_well_and_the_next_goes_on_from_there()
    {
        await using var small = await RunningService.StartAsync(
            cluster,
            options: _ => new() { ["Ledger:PageBytes"] = "1500" }
        );
        await small.Client.UpToAGrantAsync();
        for (var i = 0; i < 30; i++)
        {
            await small.Client.Consultations.RecordConsultationAsync(Consultation("1204571", "2026-03-10T10:00:00Z"));
        }

        var (positions, pages, token) = (new List<long>(), 0, string.Empty);
        do
        {
            var page = await small.Client.History.ListAgentConsultationsAsync(
                new()
                {
                    Asking = Asking(),
                    Scope = new UsageScope { Siret = Siret, Agent = "agent-c3" },
                    Paging = new Paging { Token = token },
                }
            );
            positions.AddRange(page.Consultations.Select(c => c.Position));
            (token, pages) = (page.NextPageToken, pages + 1);
        } while (token.Length > 0);

        positions.Distinct().Count().ShouldBe(30);
        positions.Count.ShouldBe(30);
        pages.ShouldBeGreaterThan(3);
    }

    [Fact]
    public async Task A_page_token_serves_the_question_that_it_was_given_for_and_no_other()
    {
        for (var i = 0; i < 3; i++)
        {
            await _service.Client.Consultations.RecordConsultationAsync(
                Consultation("1204571", $"2026-03-1{i}T10:00:00Z")
            );
        }

        var token = (await PageAsync(string.Empty, "2026-03-01T00:00:00Z")).NextPageToken;
        token.ShouldNotBeEmpty();
        (await PageAsync(token, "2026-03-01T00:00:00Z")).Consultations.Count.ShouldBe(1);
        await RefusedAsync(token, "2026-03-02T00:00:00Z");
        await RefusedAsync(token[..^2] + (token[^2] == 'A' ? "B" : "A") + token[^1], "2026-03-01T00:00:00Z");
        await RefusedAsync("nonsense", "2026-03-01T00:00:00Z");

        async Task RefusedAsync(string with, string from) =>
            (await Should.ThrowAsync<RpcException>(() => PageAsync(with, from)))
                .GetRpcStatus()!
                .GetDetail<BadRequest>()!
                .FieldViolations.Single()
                .Field.ShouldBe("paging.token");

        Task<WhoDidAccessResponse> PageAsync(string with, string from) =>
            _service
                .Client.History.WhoDidAccessAsync(
                    new()
                    {
                        Asking = Asking(11),
                        Allocataire = File,
                        From = At(from),
                        Until = At("2026-04-01T00:00:00Z"),
                        Paging = new() { Size = 1, Token = with },
                    }
                )
                .ResponseAsync;
    }

    [Fact]
    public async Task A_message_too_large_for_a_fact_is_refused_and_one_of_an_act_may_name_thousands_of_files()
    {
        var fact = Consultation("1204571", "2026-03-10T10:00:00Z");
        fact.Consultation.BusinessFile = new string('a', 70_000);
        (
            await Should.ThrowAsync<RpcException>(() =>
                _service.Client.Consultations.RecordConsultationAsync(fact).ResponseAsync
            )
        ).StatusCode.ShouldBe(StatusCode.ResourceExhausted);
        var act = new PublishCatalogueRequest { Context = ByCaf(), Version = "2" };
        act.Entries.AddRange(
            Enumerable
                .Range(0, 1000)
                .Select(i => new CatalogueEntry { Service = "CDAP", Profil = $"P{i}-{new string('x', 80)}" })
        );
        act.CalculateSize().ShouldBeGreaterThan(64 * 1024);
        (
            await Should.ThrowAsync<RpcException>(() =>
                _service.Client.Procedures.PublishCatalogueAsync(act).ResponseAsync
            )
        ).StatusCode.ShouldBe(StatusCode.InvalidArgument, "it is read");
    }
}
