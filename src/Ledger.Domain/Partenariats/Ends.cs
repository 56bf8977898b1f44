using Ledger.Domain.Common;
using Ledger.Domain.Procedures;

namespace Ledger.Domain.Partenariats;

/// <summary>
/// How a convention ends: art. 17. By a notice, when it takes effect; by breaches, when the month to remedy them has
/// run out; or otherwise, as the Caf records it. None ends it before its first day.
/// </summary>
public static class Ends
{
    private static readonly Deadline Termination = TermOf("termination-notified");
    private static readonly Deadline Breach = TermOf("breach-noticed");

    /// <summary>
    /// The day on which a notice of termination takes effect: the day wished, but never less than three months after
    /// receipt (art. 17.2).
    /// </summary>
    public static DateOnly EffectOf(ProcedureStep termination) => Termination.EndOf(termination);

    /// <summary>The day that a fact ends the convention, if it does.</summary>
    /// <param name="fact">The fact.</param>
    /// <param name="terms">What happened to the convention and stands.</param>
    /// <param name="firstDay">The first day of the convention.</param>
    public static DateOnly? DayOf(Fact fact, IEnumerable<Fact> terms, DateOnly firstDay) =>
        fact.Event switch
        {
            ConventionTerminated e => LegalTime.Later(e.From, firstDay),
            TerminationNotified e => LegalTime.Later(EffectOf(e.Step), firstDay),
            BreachNoticed e when Breach.EndOf(e.Step) is var end && !IsRemedied(fact, e.Step, end, terms) =>
                LegalTime.Later(end, firstDay),
            _ => null,
        };

    // A remedy cures the notice before it, and no other.
    private static bool IsRemedied(Fact notice, ProcedureStep step, DateOnly end, IEnumerable<Fact> terms)
    {
        var all = terms.ToList();
        return all.Exists(f =>
            f.Event is BreachRemedied remedy
            && remedy.Step.Procedure == step.Procedure
            && remedy.Step.On >= step.On
            && remedy.Step.On < end
            && NoticeBefore(remedy.Step, all) == notice.Position
        );
    }

    private static long? NoticeBefore(ProcedureStep remedy, IEnumerable<Fact> terms) =>
        terms
            .Where(f => f.Event is BreachNoticed n && n.Step.Procedure == remedy.Procedure && n.Step.On <= remedy.On)
            .OrderBy(f => ((BreachNoticed)f.Event).Step.On)
            .ThenBy(f => f.Position)
            .LastOrDefault()
            ?.Position;

    private static Deadline TermOf(string step) => ProcedureTable.Of(step).Kind.Deadlines.Single(d => d.From == step);
}
