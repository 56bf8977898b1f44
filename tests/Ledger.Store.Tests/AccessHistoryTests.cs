using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Rights;
using Ledger.Store.Reading;
using Ledger.Tests;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Store.Tests;

[Collection(PostgresTests.Name)]
public sealed class AccessHistoryTests(PostgresCluster cluster)
{
    [Fact]
    public async Task The_projection_gives_at_every_valid_and_known_time_what_the_pure_function_gives()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 2);
        await PlayAsync(
            ledger,
            100,
            (By(Principal), new SuspendHabilitation(new(HabC3, At("2026-02-02T08:00:00Z"), false, "a"))),
            (By(Principal), new LiftSuspension(new(HabC3, At("2026-02-09T08:00:00Z"), "b"))),
            (By(Principal), new ReportDeparture(Departure)),
            (By(Principal), new AttachAgent(new(Convention, Agent, "back", Day("2026-04-01")))),
            (ByCaf, new CloseService(new(Convention, Cdap, Day("2026-02-20"), "late news"))),
            (ByCaf, new OpenService(new(Convention, Cdap, Day("2026-02-25")))),
            (By(Principal), Grant(HabilitationId.Parse("hab-2"))),
            (
                ByCaf,
                new SignEnrolment(
                    new(Convention, Cdap, [T2], [Purpose.Parse("accueil")], new Perimeter.WholeCaf(), Day("2026-05-01"))
                )
            ),
            (By(Principal), new RevokeGestionnaire(Convention, Principal, Day("2026-01-13"))),
            (ByCaf, new RevokeHabilitation(new(HabC3, At("2026-05-05T00:00:00Z"), "c")))
        );

        var last = await ledger.History.LastPositionAsync(CancellationToken.None);
        var facts = (await ledger.Database.EventsAsync(last)).Select(e => e.Fact).ToList();
        for (var known = 0L; known <= last; known++)
        {
            var knowledge = Knowledge.Of(facts.Where(f => f.Position <= known && f.Event is not ConsultationRecorded));
            for (var day = Day("2026-01-01"); day < Day("2026-06-01"); day = day.AddDays(3))
            {
                var at = LegalTime.StartOf(day);
                var page = await ledger.History.WhoCouldAsync(
                    TheDossier,
                    at,
                    await ledger.KnownAsync(known),
                    null,
                    new Paging(100),
                    CancellationToken.None
                );
                page.Items.Select(r => $"{r.Habilitation} {string.Join(' ', r.Purposes)}")
                    .Order(StringComparer.Ordinal)
                    .ToList()
                    .ShouldBe(
                        Claimed.WhoCould(knowledge, TheDossier, at),
                        customMessage: $"on {day} as known at {known}"
                    );
            }
        }
    }

    [Fact]
    public async Task Nothing_of_the_projection_is_ever_updated_but_the_end_of_what_was_known()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        await PlayAsync(ledger, 100, (By(Principal), new ReportDeparture(Departure)));
        var rows = await PostgresCluster.QueryAsync<string>(
            ledger.ConnectionString,
            "select string_agg(known::text || ' ' || upper_inf(valid)::text, '; ' order by known) from "
                + "ledger.habilitation_right"
        );
        rows.ShouldBe("[8,9) true; [9,) false");
    }

    [Fact]
    public async Task Who_did_shows_both_verdicts_side_by_side_and_pages_in_a_stable_order()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        for (var i = 0; i < 5; i++)
        {
            await ledger.ConsultAsync(200 + i, $"2026-03-{5 - i:00}T10:00:00Z");
        }

        await PlayAsync(
            ledger,
            300,
            (By(Principal), new ReportDeparture(Departure with { LeftOn = Day("2026-03-03") }))
        );
        var all = new List<Reading.ConsultationFound>();
        string? next = null;
        do
        {
            var page = await ledger.History.WhoDidAsync(
                [TheFile],
                LegalTime.Earliest,
                At("2030-01-01T00:00:00Z"),
                await ledger.KnownAsync(14),
                new Paging(2, next),
                CancellationToken.None
            );
            all.AddRange(page.Items);
            next = page.Next;
        } while (next is not null);

        all.Select(c => c.Event.OccurredAt.Day).ShouldBe([1, 2, 3, 4, 5]);
        all.ShouldAllBe(c => c.Event.Verdict.Authorised);
        all.Select(c => c.AsKnownAt.Authorised).ShouldBe([true, true, false, false, false]);
        all[4].AsKnownAt.Reasons.ShouldBe([Reason.AgentDeparted]);
        var then = await ledger.History.WhoDidAsync(
            [TheFile],
            LegalTime.Earliest,
            At("2030-01-01T00:00:00Z"),
            await ledger.KnownAsync(13),
            new Paging(10),
            CancellationToken.None
        );
        then.Items.ShouldAllBe(c => c.AsKnownAt.Authorised);
        await Should.ThrowAsync<InvalidFieldException>(async () =>
            await ledger.History.WhoDidAsync(
                [TheFile],
                LegalTime.Earliest,
                At("2030-01-01T00:00:00Z"),
                await ledger.KnownAsync(13),
                new Paging(10, "nonsense"),
                CancellationToken.None
            )
        );
    }

    [Fact]
    public async Task A_replay_tells_everything_about_an_agent_once_in_order_and_resumes_from_a_position()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 1200);
        var story = await ReplayAsync(0);
        story.Count.ShouldBe(2 + 1200);
        story.Zip(story.Skip(1)).ShouldAllBe(pair => pair.First < pair.Second);
        (await ReplayAsync(700)).ShouldBe(story.Where(p => p >= 700));

        async Task<List<long>> ReplayAsync(long from)
        {
            var positions = new List<long>();
            await foreach (
                var stored in ledger.History.ReplayAsync(
                    new ReplayOf(Siret: Commune, Agent: Agent),
                    from,
                    long.MaxValue - 1,
                    CancellationToken.None
                )
            )
            {
                positions.Add(stored.Fact.Position);
            }

            return positions;
        }
    }

    [Fact]
    public async Task An_instant_stands_for_the_last_position_recorded_before_it()
    {
        await using var ledger = await TestLedger.CreateAsync(cluster);
        var acks = new List<Appending.Acknowledgement>();
        for (var i = 1; i <= 7; i++)
        {
            acks.Add(await ledger.ConsultAsync(i));
        }

        (await ledger.History.PositionAtAsync(acks[0].RecordedAt.AddMicroseconds(-1), CancellationToken.None)).ShouldBe(
            -1
        );
        foreach (var ack in acks)
        {
            (await ledger.History.PositionAtAsync(ack.RecordedAt, CancellationToken.None)).ShouldBe(ack.Position);
        }
    }

    private static async Task PlayAsync(TestLedger ledger, int number, params (Actor Actor, ICommand Command)[] acts)
    {
        foreach (var (actor, command) in acts)
        {
            await ledger.DoAsync(number++, actor, command);
        }
    }
}

internal static class AllEvents
{
    public static Task<List<Reading.StoredEvent>> EventsAsync(this Schema.LedgerDatabase database, long last) =>
        Reading.LogReader.EventsAtAsync(
            database,
            [.. Enumerable.Range(0, (int)last + 1).Select(i => (long)i)],
            CancellationToken.None
        );
}
