using Ledger.Domain;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Store.Appending;
using Ledger.Store.Knowing;
using Ledger.Store.Schema;
using Ledger.Tests;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Store.Tests;

[Collection(PostgresTests.Name)]
public sealed class AppendTests(PostgresCluster cluster)
{
    [Fact]
    public async Task Many_callers_on_several_writers_make_one_chain_without_gaps()
    {
        const int writers = 4,
            callers = 16,
            each = 25;
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        var others = Enumerable.Range(0, writers).Select(_ => new LedgerDatabase(ledger.ConnectionString)).ToList();
        var nodes = others.ConvertAll(d => new LedgerWriter(d, new Replica(d)));

        var acks = await Task.WhenAll(
            Enumerable
                .Range(0, writers * callers)
                .Select(async caller =>
                {
                    var positions = new List<Acknowledgement>();
                    for (var i = 0; i < each; i++)
                    {
                        positions.Add(
                            await TestLedger.ConsultAsync(
                                nodes[caller % writers],
                                10_000 + (caller * each) + i,
                                $"2026-03-{1 + (caller % 20):00}T10:00:00Z"
                            )
                        );
                    }

                    return positions;
                })
        );

        const int first = 9;
        acks.SelectMany(a => a)
            .Select(a => a.Position)
            .Order()
            .ShouldBe(Enumerable.Range(first, writers * callers * each).Select(i => (long)i));
        acks.ShouldAllBe(a =>
            a.Zip(a.Skip(1))
                .All(pair =>
                    pair.First.Position < pair.Second.Position && pair.First.RecordedAt <= pair.Second.RecordedAt
                )
        );
        await ledger.Publisher.PublishAsync(CancellationToken.None);
        var verification = await ledger.VerifyAsync();
        verification.Findings.ShouldBeEmpty();
        verification.Covered.ShouldBe(first + (writers * callers * each));
        foreach (var (node, database) in nodes.Zip(others))
        {
            await node.DisposeAsync();
            await database.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_right_granted_through_one_writer_counts_at_once_for_another()
    {
        await using var ledger = await TestLedger.CreateAsync(cluster);
        await using var otherDatabase = new LedgerDatabase(ledger.ConnectionString);
        using var replica = new Replica(otherDatabase);
        await using var other = new LedgerWriter(otherDatabase, replica);
        (await VerdictAsync(other, 1)).Authorised.ShouldBeFalse();
        var number = 10;
        foreach (var (actor, command) in UpToAGrant())
        {
            await ledger.DoAsync(number++, actor, command);
        }

        (await VerdictAsync(other, 2)).Authorised.ShouldBeTrue();

        static async Task<Verdict> VerdictAsync(LedgerWriter writer, int request) =>
            ((ConsultationRecorded)(await TestLedger.ConsultAsync(writer, request)).Event).Verdict;
    }

    [Fact]
    public async Task Commands_of_several_streams_that_come_mixed_are_recorded_in_one_batch_in_their_order()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        var (caller, answers, number) = (new object(), new List<Task<Acknowledgement>>(), 3000);
        foreach (var agent in Enumerable.Range(0, 40))
        {
            foreach (var (actor, command) in Mixed(AgentId.Parse($"agent-m{agent}")))
            {
                var request = AppendRequest.Of(new EventContext(actor, Id(number++)), [], command);
                answers.Add(await ledger.Writer.EnqueueAsync(request, caller, CancellationToken.None));
            }
        }

        var acks = await Task.WhenAll(answers);
        acks.Select(a => a.Position).ShouldBe(Enumerable.Range(9, acks.Length).Select(p => (long)p));
        acks.Select(a => a.RecordedAt).Distinct().Count().ShouldBeLessThan(5);
        await ledger.PublishAsync();
        (await ledger.VerifyAsync()).Findings.ShouldBeEmpty();

        // A stream comes back after another: the convention's, then the right's, and so on.
        static IEnumerable<(Actor, ICommand)> Mixed(AgentId agent) =>
            [
                (By(Principal), new AttachAgent(new(Convention, agent, "social worker", Day("2026-01-12")))),
                (
                    By(Principal),
                    new GrantHabilitation(
                        Grant().Event with
                        {
                            Habilitation = HabilitationId.Parse($"hab-{agent.Value}"),
                            Agent = agent,
                        }
                    )
                ),
            ];
    }

    [Fact]
    public async Task The_same_request_again_is_answered_as_the_first_time_and_recorded_once()
    {
        await using var ledger = await TestLedger.CreateAsync(cluster);
        var first = await ledger.ConsultAsync(1);
        var again = await ledger.ConsultAsync(1);
        (again.Position, again.LeafHash, again.RecordedAt, again.Repeated).ShouldBe(
            (first.Position, first.LeafHash, first.RecordedAt, true)
        );
        EventCodec
            .Encode(new EventContext(ByCaf, Id(1)), again.Event)
            .ShouldBe(EventCodec.Encode(new EventContext(ByCaf, Id(1)), first.Event));
        (await ledger.History.LastPositionAsync(CancellationToken.None)).ShouldBe(0);
    }

    [Fact]
    public async Task The_same_request_from_many_callers_at_once_is_recorded_once()
    {
        await using var ledger = await TestLedger.CreateAsync(cluster);
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => ledger.ConsultAsync(1)));
        answers.Select(a => a.Position).Distinct().ShouldBe([0]);
        answers.Count(a => !a.Repeated).ShouldBe(1);
    }

    [Fact]
    public async Task The_same_request_id_with_another_content_is_refused()
    {
        await using var ledger = await TestLedger.CreateAsync(cluster);
        await ledger.ConsultAsync(1);
        await Should.ThrowAsync<RequestIdReusedException>(() => ledger.ConsultAsync(1, digest: 1));
        await ledger.DoAsync(2, ByCaf, UpToAGrant()[0].Command);
        await Should.ThrowAsync<RequestIdReusedException>(() =>
            ledger.DoAsync(2, ByCaf, UpToAGrant()[0].Command, digest: 1)
        );
    }

    [Fact]
    public async Task A_refused_command_takes_no_position_and_leaves_the_others_of_its_batch_alone()
    {
        await using var ledger = await TestLedger.CreateAsync(cluster);
        var refused = ledger.DoAsync(1, By(Principal), Grant());
        var recorded = Enumerable.Range(2, 20).Select(i => ledger.ConsultAsync(i)).ToList();
        await Should.ThrowAsync<UnknownException>(() => refused);
        (await Task.WhenAll(recorded))
            .Select(a => a.Position)
            .Order()
            .ShouldBe(Enumerable.Range(0, 20).Select(i => (long)i));
    }

    [Fact]
    public async Task Commands_sent_at_once_are_decided_one_after_another()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        var outcomes = await Task.WhenAll(
            Enumerable
                .Range(0, 10)
                .Select(async i =>
                {
                    try
                    {
                        await ledger.DoAsync(
                            100 + i,
                            By(Principal),
                            new SuspendHabilitation(new(HabC3, At("2026-02-02T08:00:00Z"), false, "once"))
                        );
                        return "suspended";
                    }
                    catch (RefusedException e)
                    {
                        return e.Rule;
                    }
                })
        );
        outcomes.Count(o => o == "suspended").ShouldBe(1);
        outcomes.Count(o => o == "not-suspended-twice").ShouldBe(9);
    }

    [Theory]
    [InlineData("update ledger.mt_events set type = 'x'")]
    [InlineData("delete from ledger.mt_events")]
    [InlineData("truncate ledger.mt_events cascade")]
    [InlineData("update ledger.ledger_leaf set salt = salt")]
    [InlineData("delete from ledger.ledger_leaf")]
    [InlineData("truncate ledger.ledger_leaf")]
    [InlineData("delete from ledger.ledger_checkpoint")]
    [InlineData("update ledger.ledger_head set origin = 'x'")]
    [InlineData("delete from ledger.ledger_head")]
    public async Task The_log_refuses_change_even_to_a_superuser(string statement)
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 1);
        (
            await Should.ThrowAsync<Npgsql.PostgresException>(() =>
                PostgresCluster.ExecuteAsync(ledger.ConnectionString, statement)
            )
        ).SqlState.ShouldBe(Npgsql.PostgresErrorCodes.RestrictViolation);
    }

    [Fact]
    public async Task Analysts_read_contents_as_json()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 1);
        (
            await PostgresCluster.QueryAsync<string>(
                ledger.ConnectionString,
                "select content->'event'->>'siret' from ledger.ledger_event where position = 0"
            )
        ).ShouldBe(Commune.Value);
    }

    [Fact]
    public async Task Migrating_again_changes_nothing_and_keeps_the_log_whole()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 3);
        await ledger.Database.Migrations.MigrateAsync(CancellationToken.None);
        (await ledger.VerifyAsync()).IsWhole.ShouldBeTrue();
        await Should.ThrowAsync<LedgerStateException>(() =>
            ledger.Database.CreateAsync("again", CancellationToken.None)
        );
    }
}
