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

    /// <summary>The cases of a Caf, in the order in which they were opened.</summary>
    public static IEnumerable<TraceCase> Of(Knowledge known, CafCode caf, DateTimeOffset now) =>
        known
            .Procedures.Where(p => Kinds.Contains(p.Kind.Name) && IsOpened(p))
            .Where(p => known.IsOf(caf, p.Facts.First().Event))
            .Select(p => Read(p, now));

    /// <summary>One case of a Caf.</summary>
    /// <exception cref="UnknownException">There is no such case, or it is another Caf's.</exception>
    public static TraceCase Of(Knowledge known, ProcedureId id, CafCode caf, DateTimeOffset now) =>
        Read(Require(known, id, caf), now);

    /// <summary>Refuses a case that a Caf's questions may not rest on at an instant.</summary>
    /// <exception cref="UnknownException">There is no such case, or it is another Caf's.</exception>
    /// <exception cref="RefusedException">It is closed, or its time is over.</exception>
    public static void RequireOpen(Knowledge known, ProcedureId id, CafCode caf, DateTimeOffset now)
    {
        var found = Of(known, id, caf, now);
        if (found.Status == CaseStatus.Closed)
        {
            throw new RefusedException("case-open", "7", $"'{id}' is closed: questions rest on an open case.");
        }

        if (found.Status == CaseStatus.Expired)
        {
            throw new RefusedException(
                "case-open",
                "7",
                $"The time of '{id}' was over on {found.LastDay:yyyy-MM-dd}: open another."
            );
        }
    }

    private static Procedure Require(Knowledge known, ProcedureId id, CafCode caf) =>
        known.TryFind(id, out var procedure)
        && Kinds.Contains(procedure.Kind.Name)
        && IsOpened(procedure)
        && known.IsOf(caf, procedure.Facts.First().Event)
            ? procedure
            : throw new UnknownException("trace_request", $"No request for traces and no control '{id}' is recorded.");

    // One whose opening was rectified was never opened, whatever else was recorded in it.
    private static bool IsOpened(Procedure procedure) => procedure.Steps(procedure.Kind.Steps[0].Name).Any();

    private static TraceCase Read(Procedure procedure, DateTimeOffset now)
    {
        var last = LastDayOf(procedure);
        var status =
            Ends.Any(end => procedure.Steps(end).Any()) ? CaseStatus.Closed
            : LegalTime.DayOf(now) > last ? CaseStatus.Expired
            : CaseStatus.Open;
        return new TraceCase(procedure, status, last);
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

    // Opened again after the first opening was rectified, it is as it was opened last.
    internal static ProcedureStep OpeningOf(Procedure procedure) =>
        procedure.Steps(procedure.Kind.Steps[0].Name).Last().Step;

    private static DateOnly LastDayOf(Procedure procedure) =>
        procedure
            .Facts.Select(f => ((ProcedureEvent)f.Event).Step)
            .LastOrDefault(s => s.Details.ContainsKey(DetailNames.ExpiresOn))
            is { } step
            ? step.Date(DetailNames.ExpiresOn)
            : LegalTime.AfterMonths(OpeningOf(procedure).On, Months);
}

/// <summary>How a case stands.</summary>
public enum CaseStatus
{
    /// <summary>Questions rest on it.</summary>
    Open,

    /// <summary>Its time is over; nobody closed it.</summary>
    Expired,

    /// <summary>It was closed, or what was asked for was delivered.</summary>
    Closed,
}

/// <summary>A case.</summary>
/// <param name="Procedure">Its steps.</param>
/// <param name="Status">How it stands.</param>
/// <param name="LastDay">The last day on which questions rest on it, unless it is closed before.</param>
public sealed record TraceCase(Procedure Procedure, CaseStatus Status, DateOnly LastDay)
{
    /// <summary>The step that opened it, and stands.</summary>
    public ProcedureStep Opening => Cases.OpeningOf(Procedure);

    /// <summary>Whether the Caf has still to decide it, or to deliver what was asked for.</summary>
    public bool Waits => Status != CaseStatus.Closed && Procedure.Kind.Name == "trace-request";

    /// <summary>The steps that the Caf may take now.</summary>
    public IEnumerable<string> NextSteps =>
        Status == CaseStatus.Closed
            ? []
            : Procedure
                .Kind.Steps.Where(s => s.After is { } after && Procedure.Steps(after).Any())
                .Where(s => s.Again || !Procedure.Steps(s.Name).Any())
                .Select(s => s.Name);
}
