using Ledger.Domain.Common;
using Ledger.Domain.Knowing;

namespace Ledger.Domain.Procedures;

/// <summary>
/// The cases that an investigator's questions rest on (art. 7): a request for traces, or a control that the Caf makes
/// of its own accord. What a case is for is the text of the step that opened it.
/// </summary>
public static class Cases
{
    /// <summary>How long a case is open where no step of it says until when.</summary>
    public const int Months = 3;

    /// <summary>How long it may be, from the step that says so.</summary>
    public const int MostMonths = 12;

    private const string Field = $"details[{DetailNames.ExpiresOn}]";

    private static readonly string[] Kinds = ["trace-request", "investigation"];
    private static readonly string[] Ends = ["trace-request-delivered", "investigation-closed"];

    /// <summary>Refuses a case that a Caf's questions may not rest on at an instant.</summary>
    /// <exception cref="UnknownException">There is no such case, or it is another Caf's.</exception>
    /// <exception cref="RefusedException">It is closed, or its time is over.</exception>
    public static void RequireOpen(Knowledge known, ProcedureId id, CafCode caf, DateTimeOffset now)
    {
        if (
            !known.TryFind(id, out var procedure)
            || !Kinds.Contains(procedure.Kind.Name)
            || !procedure.Facts.Any()
            || !known.IsOf(caf, procedure.Facts.First().Event)
        )
        {
            throw new UnknownException("trace_request", $"No request for traces and no control '{id}' is recorded.");
        }

        if (Ends.Any(end => procedure.Steps(end).Any()))
        {
            throw new RefusedException("case-open", "7", $"'{id}' is closed: questions rest on an open case.");
        }

        if (LegalTime.DayOf(now) > LastDayOf(procedure))
        {
            throw new RefusedException(
                "case-open",
                "7",
                $"The time of '{id}' was over on {LastDayOf(procedure):yyyy-MM-dd}: open another."
            );
        }
    }

    /// <summary>Refuses a step that keeps a case open for too long.</summary>
    /// <exception cref="InvalidFieldException">It does.</exception>
    internal static void RequireExpiry(ProcedureStep step)
    {
        var last = InvalidFieldException.Naming(Field, () => step.Date(DetailNames.ExpiresOn));
        if (last > LegalTime.AfterMonths(step.On, MostMonths))
        {
            throw new InvalidFieldException(Field, $"A case is open for at most {MostMonths} months.");
        }
    }

    private static DateOnly LastDayOf(Procedure procedure) =>
        procedure
            .Facts.Select(f => ((ProcedureEvent)f.Event).Step)
            .LastOrDefault(s => s.Details.ContainsKey(DetailNames.ExpiresOn))
            is { } step
            ? step.Date(DetailNames.ExpiresOn)
            : LegalTime.AfterMonths(procedure.Opening.On, Months);
}
