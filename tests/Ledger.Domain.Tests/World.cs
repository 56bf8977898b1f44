using Ledger.Domain.Common;
using Ledger.Domain.Knowing;
using Ledger.Tests;

namespace Ledger.Domain.Tests;

/// <summary>A ledger in memory: decides commands and learns their events, one position each.</summary>
internal sealed class World
{
    public static readonly DateTimeOffset Now = SampleHistory.At("2026-06-01T12:00:00Z");

    /// <summary>When what is done next is recorded.</summary>
    public DateTimeOffset Clock { get; set; } = Now;

    public Knowledge Known { get; private set; } = Knowledge.None;

    public long Next { get; private set; }

    public static World UpToAGrant()
    {
        var world = new World();
        foreach (var (actor, command) in SampleHistory.UpToAGrant())
        {
            world.Do(actor, command);
        }

        return world;
    }

    public LedgerEvent Do(Actor actor, ICommand command, string? act = null)
    {
        var context = new EventContext(actor, Guid.Empty, act);
        var events = command.Decide(Known, context, Clock);
        foreach (var e in events)
        {
            Known = Known.Learn(new Fact(Next++, Clock, context, e)).Known;
        }

        return events[0];
    }

    public RefusedException Refuses(Actor actor, ICommand command) =>
        Should.Throw<RefusedException>(() => Do(actor, command));
}
