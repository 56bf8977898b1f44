using FsCheck.Xunit;
using Ledger.Domain.Common;
using Ledger.Domain.Knowing;
using Ledger.Domain.Partenariats;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Domain.Tests;

/// <summary>What follows from one knowledge is two, when two facts are learnt from it: a batch may fail.</summary>
public sealed class KnowledgeBranchesTests
{
    [Property(MaxTest = 50)]
    public void What_is_learnt_from_an_earlier_knowledge_is_in_no_other(ushort before, byte[] parents)
    {
        var known = Knowledge.None;
        var facts = new List<long>();
        for (var position = 0; position < 1 + (before % 2500); position++)
        {
            known = Learn(known, position);
            facts.Add(position);
        }

        var branches = new List<(Knowledge Known, List<long> Facts)> { (known, facts) };
        foreach (var parent in parents)
        {
            var from = branches[parent % branches.Count];
            long next = 10_000 + branches.Count;
            branches.Add((Learn(from.Known, next), [.. from.Facts, next]));
        }

        foreach (var branch in branches)
        {
            branch.Known.Facts.Select(f => f.Position).ShouldBe(branch.Facts);
            branch.Known.FactsOf(Commune).Select(f => f.Position).ShouldBe(branch.Facts);
            branch.Known.FactAt(branch.Facts[^1])!.Position.ShouldBe(branch.Facts[^1]);
        }
    }

    private static Knowledge Learn(Knowledge known, long position) =>
        known.Learn(new Fact(position, World.Now, new EventContext(ByCaf, Guid.Empty), Event(position))).Known;

    private static PartenariatEvent Event(long position) =>
        position == 0
            ? Signed()
            : new AgentAttached(Convention, AgentId.Parse($"agent-{position}"), "social worker", Day("2026-01-12"));
}
