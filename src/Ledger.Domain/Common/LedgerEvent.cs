using Ledger.Domain.Knowing;

namespace Ledger.Domain.Common;

/// <summary>
/// Something that happened. Its name on the wire and in the log is explicit and versioned, never the CLR name.
/// </summary>
public abstract record LedgerEvent
{
    /// <summary>The opaque stream that it belongs to.</summary>
    public abstract string Stream();
}

/// <summary>
/// An event of a journal: appended at its end, whatever else was. A journal is that of a Caf and a day in Paris, and is
/// written in pages: streams named after it and the position at which each begins.
/// </summary>
public abstract record JournalEvent : LedgerEvent
{
    /// <summary>Whether rights or other answers follow from it, so that whoever decides must know it.</summary>
    public virtual bool IsKnowledge => false;

    /// <summary>The journal of a Caf and a day.</summary>
    protected static string Journal(string kind, string of, DateTimeOffset at) =>
        $"{kind}-{of}-{LegalTime.DayOf(at):yyyy-MM-dd}";
}

/// <summary>The event's name in the log, such as <c>habilitation-granted.v1</c>.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class EventNameAttribute(string name) : Attribute
{
    /// <summary>The name.</summary>
    public string Name { get; } = name;
}

/// <summary>An event as the ledger learnt it.</summary>
/// <param name="Position">Where it stands in the log: its known time.</param>
/// <param name="RecordedAt">When the ledger learnt it.</param>
/// <param name="Context">Who did it, on which request.</param>
/// <param name="Event">What happened.</param>
public sealed record Fact(long Position, DateTimeOffset RecordedAt, EventContext Context, LedgerEvent Event);

/// <summary>Something that a caller wants done. Deciding is pure: the same knowledge gives the same events.</summary>
public interface ICommand
{
    /// <summary>
    /// Whether its events bear on rights, or are facts of use, which the next decision need not know.
    /// </summary>
    bool ChangesKnowledge => true;

    /// <summary>The events that follow from the command.</summary>
    /// <param name="known">What the ledger knows.</param>
    /// <param name="context">Who asks.</param>
    /// <param name="now">The ledger's clock.</param>
    /// <exception cref="RefusedException">A rule forbids it.</exception>
    /// <exception cref="UnknownException">It speaks of something that does not exist.</exception>
    /// <exception cref="InvalidFieldException">A value breaks the rule of its field.</exception>
    IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now);
}
