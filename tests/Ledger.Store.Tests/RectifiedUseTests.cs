using Ledger.Domain.Common;
using Ledger.Domain.Control;
using Ledger.Domain.Partenariats;
using Ledger.Store.Reading;
using Ledger.Tests;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Store.Tests;

/// <summary>A consultation that was rectified stays, with its rectification beside it, and counts for nothing.</summary>
[Collection(PostgresTests.Name)]
public sealed class RectifiedUseTests(PostgresCluster cluster)
{
    private static readonly UsageScope Everything = new(LegalTime.Earliest, LegalTime.Latest);

    [Fact]
    public async Task It_is_shown_with_its_rectification_and_accuses_nobody_from_then_on()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        var irregular = (await ledger.ConsultByStrangerAsync(200)).Position;
        var regular = (await ledger.ConsultAsync(201)).Position;
        var by = await RectifyAsync(ledger, 300, irregular);
        await RectifyAsync(ledger, 301, regular);

        var page = await ledger.History.WhoDidAsync(
            [TheFile],
            LegalTime.Earliest,
            LegalTime.Latest,
            await ledger.KnownAsync(),
            new Paging(10),
            CancellationToken.None
        );
        page.Items.Select(c => c.RectifiedBy?.Position).ShouldBe([by, by + 1]);
        page.Items[0].Learnt.Select(f => f.Position).ShouldContain(by);
        (page.Items[0].IsIrregular, page.Items[0].Differs, page.Items[1].Differs).ShouldBe((false, true, false));
        (await IrregularAsync(ledger, VerdictFilter.Now, null)).ShouldBeEmpty();
        (await IrregularAsync(ledger, VerdictFilter.Differing, null)).ShouldBe([irregular]);
        (await IrregularAsync(ledger, VerdictFilter.Then, null)).ShouldBe([irregular]);
        (await IrregularAsync(ledger, VerdictFilter.Now, by - 1)).ShouldBe([irregular], "before it was rectified");
        (await RadiusAsync(ledger, null)).Consultations.ShouldBe(0);
        (await RadiusAsync(ledger, by)).Consultations.ShouldBe(1);
        (await ledger.VerifyAsync()).Findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_right_is_not_used_by_it_and_no_alert_follows_from_it()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        var consulted = (await ledger.ConsultAsync(200)).Position;
        (await DormantAsync(ledger)).ShouldBeEmpty();
        await RectifyAsync(ledger, 300, consulted);
        (await DormantAsync(ledger)).ShouldBe([HabC3.Value]);
        var watcher = new Anomalies.AnomalyWatcher(
            ledger.Database,
            ledger.Replica,
            ledger.Writer,
            ledger.History,
            new Guid(1, 0, 0, new byte[8])
        );
        await ledger.DoAsync(301, By(Principal), new ReportDeparture(Departure));
        (await watcher.ObserveAsync(CancellationToken.None)).ShouldBe(0);
    }

    [Fact]
    public async Task It_stands_in_the_story_of_the_file_and_of_the_agent()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        var consulted = (await ledger.ConsultAsync(200)).Position;
        var by = await RectifyAsync(ledger, 300, consulted);
        (await StoryAsync(new ReplayOf([TheDossier.Pseudonym], [TheFile]))).ShouldBe([consulted, by]);
        (await StoryAsync(new ReplayOf(Siret: Commune, Agent: Agent))).TakeLast(2).ShouldBe([consulted, by]);

        async Task<List<long>> StoryAsync(ReplayOf of)
        {
            var positions = new List<long>();
            await foreach (var stored in ledger.History.ReplayAsync(of, 0, by, CancellationToken.None))
            {
                positions.Add(stored.Fact.Position);
            }

            return positions;
        }
    }

    [Fact]
    public async Task It_is_rectified_once_by_the_Caf_that_it_concerns_and_its_rectification_stands()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        var consulted = (await ledger.ConsultAsync(200)).Position;
        var stranger = new Actor(AgentId.Parse("caf-admin"), CafCode.Parse("591"), null);
        (await RefusedAsync(stranger, await CommandAsync())).ShouldBe("caf-of-what-is-rectified");
        (await RefusedAsync(By(Principal), await CommandAsync())).ShouldBe("caf-rectifies");
        var by = await RectifyAsync(ledger, 300, consulted);
        (await RefusedAsync(ByCaf, await CommandAsync())).ShouldBe("rectified-once");
        (await RefusedAsync(ByCaf, new Rectify(by, "no"))).ShouldBe("rectification-stands");

        Task<RectifyConsultation> CommandAsync() => CommandOfAsync(ledger, consulted);

        async Task<string> RefusedAsync(Actor actor, ICommand command) =>
            (await Should.ThrowAsync<RefusedException>(() => ledger.DoAsync(400, actor, command))).Rule;
    }

    private static async Task<RectifyConsultation> CommandOfAsync(TestLedger ledger, long position) =>
        new((await ledger.Database.EventsAtAsync([position], CancellationToken.None)).Single().Fact, "another agent");

    private static async Task<long> RectifyAsync(TestLedger ledger, int request, long position) =>
        (await ledger.DoAsync(request, ByCaf, await CommandOfAsync(ledger, position))).Position;

    private static async Task<List<long>> IrregularAsync(TestLedger ledger, VerdictFilter filter, long? known) =>
        [
            .. (
                await ledger.History.IrregularAsync(
                    Everything,
                    filter,
                    null,
                    await ledger.KnownAsync(known),
                    new Paging(10),
                    CancellationToken.None
                )
            ).Items.Select(c => c.Fact.Position),
        ];

    private static async Task<BlastRadius> RadiusAsync(TestLedger ledger, long? known) =>
        await ledger.History.BlastRadiusAsync(
            Everything with
            {
                Siret = Commune,
            },
            await ledger.KnownAsync(known),
            CancellationToken.None
        );

    private static async Task<List<string>> DormantAsync(TestLedger ledger) =>
        [
            .. (
                await ledger.History.DormantAsync(
                    At("2026-05-01T00:00:00Z"),
                    90,
                    null,
                    await ledger.KnownAsync(),
                    CancellationToken.None
                )
            ).Select(f => f.Key),
        ];
}
