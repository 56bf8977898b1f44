using FsCheck;
using FsCheck.Xunit;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Control;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Knowing;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Simulation;
using Ledger.Store.Appending;
using Ledger.Store.Reading;
using Ledger.Store.ReadModels;
using Ledger.Tests;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Store.Tests;

/// <summary>On simulated histories: late signals, corrections, mutations, suspensions, terminations, misuse.</summary>
[Collection(PostgresTests.Name)]
public sealed class ReadModelTests(PostgresCluster cluster)
{
    private static readonly string[] Tables = ["event_tag", "partner_right", "habilitation_right", "usage"];

    [Fact]
    public async Task Dropping_every_read_model_and_rebuilding_it_gives_identical_tables()
    {
        await using var ledger = await TestLedger.CreateAsync(cluster);
        await SimulateAsync(ledger, new HistoryGenerator(11, new HistorySize(3, 18, 3, 1000, 400)));
        await PlayCatalogueAndPerimetersAsync(ledger);
        var before = await ContentsAsync(ledger);
        foreach (var table in Tables)
        {
            before[table].Length.ShouldBeGreaterThan(1000, table);
        }

        await ledger.Publisher.PublishAsync(CancellationToken.None);
        var verification = await ledger.VerifyAsync();
        verification.IsWhole.ShouldBeTrue(
            string.Join("; ", verification.Findings.Take(5).Select(f => $"{f.Column} {f.Position} {f.Message}"))
        );
        await PostgresCluster.ExecuteAsync(
            ledger.ConnectionString,
            "delete from ledger.habilitation_right; update ledger.partner_right set purposes = '{}'; "
                + "delete from ledger.event_tag where position > 20; update ledger.usage set authorised = true"
        );
        (await ContentsAsync(ledger)).ShouldNotBe(before);
        (await ReadModelRebuild.RunAsync(ledger.Database, CancellationToken.None)).ShouldBe(
            await ledger.History.LastPositionAsync(CancellationToken.None) + 1
        );
        (await ContentsAsync(ledger)).ShouldBe(before);
    }

    // What is said of whoever acted on a right is cited by it when it is rectified, also where it changed nothing.
    [Fact]
    public async Task The_rectification_of_what_changed_no_right_leaves_the_read_models_whole()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        var number = 3000;
        foreach (
            var said in new ICommand[]
            {
                new ReportFunctionChange(new(Convention, Agent, "clerk", Day("2026-02-01"), Day("2026-02-01"))),
                new DeclareAutomaton(new(Convention, AgentId.Parse("robot-1"), Agent, Day("2026-02-01"))),
                new AttachAgent(new(Convention, Principal, "head", Day("2026-01-12"))),
                new DesignateGestionnaire(new(Convention, Agent, GestionnaireRank.Suppleant, Day("2026-02-01"))),
            }
        )
        {
            var position = (await ledger.DoAsync(number++, By(Principal), said)).Position;
            var suspended = At("2026-03-01T08:00:00Z").AddDays(number - 3000);
            await Act(new Domain.Habilitations.SuspendHabilitation(new(HabC3, suspended, false, "inquiry")));
            await ledger.DoAsync(number++, ByCaf, new Rectify(position, "wrong"));
            await Act(new Domain.Habilitations.LiftSuspension(new(HabC3, suspended.AddDays(1), "closed")));
            await ledger.PublishAsync();
            (await ledger.VerifyAsync()).Findings.ShouldBeEmpty(said.GetType().Name);
        }

