using Ledger.Domain.Common;
using Ledger.Domain.Knowing;

namespace Ledger.Domain.Procedures;

/// <summary>A term that runs or ran.</summary>
/// <param name="Procedure">In which procedure.</param>
/// <param name="Rule">The row of the table.</param>
/// <param name="Since">From which day.</param>
/// <param name="Ends">The day on which it has run out.</param>
/// <param name="Met">The day of the step that met it, if one did.</param>
/// <param name="Because">The positions of the steps.</param>
public sealed record Clock(
    ProcedureId Procedure,
    Deadline Rule,
    DateOnly Since,
    DateOnly Ends,
    DateOnly? Met,
    IReadOnlyList<long> Because
)
{
    /// <summary>Whether something is still to be done.</summary>
    public bool IsOpen => Rule.Until is not null && Met is null;

    /// <summary>The days by which it was missed at a day, 0 when it was not.</summary>
    public int DaysLate(DateOnly today) =>
        Rule.Until is null ? 0 : Math.Max(0, (Met ?? today).DayNumber - Ends.DayNumber);
}

/// <summary>One procedure, as it follows from what is known. Immutable: a step gives another.</summary>
public sealed class Procedure
{
    private readonly FactList _facts;
    private readonly long _known;

    private Procedure(ProcedureKind kind, FactList facts, long known) => (Kind, _facts, _known) = (kind, facts, known);

    /// <summary>What kind it is.</summary>
    public ProcedureKind Kind { get; }

    /// <summary>Which procedure.</summary>
    public ProcedureId Id => Opening.Procedure;

    /// <summary>The step that opened it.</summary>
    public ProcedureStep Opening => ((ProcedureEvent)First.Event).Step;

    /// <summary>Who opened it.</summary>
    public Actor OpenedBy => First.Context.Actor;

    /// <summary>The position of the step that opened it.</summary>
    public long OpenedAt => First.Position;

    /// <summary>The number of events in its stream.</summary>
    public long Version => _facts.Count;

    /// <summary>The steps that stand, in the order in which they were learnt.</summary>
    public IEnumerable<Fact> Facts => _facts.Standing(_known);

    private Fact First => _facts.UpTo(long.MaxValue).First();

    /// <summary>A procedure begins with its first step.</summary>
    public static Procedure Opened(Fact first) =>
        new(
            ProcedureTable.Of(ProcedureTable.NameOf((ProcedureEvent)first.Event)).Kind,
            FactList.Empty.Add(first),
            long.MaxValue
        );

    /// <summary>The steps of one name.</summary>
    public IEnumerable<(Fact Fact, ProcedureStep Step)> Steps(string name) =>
        Facts
            .Where(f => ProcedureTable.NameOf((ProcedureEvent)f.Event) == name)
            .Select(f => (f, ((ProcedureEvent)f.Event).Step));

    /// <summary>The terms that its steps started until a day, as the steps until then say.</summary>
    public IEnumerable<Clock> Clocks(DateOnly asOf)
    {
        foreach (var rule in Kind.Deadlines)
        {
            foreach (var (fact, step) in Steps(rule.From).Where(s => s.Step.On <= asOf))
            {
                var met = rule.Until is { } until
                    ? Steps(until).FirstOrDefault(s => s.Step.On >= step.On && s.Step.On <= asOf)
                    : default;
                yield return new Clock(
                    Id,
                    rule,
                    rule.SinceOf(step),
                    rule.EndOf(step),
                    met.Step?.On,
                    met.Fact is { } by ? [fact.Position, by.Position] : [fact.Position]
                );
            }
        }
    }

    internal Procedure With(Fact fact) => new(Kind, _facts.Add(fact), _known);

    internal Procedure Rectify(long position, long by) => new(Kind, _facts.Rectify(position, by), _known);

    internal Procedure AsKnownAt(long position) => new(Kind, _facts, position);
}
