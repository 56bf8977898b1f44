using Caf.Ledger.V1;
using Ledger.Tests;
using static Ledger.Tests.SampleRequests;

namespace Ledger.Service.Tests;

/// <summary>Who could and who did, over all of time, in one question.</summary>
[Collection(PostgresTests.Name)]
public sealed class FileHistoryTests(PostgresCluster cluster) : IAsyncLifetime
{
    private static readonly Allocataire File = new() { Caf = "763", Matricule = "1204571" };

    private RunningService _service = null!;
    private long _then;
    private long _departure;

    public async Task InitializeAsync()
    {
        _service = await RunningService.StartAsync(cluster);
        await _service.Client.UpToAGrantAsync();
        var consulted = await _service.Client.Consultations.RecordConsultationAsync(Consultation());
        _then = consulted.Acknowledgement.Position;
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
        _departure = departure.Acknowledgement.Position;
    }

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Fact]
    public async Task The_core_case_as_known_now_shows_where_the_right_was_believed_and_was_not()
    {
        var history = await AskAsync();
        var right = history.Rights.ShouldHaveSingleItem();
        (right.Agent, right.Habilitation, right.Siret).ShouldBe(("agent-c3", "hab-1", Siret));
        var given = right.Segments.Where(s => s.Effective).ShouldHaveSingleItem();
        given.From.ShouldBe(At("2026-01-14T23:00:00Z"));
        given.Until.ShouldBe(At("2026-02-28T23:00:00Z"));
        right.Believed.ShouldHaveSingleItem().From.ShouldBe(At("2026-02-28T23:00:00Z"));
        right.Segments.Last().Missing.ShouldBe(["agent-departed"]);

        var used = history.Consultations.ShouldHaveSingleItem();
        (used.AsKnownThen.Authorised, used.AsKnownAt.Authorised).ShouldBe((true, false));
        history.Acts.Select(a => a.Position).ShouldContain(_departure);
    }

    [Fact]
    public async Task As_known_then_nothing_was_lost()
    {
        var right = (await AskAsync(_then)).Rights.ShouldHaveSingleItem();
        right.Segments.Where(s => s.Effective).ShouldHaveSingleItem().Until.ShouldBeNull();
        right.Believed.ShouldBeEmpty();
    }

    [Fact]
    public async Task It_says_at_every_moment_what_who_could_access_says()
    {
        foreach (var known in new long?[] { null, _then })
        {
            var history = await AskAsync(known);
            foreach (var day in new[] { "2026-01-01", "2026-01-15", "2026-02-28", "2026-03-01", "2026-03-10" })
            {
                var at = At($"{day}T10:00:00Z");
                var could = await _service.Client.History.WhoCouldAccessAsync(
                    new()
                    {
                        Asking = Asking(known),
                        Allocataire = File,
                        At = at,
                    }
                );
                history
                    .Rights.Where(r => r.Segments.Any(s => s.Effective && Holds(s, at.ToDateTime())))
                    .Select(r => r.Habilitation)
                    .ShouldBe(could.Rights.Select(r => r.Habilitation), $"{day}, {known}");
            }
        }
    }

    [Fact]
    public async Task It_is_narrowed_to_a_partner_and_a_service_and_is_one_reading()
    {
        (await AskAsync(change: r => r.Service = "CDAP")).Rights.Count.ShouldBe(1);
        (await AskAsync(change: r => r.Service = "AUTRE")).Rights.ShouldBeEmpty();
        (await AskAsync(change: r => r.Siret = "21330063500017")).Consultations.ShouldBeEmpty();
        var reads = await _service.Client.History.ListTraceReadsAsync(new() { Asking = Asking(), Allocataire = File });
        reads.Reads.Select(r => r.Question).ShouldBe(Enumerable.Repeat("get-file-history", 3));

        var asking = Asking();
        var first = await AskAsync(change: r => r.Asking = asking.Clone());
        (await AskAsync(change: r => r.Asking = asking.Clone())).ShouldBe(first);
        reads = await _service.Client.History.ListTraceReadsAsync(new() { Asking = Asking(), Allocataire = File });
        reads.Reads.Count(r => r.Question == "get-file-history").ShouldBe(4);
    }

    [Fact]
    public async Task Another_file_of_the_Caf_shows_the_same_right_and_a_file_of_another_Caf_is_refused()
    {
        var other = await AskAsync(change: r => r.Allocataire = new() { Caf = "763", Matricule = "9999999" });
        other.Rights.Count.ShouldBe(1, "the right is on all files of the Caf");
        other.Consultations.ShouldBeEmpty();
        (
            await Should.ThrowAsync<Grpc.Core.RpcException>(() =>
                AskAsync(change: r => r.Allocataire = new() { Caf = "751", Matricule = "1204571" })
            )
        ).StatusCode.ShouldBe(Grpc.Core.StatusCode.PermissionDenied);
    }

    [Fact]
    public async Task What_happens_to_her_at_another_Caf_is_not_told_by_the_one_that_she_left()
    {
        var theirs = new Allocataire { Caf = "591", Matricule = "7777777" };
        await _service.Client.Procedures.TransferDossierAsync(
            new()
            {
                Context = Asking().Context,
                From = File,
                To = theirs,
                On = "2026-02-01",
            }
        );
        var before = await AskAsync();
        var moved = await _service.Client.Procedures.AttachDossierAsync(
            new()
            {
                Context = Asking(caf: "591").Context,
                Allocataire = theirs,
                Commune = "59350",
                From = "2026-02-10",
            }
        );
        var after = await AskAsync();
        after.Acts.Select(a => a.Position).ShouldNotContain(moved.Acknowledgement.Position);
        after
            .Rights.SelectMany(r => r.Segments)
            .SelectMany(s => s.Because)
            .ShouldNotContain(moved.Acknowledgement.Position);
        after.Rights.ShouldBe(before.Rights);
        after.Rights.Single().Segments.ShouldNotContain(s => s.From == At("2026-02-09T23:00:00Z"));
    }

    [Fact]
    public async Task A_page_shows_more_and_has_a_request_id_of_its_own()
    {
        await _service.Client.Consultations.RecordConsultationAsync(Consultation(at: "2026-02-01T10:00:00Z"));
        var first = await AskAsync(change: r => r.Paging = new() { Size = 1 });
        first.Consultations.Count.ShouldBe(1);
        var second = await AskAsync(change: r => r.Paging = new() { Size = 1, Token = first.NextPageToken });
        second.Consultations.ShouldHaveSingleItem().Position.ShouldNotBe(first.Consultations[0].Position);
        second.NextPageToken.ShouldBeEmpty();
        second.Rights.ShouldBe(first.Rights);
    }

    private static bool Holds(RightSegment segment, DateTime at) =>
        (segment.From is null || segment.From.ToDateTime() <= at)
        && (segment.Until is null || segment.Until.ToDateTime() > at);

    private async Task<GetFileHistoryResponse> AskAsync(
        long? known = null,
        Action<GetFileHistoryRequest>? change = null
    )
    {
        var request = new GetFileHistoryRequest { Asking = Asking(known), Allocataire = File };
        change?.Invoke(request);
        return await _service.Client.History.GetFileHistoryAsync(request);
    }
}
