using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Control;
using Ledger.Domain.Knowing;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Simulation;

namespace Ledger.Domain.Tests;

public sealed class HistoryGeneratorTests
{
    private static readonly HistorySize Small = new(
        Partners: 4,
        Agents: 24,
        GrantsPerAgent: 3,
        Allocataires: 2000,
        Consultations: 3000
    );

    [Fact]
    public void The_same_seed_gives_the_same_history_and_another_seed_another()
    {
        Texts(7).ShouldBe(Texts(7));
        Texts(7).ShouldNotBe(Texts(8));

        static List<string> Texts(int seed) =>
            [.. Played(seed).Select(f => $"{f.Position} {Convert.ToHexString(EventCodec.Encode(f.Context, f.Event))}")];
    }

    [Fact]
    public void A_history_has_late_signals_corrections_mutations_suspensions_and_misuse_and_is_mostly_regular()
    {
        var facts = Played(3);
        var events = facts.ConvertAll(f => f.Event);
        events.OfType<AgentDeparted>().ShouldContain(e => e.DelayInDays > 0);
        events.OfType<AgentDeparted>().ShouldContain(e => e.DelayInDays == 0);
        events.OfType<Dossiers.DossierTransferred>().ShouldNotBeEmpty();
        events.OfType<Habilitations.HabilitationSuspended>().ShouldNotBeEmpty();
        var consultations = events.OfType<ConsultationRecorded>().ToList();
        consultations.Count.ShouldBe(Small.Consultations);
        consultations.Count(c => !c.Verdict.Authorised).ShouldBeInRange(1, Small.Consultations / 20);
        consultations.ShouldContain(c => !c.HasBusinessFile);
        Enumerable
            .Range(0, 20)
            .SelectMany(seed => Played(seed, Small with { Consultations = 0 }))
            .ShouldContain(f => f.Event is RectificationMade);
    }

    [Fact]
    public void A_view_of_the_past_judges_as_knowledge_that_learnt_no_more()
    {
        var facts = Played(9);
        var bearing = facts.Where(f => Knowledge.Bears(f.Event)).ToList();
        var known = Knowledge.Of(bearing);
        var uses = facts
            .Select(f => f.Event)
            .OfType<ConsultationRecorded>()
            .Where((_, i) => i % 100 == 0)
            .Select(c => Use.Of(c, new HistoryGenerator(9, Small).KeyOf(c.Allocataire.Epoch).Behind(c.Allocataire)))
            .ToList();
        foreach (var position in Enumerable.Range(0, 12).Select(i => (long)i * facts.Count / 12).Append(facts.Count))
        {
            var (view, then) = (known.AsKnownAt(position), Knowledge.Of(bearing.Where(f => f.Position <= position)));
            view.Position.ShouldBe(then.Position);
            foreach (var use in uses)
            {
                Judgement.Of(use, view).ShouldBeEquivalentTo(Judgement.Of(use, then));
            }

            Rights(view).ShouldBe(Rights(then));
        }
    }

    [Fact]
    public void What_is_known_never_changes_once_it_is_known()
    {
        var bearing = Played(4, Small with { Consultations = 0 }).Where(f => Knowledge.Bears(f.Event)).ToList();
        var half = Knowledge.Of(bearing.Take(bearing.Count / 2));
        var before = Rights(half);
        bearing.Skip(bearing.Count / 2).Aggregate(half, (known, f) => known.Learn(f).Known).ShouldNotBeSameAs(half);
        Rights(half).ShouldBe(before);
        Should.Throw<InvalidOperationException>(() => half.AsKnownAt(half.Position / 2).Learn(bearing[^1]));
    }

    [Fact]
    public void A_fact_reaches_every_right_that_it_changes()
    {
        var (known, rights) = (Knowledge.None, new Dictionary<string, string>());
        foreach (var fact in Played(21, Small with { Consultations = 0 }).Where(f => Knowledge.Bears(f.Event)))
        {
            var (next, reach) = known.Learn(fact);
            var reached = next
                .Habilitations.Where(h => IsReached(h, reach))
                .Select(h => h.Granted.Event.Habilitation.Value);
            var now = Rights(next).ToDictionary(r => r.Split('\n')[0]);
            now.Keys.Where(id => rights.GetValueOrDefault(id) != now[id])
                .Except(reached)
                .ShouldBeEmpty($"{fact.Event}");
            (known, rights) = (next, now);
        }
    }

    private static bool IsReached(Domain.Habilitations.Habilitation h, Reach reach) =>
        reach.Habilitations.Any(r => r.Granted.Event.Habilitation == h.Granted.Event.Habilitation)
        || reach.Common.Contains(new CommonKey(h.Granted.Convention, h.Granted.Service, h.Granted.Profil));

    private static List<string> Rights(Knowledge known) =>
        [
            .. known
                .Habilitations.Select(h =>
                    $"{h.Granted.Event.Habilitation}\n"
                    + string.Join(
                        '\n',
                        known
                            .RightsOf(h)
                            .Select(s =>
                                $"{s.From:O} {s.Until:O} {string.Join(',', s.Missing)} {string.Join(',', s.Because)}"
                            )
                    )
                )
                .Order(StringComparer.Ordinal),
        ];

    internal static List<Fact> Played(int seed, HistorySize? size = null)
    {
        var (known, facts, positions) = (Knowledge.None, new List<Fact>(), new Dictionary<int, long>());
        foreach (var act in new HistoryGenerator(seed, size ?? Small).Acts())
        {
            var command = act.Command is Rectify r ? new Rectify(positions[(int)r.Of], r.Why) : act.Command;
            foreach (var e in command.Decide(known, act.Context, act.At))
            {
                positions[act.Number] = facts.Count;
                facts.Add(new Fact(facts.Count, act.At, act.Context, e));
                known = known.Learn(facts[^1]).Known;
            }
        }

        return facts;
    }
}
