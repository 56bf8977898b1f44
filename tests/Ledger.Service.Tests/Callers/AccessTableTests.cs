using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Service.Callers;
using Ledger.Tests;
using Npgsql;

namespace Ledger.Service.Tests.Callers;

/// <summary>Every method, with every role and with none, in its scope and out of it.</summary>
[Collection(PostgresTests.Name)]
public sealed class AccessTableTests(PostgresCluster cluster) : IAsyncLifetime
{
    private const string OtherSiret = "21330063500017";

    private static readonly (string Service, string Method)[] Others =
    [
        ("grpc.health.v1.Health", "Check"),
        ("grpc.reflection.v1.ServerReflection", "ServerReflectionInfo"),
        ("grpc.reflection.v1alpha.ServerReflection", "ServerReflectionInfo"),
    ];

    private static readonly Actor OfTheCaf = new()
    {
        Id = "someone",
        Kind = ActorKind.Human,
        Caf = "763",
    };

    private static readonly Actor OfThePartner = new()
    {
        Id = "someone",
        Kind = ActorKind.Human,
        Siret = SampleRequests.Siret,
    };

    private GuardedService _service = null!;

    public async Task InitializeAsync() => _service = await GuardedService.StartAsync(cluster);

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Fact]
    public void Every_method_of_every_service_has_its_row_and_every_row_of_the_contract_its_method() =>
        AccessTable
            .Rows.Select(r => r.Method)
            .Where(m => m.StartsWith("caf.ledger.", StringComparison.Ordinal))
            .ShouldBe(GuardedService.Methods.Select(m => $"{m.Service.FullName}/{m.Name}"), ignoreOrder: true);

    [Fact]
    public void Every_request_names_its_actor_but_those_for_proofs_for_kinds_for_what_is_due_and_for_who_calls() =>
        GuardedService
            .Methods.Where(m =>
                m.InputType.FindFieldByName("context") is null && m.InputType.FindFieldByName("asking") is null
            )
            .Select(m => m.Name)
            .ShouldBe(
                [
                    "ListProcedureKinds",
                    "ListMonths",
                    "GetCheckpoint",
                    "GetInclusionProof",
                    "GetConsistencyProof",
                    "GetReceipt",
                    "GetAnchors",
                    "GetCaller",
                ],
                ignoreOrder: true
            );

    [Fact]
    public async Task Every_role_may_call_what_the_table_says_and_nothing_else()
    {
        foreach (var role in Enum.GetValues<Role>())
        {
            var token = await _service.Provider.GiveAsync(
                new Token("someone", [role.Name()], ["*"], [SampleRequests.Siret])
            );
            using var channel = _service.Channel(token);
            var actor = role.ActsForCaf() ? OfTheCaf : OfThePartner;
            await Parallel.ForEachAsync(
                GuardedService.Methods,
                async (method, _) =>
                {
                    var name = $"{method.Service.FullName}/{method.Name}";
                    var request = GuardedService.Saying(method.InputType, actor);
                    var status = await GuardedService.CallAsync(channel, method.Service.FullName, method.Name, request);
                    (status.StatusCode != StatusCode.PermissionDenied).ShouldBe(
                        AccessTable.Of(name).Roles.Contains(role),
                        $"{role} {name}: {status}"
                    );
                    status.StatusCode.ShouldNotBe(StatusCode.Unauthenticated, name);
                }
            );
            foreach (var (service, method) in Others)
            {
                (await GuardedService.CallAsync(channel, service, method, [])).StatusCode.ShouldBe(StatusCode.OK);
            }

            (await GuardedService.CallAsync(channel, "caf.ledger.v1.Backdoor", "Open", [])).StatusCode.ShouldBe(
                StatusCode.PermissionDenied
            );
        }
    }

    [Fact]
    public async Task A_role_for_another_Caf_another_partner_or_another_person_speaks_for_nobody_here()
    {
        foreach (var role in Enum.GetValues<Role>())
        {
            var elsewhere = new Token("someone", [role.Name()], ["591"], [OtherSiret]);
            var somebodyElse = new Token("someone-else", [role.Name()], ["763"], [SampleRequests.Siret]);
            foreach (var token in new[] { elsewhere, somebodyElse })
            {
                using var channel = _service.Channel(await _service.Provider.GiveAsync(token));
                foreach (var actor in new[] { OfTheCaf, OfThePartner })
                {
                    await Parallel.ForEachAsync(
                        GuardedService.Methods.Where(m =>
                            m is { IsClientStreaming: false }
                            && (
                                m.InputType.FindFieldByName("context") is not null
                                || m.InputType.FindFieldByName("asking") is not null
                            )
                        ),
                        async (method, _) =>
                            (
                                await GuardedService.CallAsync(
                                    channel,
                                    method.Service.FullName,
                                    method.Name,
                                    GuardedService.Saying(method.InputType, actor)
                                )
                            ).StatusCode.ShouldBe(StatusCode.PermissionDenied, $"{token} {method.FullName}")
                    );
                }
            }
        }

        (await CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Who_is_not_known_calls_no_method_and_leaves_nothing()
    {
        var forged = await _service.Provider.GiveAsync(new Token("someone", ["investigator"], ["763"]));
        foreach (var token in new[] { null, "nothing", forged[..^4] + "AAAA" })
        {
            using var channel = _service.Channel(token);
            await Parallel.ForEachAsync(
                GuardedService
                    .Methods.Select(m =>
                        (m.Service.FullName, m.Name, Request: GuardedService.Saying(m.InputType, OfTheCaf))
                    )
                    .Concat(Others.Select(o => (o.Service, o.Method, Array.Empty<byte>())))
                    .Append(("caf.ledger.v1.Backdoor", "Open", [])),
                new ParallelOptions { MaxDegreeOfParallelism = 40 },
                async (call, _) =>
                    (await GuardedService.CallAsync(channel, call.Item1, call.Item2, call.Item3)).StatusCode.ShouldBe(
                        StatusCode.Unauthenticated,
                        call.Item2
                    )
            );
        }

        (await CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task The_documents_print_the_table()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Ledger.sln")))
        {
            folder = folder.Parent!;
        }

        (await File.ReadAllTextAsync(Path.Combine(folder.FullName, "docs", "access.md"))).ShouldContain(
            AccessTable.ToMarkdown()
        );
    }

    private async Task<long> CountAsync()
    {
        await using var connection = new NpgsqlConnection(_service.Running.ConnectionString);
        await connection.OpenAsync();
        await using var count = new NpgsqlCommand("select count(*) from ledger.mt_events", connection);
        return (long)(await count.ExecuteScalarAsync())!;
    }
}
