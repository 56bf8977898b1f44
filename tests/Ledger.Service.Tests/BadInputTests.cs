using Caf.Ledger.V1;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Ledger.Tests;
using static Ledger.Tests.SampleRequests;

namespace Ledger.Service.Tests;

/// <summary>Bad input gets a specific error that names the field and the rule.</summary>
[Collection(PostgresTests.Name)]
public sealed class BadInputTests(PostgresCluster cluster) : IAsyncLifetime
{
    private RunningService _service = null!;

    public static TheoryData<string, Action<RecordConsultationRequest>> BadConsultations =>
        new()
        {
            { "context", r => r.Context = null },
            { "context.actor", r => r.Context.Actor = null },
            { "context.request_id", r => r.Context.RequestId = "not-a-uuid" },
            { "context.request_id", r => r.Context.RequestId = "00000000-0000-0000-0000-000000000000" },
            { "context.actor.id", r => r.Context.Actor.Id = "185057600100142" },
            { "context.actor.kind", r => r.Context.Actor.Kind = ActorKind.Unspecified },
            { "context.actor", r => r.Context.Actor.ClearOrganisation() },
            { "context.actor", r => r.Context.Actor.Kind = ActorKind.Programme },
            { "context.actor", r => r.Context.Actor.BearerId = "agent-x" },
            { "context.act", r => r.Context.Act = new string('a', 501) },
            { "context.correlation_id", r => r.Context.CorrelationId = "a\u0007b" },
            { "consultation", r => r.Consultation = null },
            { "consultation.consultation", r => r.Consultation.Consultation_ = "7" },
            { "consultation.allocataire", r => r.Consultation.Allocataire = null },
            { "consultation.allocataire.caf", r => r.Consultation.Allocataire.Caf = "76" },
            { "consultation.allocataire.matricule", r => r.Consultation.Allocataire.Matricule = "1234567890123456" },
            { "consultation.allocataire.matricule", r => r.Consultation.Allocataire.Matricule = "12\n34" },
            { "consultation.siret", r => r.Consultation.Siret = "21760575700013" },
            { "consultation.agent", r => r.Consultation.Agent = "agent seven" },
            { "consultation.habilitation", r => r.Consultation.Habilitation = new string('h', 65) },
            { "consultation.service", r => r.Consultation.Service = "no pe" },
            { "consultation.profil", r => r.Consultation.Profil = string.Empty },
            { "consultation.purpose", r => r.Consultation.Purpose = string.Empty },
            { "consultation.business_file", r => r.Consultation.BusinessFile = "a/b" },
            { "consultation.session", r => r.Consultation.Session = "a\u0000" },
            { "consultation.occurred_at", r => r.Consultation.OccurredAt = null },
            { "consultation.occurred_at", r => r.Consultation.OccurredAt = At("1999-12-31T00:00:00Z") },
            { "consultation.occurred_at", r => r.Consultation.OccurredAt = new Timestamp { Seconds = long.MaxValue } },
            { "consultation.occurred_at", r => r.Consultation.OccurredAt = At("2100-01-01T00:00:00Z") },
        };

