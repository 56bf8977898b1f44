using System.Text;
using Ledger.Domain.Common;
using Ledger.Domain.Knowing;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Domain.Tests.Events;

public sealed class EventCodecTests
{
    [Fact]
    public void Every_event_of_a_history_read_back_writes_the_same_bytes()
    {
        var world = World.UpToAGrant();
        var recorded = Consultation(1).Decide(world.Known, new EventContext(ByCaf, Id(1)), World.Now)[0];
        var facts = world
            .Known.Facts.Select(f => (f.Context, f.Event))
            .Append((new EventContext(ByCaf, Id(1), "act", "c"), recorded));
        foreach (var (context, e) in facts)
        {
            var content = EventCodec.Encode(context, e);
            var (readContext, read) = EventCodec.Decode(EventCodec.NameOf(e), content);
            EventCodec.Encode(readContext, read).ShouldBe(content);
        }
    }

    [Fact]
    public void Names_in_the_log_are_explicit_versioned_and_not_CLR_names()
    {
        foreach (var (type, name) in EventCodec.All)
        {
            name.ShouldMatch("^[a-z]+(-[a-z]+)*\\.v[0-9]+$");
            name.ShouldNotContain(type.Name);
        }

        EventCodec.All.Select(e => e.Name).Distinct().Count().ShouldBe(EventCodec.All.Count());
    }

    [Fact]
    public void Every_kind_of_event_has_a_name()
    {
        var kinds = typeof(LedgerEvent)
            .Assembly.GetTypes()
            .Where(t => t.IsSubclassOf(typeof(LedgerEvent)) && !t.IsAbstract);
        kinds.Except(EventCodec.All.Select(e => e.Type)).ShouldBeEmpty();
    }

    [Fact]
    public void A_consultation_holds_the_pseudonym_and_the_reasons_by_their_stable_names()
    {
        var recorded = Consultation(1).Decide(Knowledge.None, new EventContext(ByCaf, Id(1)), World.Now)[0];
        var json = Encoding.UTF8.GetString(EventCodec.Encode(new EventContext(ByCaf, Id(1)), recorded));
        json.ShouldContain("\"reasons\":[\"no-habilitation\"]");
        json.ShouldContain($"\"file\":\"{TheFile.Value}\"");
        json.ShouldNotContain(TheDossier.Pseudonym);
    }

    [Fact]
    public void A_stream_is_opaque_it_names_neither_agent_nor_allocataire()
    {
        var recorded = Consultation(1).Decide(Knowledge.None, new EventContext(ByCaf, Id(1)), World.Now)[0];
        recorded.Stream().ShouldBe("journal-763-2026-03-10");
        Grant().Event.Stream().ShouldBe("habilitation-hab-c3");
    }

    [Theory]
    [InlineData("no-such-event.v1", "{}")]
    [InlineData("consultation-recorded.v1", "{}")]
    [InlineData("consultation-recorded.v1", "not json")]
    [InlineData("agent-departed.v1", """{"context":null,"event":null}""")]
    public void A_content_that_is_not_one_is_refused(string name, string content) =>
        Should.Throw<FormatException>(() => EventCodec.Decode(name, Encoding.UTF8.GetBytes(content)));
}
