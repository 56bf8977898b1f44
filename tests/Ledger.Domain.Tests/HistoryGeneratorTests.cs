using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Control;
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
        consultations.ShouldContain(c => c.BusinessFile == null);
        Enumerable
            .Range(0, 20)
            .SelectMany(seed => Played(seed, Small with { Consultations = 0 }))
            .ShouldContain(f => f.Event is RectificationMade);
    }

    [Fact]
    public void What_was_known_of_one_partner_judges_its_uses_as_all_that_was_known_does()
    {
        var facts = Played(9);
        var known = Knowledge.Of(facts.Where(f => Knowledge.Bears(f.Event)));
        var consultations = facts
            .Select(f => f.Event)
            .OfType<ConsultationRecorded>()
            .Where((_, i) => i % 100 == 0)
            .ToList();
        foreach (var position in Enumerable.Range(0, 12).Select(i => (long)i * facts.Count / 12).Append(facts.Count))
        {
            var whole = known.AsKnownAt(position);
            foreach (var use in consultations.Select(Use.Of))
            {
                Judgement
                    .Of(use, known.AsKnownAt(position, [use.Siret], []))
                    .ShouldBeEquivalentTo(Judgement.Of(use, whole));
            }
        }
    }

    internal static List<Fact> Played(int seed, HistorySize? size = null)
    {
        var (known, facts, positions) = (new Knowledge(), new List<Fact>(), new Dictionary<int, long>());
        foreach (var act in new HistoryGenerator(seed, size ?? Small).Acts())
        {
            var command = act.Command is Rectify r ? new Rectify(positions[(int)r.Of], r.Why) : act.Command;
            foreach (var e in command.Decide(known, act.Context, act.At))
            {
                positions[act.Number] = facts.Count;
                facts.Add(new Fact(facts.Count, act.At, act.Context, e));
                known.Apply(facts[^1]);
            }
        }

        return facts;
    }
}