        Task Act(ICommand command) => ledger.DoAsync(number++, By(Principal), command);
    }

    [Property(MaxTest = 4)]
    public async Task The_projection_gives_at_every_valid_and_known_time_what_the_pure_function_gave_then(
        PositiveInt seeded
    )
    {
        var seed = seeded.Get;
        await using var ledger = await TestLedger.CreateAsync(cluster);
        await SimulateAsync(ledger, new HistoryGenerator(seed, new HistorySize(2, 10, 3, 600, 20)));
        await PlayCatalogueAndPerimetersAsync(ledger);
        var last = await ledger.History.LastPositionAsync(CancellationToken.None);
        var facts = (await ledger.Database.EventsAsync(last))
            .Select(e => e.Fact)
            .Where(f => Knowledge.Bears(f.Event))
            .ToList();
        var chance = new System.Random(seed);
        foreach (
            var (known, hours) in Enumerable
                .Range(0, 80)
                .Select(_ => (chance.Next((int)last + 1), chance.Next(3 * 365 * 24)))
                .Append(((int)last, 20_000))
        )
        {
            var knowledge = Knowledge.Of(facts.TakeWhile(f => f.Position <= known));
            var at = LegalTime.StartOf(HistoryGenerator.FirstDay).AddHours(hours);
            foreach (
                var file in new[] { new DossierIdentity("in-commune", Caf), new DossierIdentity("elsewhere", Caf) }
            )
            {
                var page = await ledger.History.WhoCouldAsync(
                    file,
                    at,
                    await ledger.KnownAsync(known),
                    null,
                    new Paging(1000),
                    CancellationToken.None
                );
                var name = $"{file.Pseudonym} at {at} as known at {known}, seed {seed}";
                page.Items.Select(r => $"{r.Habilitation} {string.Join(' ', r.Purposes)}")
                    .Order(StringComparer.Ordinal)
                    .ToList()
                    .ShouldBe(Claimed.WhoCould(knowledge, file, at), customMessage: name);
                foreach (var right in page.Items)
                {
                    var stretch = (right.From ?? DateTimeOffset.MinValue, right.Until ?? DateTimeOffset.MaxValue);
                    Claimed
                        .WrongStretch(
                            knowledge,
                            knowledge.Require(HabilitationId.Parse(right.Habilitation)),
                            knowledge.Dossiers.PersonOf(file, at),
                            stretch,
                            string.Join(' ', right.Purposes),
                            [at]
                        )
                        .ShouldBeNull($"{right.Habilitation}, {name}");
                }
            }
        }
    }

    [Theory]
    [InlineData(VerdictFilter.Then)]
    [InlineData(VerdictFilter.Now)]
    [InlineData(VerdictFilter.Either)]
    [InlineData(VerdictFilter.Differing)]
    public async Task Irregular_consultations_are_those_that_judging_every_one_again_finds(VerdictFilter filter)
    {
        await using var ledger = await TestLedger.CreateAsync(cluster);
        await SimulateAsync(ledger, new HistoryGenerator(5, new HistorySize(3, 30, 3, 900, 2500, 1)));
        var last = await ledger.History.LastPositionAsync(CancellationToken.None);
        var all = (await ledger.Database.EventsAsync(last)).Select(e => e.Fact).ToList();
        var known = Knowledge.Of(all.Where(f => Knowledge.Bears(f.Event)));
        var files = await ledger.History.FilesOfAsync(all, CancellationToken.None);
        var wanted = all.Where(f => f.Event is ConsultationRecorded)
            .Select(f =>
                (
                    f.Position,
                    (ConsultationRecorded)f.Event,
                    Now: Judgement.Of(
                        Domain.Consultations.Use.Of((ConsultationRecorded)f.Event, files[f.Position]),
                        known
                    )
                )
            )
            .Where(c =>
                filter switch
                {
                    VerdictFilter.Then => !c.Item2.Verdict.Authorised,
                    VerdictFilter.Now => !c.Now.Authorised,
                    VerdictFilter.Differing => c.Item2.Verdict.Authorised != c.Now.Authorised,
                    _ => !c.Item2.Verdict.Authorised || !c.Now.Authorised,
                }
            )
            .OrderBy(c => c.Item2.OccurredAt)
            .ThenBy(c => c.Position)
            .Select(c => c.Position)
            .ToList();
        wanted.ShouldNotBeEmpty();

        var (found, next) = (new List<long>(), (string?)null);
        do
        {
            var page = await ledger.History.IrregularAsync(
                new UsageScope(LegalTime.Earliest, At("2030-01-01T00:00:00Z")),
                filter,
                null,
                await ledger.KnownAsync(last),
                new Paging(7, next),
                CancellationToken.None
            );
            page.Items.Count.ShouldBeLessThanOrEqualTo(7);
            found.AddRange(page.Items.Select(c => c.Fact.Position));
            next = page.Next;
        } while (next is not null);
        found.ShouldBe(wanted);
    }

    private static async Task SimulateAsync(TestLedger ledger, HistoryGenerator generator)
    {
        ledger.Keys.KeyOf = generator.KeyOf;
        var positions = new Dictionary<int, long>();
        foreach (var act in generator.Acts())
        {
            var command = act.Command is Rectify r ? new Rectify(positions[(int)r.Of], r.Why) : act.Command;
            positions[act.Number] = (
                await ledger.Writer.AppendAsync(AppendRequest.Of(act.Context, [], command), CancellationToken.None)
            ).Position;
        }
    }

    private static async Task PlayCatalogueAndPerimetersAsync(TestLedger ledger)
    {
        var number = 50_000;
        var (hab, granted, byPartner) = (await ledger.KnownAsync())
            .Latest.Habilitations.Where(h => h.EndedAt is null)
            .Select(h => (h.Granted.Event.Habilitation, h.Granted.At, h.Granted.Actor))
            .First();
        await ledger.DoAsync(
            number++,
            ByCaf,
            new RecordDossier(new DossierAttached("in-commune", Caf, CommuneCode.Parse("76575"), Day("2023-01-01")))
        );
        await ledger.DoAsync(
            number++,
            ByCaf,
            new RecordDossier(new DossierAttached("in-commune", Caf, CommuneCode.Parse("76540"), Day("2024-09-01")))
        );
        await ledger.DoAsync(
            number++,
            byPartner,
            new Domain.Habilitations.ModifyHabilitation(
                new(
                    hab,
                    granted.AddDays(1),
                    null,
                    new Perimeter.Communes([CommuneCode.Parse("76575")]),
                    null,
                    "own commune"
                )
            )
        );
        await ledger.DoAsync(
            number++,
            byPartner,
            new Domain.Habilitations.ModifyHabilitation(
                new(hab, granted.AddDays(40), null, new Perimeter.Files(["elsewhere"]), null, "one file")
            )
        );
        await ledger.DoAsync(
            number++,
            ByCaf,
            new PublishCatalogue(new("2", Day("2025-03-01"), [new(Cdap, T2, ["identite"])]))
        );
        await ledger.DoAsync(
            number,
            ByCaf,
            new Rectify(await ledger.History.LastPositionAsync(CancellationToken.None), "published too soon")
        );
    }

    private static async Task<Dictionary<string, string>> ContentsAsync(TestLedger ledger)
    {
        var contents = new Dictionary<string, string>();
        foreach (var table in Tables)
        {
            contents[table] =
                await PostgresCluster.QueryAsync<string>(
                    ledger.ConnectionString,
                    $"select coalesce(string_agg(t::text, E'\\n' order by t::text collate \"C\"), '') from "
                        + $"ledger.{table} t"
                ) ?? string.Empty;
        }

        return contents;
    }
}