    public async Task InitializeAsync() => _service = await RunningService.StartAsync(cluster);

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Fact]
    public async Task Every_bad_field_of_a_consultation_is_named_and_nothing_is_recorded()
    {
        foreach (var row in BadConsultations)
        {
            var (field, spoil) = ((string)row[0], (Action<RecordConsultationRequest>)row[1]);
            var request = Consultation();
            spoil(request);
            var error = await Should.ThrowAsync<RpcException>(
                async () => await _service.Client.Consultations.RecordConsultationAsync(request),
                field
            );
            error.StatusCode.ShouldBe(StatusCode.InvalidArgument, $"{field}: {error.Status.Detail}");
            error.GetRpcStatus()!.GetDetail<BadRequest>()!.FieldViolations.Single().Field.ShouldBe(field);
            error.Status.Detail.ShouldStartWith($"{field}: ");
        }

        (
            await PostgresCluster.QueryAsync<long>(_service.ConnectionString, "select ledger.last_position() + 1")
        ).ShouldBe(0);
    }

    [Fact]
    public async Task Bad_fields_of_a_convention_are_named()
    {
        foreach (
            var (field, spoil) in new (string, Action<SignConventionRequest>)[]
            {
                ("convention", r => r.Convention = "a b"),
                ("number", r => r.Number = " "),
                ("caf", r => r.Caf = "7630"),
                ("siret", r => r.Siret = "12345678901234"),
                ("signed_by_caf_on", r => r.SignedByCafOn = "05/01/2026"),
                ("signed_by_partenaire_on", r => r.SignedByPartenaireOn = "2090-01-01"),
                ("missions", r => r.Missions.Clear()),
                ("missions", r => r.Missions.Add("aide-sociale")),
                ("missions[1]", r => r.Missions.Add("à côté")),
            }
        )
        {
            var request = Convention();
            spoil(request);
            var error = await Should.ThrowAsync<RpcException>(
                async () => await _service.Client.Conventions.SignConventionAsync(request),
                field
            );
            error.StatusCode.ShouldBe(StatusCode.InvalidArgument, $"{field}: {error.Status.Detail}");
            error.GetRpcStatus()!.GetDetail<BadRequest>()!.FieldViolations.Single().Field.ShouldBe(field);
        }
    }

    [Fact]
    public async Task A_command_by_someone_not_entitled_is_refused_with_the_rule_and_the_article()
    {
        await _service.Client.UpToAGrantAsync();
        var error = await Should.ThrowAsync<RpcException>(async () =>
            await _service.Client.Habilitations.GrantHabilitationAsync(Grant("hab-2", by: "agent-c3"))
        );
        error.StatusCode.ShouldBe(StatusCode.FailedPrecondition);
        var info = error.GetRpcStatus()!.GetDetail<ErrorInfo>()!;
        (info.Reason, info.Metadata["article"]).ShouldBe(("gestionnaire-in-office", "9.1"));
    }

    [Fact]
    public async Task What_does_not_exist_is_not_found()
    {
        var error = await Should.ThrowAsync<RpcException>(async () =>
            await _service.Client.Habilitations.GrantHabilitationAsync(Grant())
        );
        error.StatusCode.ShouldBe(StatusCode.NotFound);
        (
            await Should.ThrowAsync<RpcException>(async () => await _service.Client.Integrity.GetCheckpointAsync(new()))
        ).StatusCode.ShouldBe(StatusCode.NotFound);
    }

    [Fact]
    public async Task The_same_request_id_with_another_content_already_exists_and_with_the_same_is_answered_again()
    {
        var request = Consultation();
        var first = await _service.Client.Consultations.RecordConsultationAsync(request);
        var again = await _service.Client.Consultations.RecordConsultationAsync(request);
        again.Acknowledgement.Repeated.ShouldBeTrue();
        again.Acknowledgement.Position.ShouldBe(first.Acknowledgement.Position);
        again.Verdict.ShouldBe(first.Verdict);
        request.Context.RequestId = request.Context.RequestId.ToUpperInvariant();
        request.Consultation.OccurredAt.Nanos += 789;
        (await _service.Client.Consultations.RecordConsultationAsync(request)).Acknowledgement.Repeated.ShouldBeTrue(
            "the same values, written in another way"
        );
        request.Consultation.Allocataire.Matricule = "7715204";
        (
            await Should.ThrowAsync<RpcException>(async () =>
                await _service.Client.Consultations.RecordConsultationAsync(request)
            )
        ).StatusCode.ShouldBe(StatusCode.AlreadyExists);
    }

    [Fact]
    public async Task A_text_composed_in_another_way_is_the_same_text()
    {
        var act = Convention();
        act.Number = "2026-e\u0301t\u00E9";
        await _service.Client.Conventions.SignConventionAsync(act);
        act.Number = "2026-\u00E9te\u0301";
        (await _service.Client.Conventions.SignConventionAsync(act)).Acknowledgement.Repeated.ShouldBeTrue();
    }

    [Fact]
    public async Task Bytes_that_are_no_message_are_the_caller_s_mistake()
    {
        var bytes = Marshallers.Create<byte[]>(b => b, b => b);
        using var channel = RunningService.Channel(_service.Address);
        foreach (var method in new[] { "RecordConsultation", "RecordUsage" })
        {
            var call = new Method<byte[], byte[]>(
                MethodType.Unary,
                "caf.ledger.v1.ConsultationService",
                method,
                bytes,
                bytes
            );
            var refused = await Should.ThrowAsync<RpcException>(async () =>
                await channel.CreateCallInvoker().AsyncUnaryCall(call, null, default, [0x0A, 0xFF, 0xFF])
            );
            refused.StatusCode.ShouldBe(StatusCode.InvalidArgument);
        }
    }

    [Theory]
    [InlineData("step")]
    [InlineData("detail")]
    [InlineData("value")]
    public async Task What_came_in_is_not_echoed_at_length(string where)
    {
        var length = new string('x', 60_000);
        var request = new TakeStepRequest
        {
            Context = ByCaf(),
            Procedure = "procedure-1",
            Step = where == "step" ? length : "audit-opened",
            By = Party.Caf,
            On = "2026-05-01",
            Text = "text",
        };
        request.Details.Add(where == "detail" ? length : "siret", where == "value" ? length : "value");
        var refused = await Should.ThrowAsync<RpcException>(async () =>
            await _service.Client.Procedures.TakeStepAsync(request)
        );
        refused.StatusCode.ShouldBe(StatusCode.InvalidArgument);
        refused.Status.Detail.ShouldNotStartWith("by");
        (
            refused.Status.Detail.Length + refused.Trailers.Sum(t => t.IsBinary ? t.ValueBytes.Length : t.Value.Length)
        ).ShouldBeLessThan(1500);
    }

    [Fact]
    public async Task An_impossible_instant_of_any_question_is_refused_with_the_name_of_its_field_and_is_not_recorded()
    {
        var far = new Timestamp { Seconds = 253402300800 };
        var before = await PositionAsync();
        foreach (var instant in new[] { far, At("1800-01-01T00:00:00Z") })
        {
            var account = new Account { Siret = Siret, Agent = "agent-c3" };
            var replay = new ReplayRequest { Asking = Asking(), Account = account };
            var evidence = new ExportEvidenceRequest { Asking = Asking(), Account = account };
            await RefusedAsync(new(replay) { From = instant }, "from");
            await RefusedAsync(new(replay) { Until = instant }, "until");
            await NamesAsync("from", Read(new ExportEvidenceRequest(evidence) { From = instant }));
            await NamesAsync("until", Read(new ExportEvidenceRequest(evidence) { Until = instant }));
        }

        (await PositionAsync()).ShouldBe(before);

        Task RefusedAsync(ReplayRequest request, string field) =>
            NamesAsync(
                field,
                async () =>
                {
                    using var call = _service.Client.History.Replay(request);
                    await call.ResponseStream.MoveNext(CancellationToken.None);
                }
            );

        Func<Task> Read(ExportEvidenceRequest request) =>
            async () =>
            {
                using var call = _service.Client.History.ExportEvidence(request);
                await call.ResponseStream.MoveNext(CancellationToken.None);
            };

        static async Task NamesAsync(string field, Func<Task> ask)
        {
            var refused = await Should.ThrowAsync<RpcException>(ask);
            (refused.StatusCode, refused.Status.Detail.Split(':')[0]).ShouldBe((StatusCode.InvalidArgument, field));
        }

        Task<long> PositionAsync() =>
            PostgresCluster.QueryAsync<long>(_service.ConnectionString, "select ledger.last_position()");
    }

    [Fact]
    public async Task A_text_that_no_database_takes_is_refused_with_the_name_of_its_field()
    {
        var refused = await Should.ThrowAsync<RpcException>(async () =>
            await _service.Client.History.ListAlertsAsync(new() { Asking = Asking(), Outcome = "\0" })
        );
        (refused.StatusCode, refused.Status.Detail.Split(':')[0]).ShouldBe((StatusCode.InvalidArgument, "outcome"));
    }

    [Fact]
    public async Task What_came_before_a_message_that_is_too_large_is_answered_before_the_stream_ends()
    {
        await _service.Client.UpToAGrantAsync();
        using var call = _service.Client.Consultations.RecordConsultations();
        const int before = 100;
        for (var i = 0; i < before; i++)
        {
            var sent = Consultation();
            await call.RequestStream.WriteAsync(new() { Context = sent.Context, Consultation = sent.Consultation });
        }

        var large = Consultation();
        large.Consultation.Session = new string('s', 70_000);
        await call.RequestStream.WriteAsync(new() { Context = large.Context, Consultation = large.Consultation });
        var answered = 0;
        var ended = await Should.ThrowAsync<RpcException>(async () =>
        {
            await foreach (var answer in call.ResponseStream.ReadAllAsync())
            {
                answered += answer.Recorded is null ? 0 : 1;
            }
        });
        (ended.StatusCode, answered).ShouldBe((StatusCode.ResourceExhausted, before));
    }

    [Fact]
    public async Task An_item_without_a_context_or_a_consultation_is_told_by_the_name_of_the_field()
    {
        using var call = _service.Client.Consultations.RecordConsultations();
        await call.RequestStream.WriteAsync(new() { Consultation = Consultation().Consultation });
        await call.RequestStream.WriteAsync(new() { Context = Consultation().Context });
        await call.RequestStream.CompleteAsync();
        var fields = new List<string>();
        await foreach (var answer in call.ResponseStream.ReadAllAsync())
        {
            fields.Add(answer.Error.Message.Split(':')[0]);
        }

        fields.ShouldBe(["context", "consultation"]);
    }

    [Fact]
    public async Task A_question_asked_again_under_its_request_id_has_the_answer_that_it_had()
    {
        await _service.Client.UpToAGrantAsync();
        await _service.Client.Consultations.RecordConsultationAsync(Consultation());
        var question = new ListAgentConsultationsRequest
        {
            Asking = Asking(),
            Scope = new UsageScope { Siret = Siret, Agent = "agent-c3" },
        };
        var first = await _service.Client.History.ListAgentConsultationsAsync(question);
        await _service.Client.Consultations.RecordConsultationAsync(Consultation());
        var again = await _service.Client.History.ListAgentConsultationsAsync(question);
        again.Consultations.ShouldBe(first.Consultations);
        again.Basis.KnownPosition.ShouldBe(first.Basis.KnownPosition);
    }

    [Fact]
    public async Task Nothing_is_made_for_a_consultation_that_is_refused()
    {
        var keys = await PostgresCluster.QueryAsync<long>(
            _service.ConnectionString,
            "select count(*) from ledger.epoch"
        );
        for (var month = 1; month <= 12; month++)
        {
            var future = Consultation(at: $"2031-{month:00}-10T10:00:00Z");
            await Should.ThrowAsync<RpcException>(async () =>
                await _service.Client.Consultations.RecordConsultationAsync(future)
            );
        }

        (
            await PostgresCluster.QueryAsync<long>(_service.ConnectionString, "select count(*) from ledger.epoch")
        ).ShouldBe(keys);
    }

    [Fact]
    public async Task A_log_whose_time_runs_ahead_of_the_clock_serves_on_and_says_so()
    {
        await _service.Client.UpToAGrantAsync();
        await PostgresCluster.ExecuteAsync(
            _service.ConnectionString,
            """
            set session_replication_role = replica;
            update ledger.ledger_leaf set recorded_at = now() + interval '14 years' where position = 8
            """
        );
        await using var database = new Ledger.Store.Schema.LedgerDatabase(_service.ConnectionString);
        using var replica = new Ledger.Store.Knowing.Replica(database);
        using var keys = new Ledger.Store.Pseudonyms.PseudonymKeys(
            database,
            replica,
            Path.GetTempPath(),
            new Ledger.Store.Keys.FileVault(),
            TimeProvider.System
        );
        (
            await new Ledger.Store.Reading.AccessHistory(database, replica, keys).EndAsync(CancellationToken.None)
        ).Ahead.ShouldBeGreaterThan(TimeSpan.FromDays(365));
        var ahead = Consultation(at: "2035-01-01T10:00:00Z");
        (
            await Should.ThrowAsync<RpcException>(async () =>
                await _service.Client.Consultations.RecordConsultationAsync(ahead)
            )
        ).StatusCode.ShouldBe(StatusCode.InvalidArgument, "facts are held against the clock");
    }

    [Fact]
    public async Task Questions_out_of_range_name_their_field()
    {
        await _service.Client.Consultations.RecordConsultationAsync(Consultation());
        var file = new Allocataire { Caf = "763", Matricule = "1204571" };
        await FieldAsync(
            "paging.size",
            () =>
                _service
                    .Client.History.WhoDidAccessAsync(
                        new()
                        {
                            Asking = Asking(),
                            Allocataire = file,
                            Paging = new() { Size = 1001 },
                        }
                    )
                    .ResponseAsync
        );
        await FieldAsync(
            "paging.token",
            () =>
                _service
                    .Client.History.WhoDidAccessAsync(
                        new()
                        {
                            Asking = Asking(),
                            Allocataire = file,
                            Paging = new() { Token = "x" },
                        }
                    )
                    .ResponseAsync
        );
        await FieldAsync(
            "asking.known_at.position",
            () =>
                _service
                    .Client.History.WhoDidAccessAsync(new() { Asking = Asking(99), Allocataire = file })
                    .ResponseAsync
        );
        await FieldAsync(
            "siret",
            () =>
                _service
                    .Client.History.GetRightsTimelineAsync(
                        new()
                        {
                            Asking = Asking(),
                            Siret = "1",
                            Agent = "a",
                        }
                    )
                    .ResponseAsync
        );

        await FieldAsync(
            "asking.context",
            () => _service.Client.History.WhoDidAccessAsync(new() { Allocataire = file }).ResponseAsync
        );

        static async Task FieldAsync(string field, Func<Task> ask) =>
            (await Should.ThrowAsync<RpcException>(ask))
                .GetRpcStatus()!
                .GetDetail<BadRequest>()!
                .FieldViolations.Single()
                .Field.ShouldBe(field);
    }
}
