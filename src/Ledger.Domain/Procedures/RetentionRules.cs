using System.Globalization;
using Ledger.Domain.Common;
using Ledger.Domain.Knowing;

namespace Ledger.Domain.Procedures;

/// <summary>
/// What may be done away with at its lawful end: months that are over, within what the retention says, while nothing is
/// on hold. It cannot be taken back, so it is checked before it is recorded.
/// </summary>
internal static class RetentionRules
{
    /// <summary>The step that says until which day.</summary>
    public const string Applied = "retention-applied";

    /// <summary>The step that says that a month's key was destroyed.</summary>
    public const string Destroyed = "epoch-key-destroyed";

    /// <summary>The month: <c>yyyy-MM</c>.</summary>
    public const string Epoch = "epoch";

    /// <summary>The last day that is done away with.</summary>
    public const string Until = "until";

    /// <summary>Checks a step of a retention.</summary>
    /// <exception cref="InvalidFieldException">A detail breaks its rule.</exception>
    /// <exception cref="RefusedException">Something is on hold.</exception>
    public static void Require(string step, ProcedureStep said, Procedure? procedure, Knowledge known)
    {
        if (known.Procedures.FirstOrDefault(IsHold) is { } hold)
        {
            throw new RefusedException(
                "legal-hold-stands",
                "7",
                $"Nothing is done away with while the legal hold '{hold.Id}' stands."
            );
        }

        if (step == Applied)
        {
            RequireUntil(said);
        }
        else
        {
            RequireMonth(said, procedure!);
        }
    }

    private static bool IsHold(Procedure procedure) =>
        procedure.Kind.Name == "legal-hold" && !procedure.Steps("legal-hold-lifted").Any();

    private static void RequireUntil(ProcedureStep said)
    {
        if (!TryDay(said.Details[Until], out var until) || until >= said.On)
        {
            throw new InvalidFieldException(
                $"details[{Until}]",
                "It is a day, yyyy-MM-dd, before that of the retention."
            );
        }
    }

    private static void RequireMonth(ProcedureStep said, Procedure procedure)
    {
        if (!TryDay($"{said.Details[Epoch]}-01", out var first))
        {
            throw new InvalidFieldException($"details[{Epoch}]", "It is a month, yyyy-MM.");
        }

        var until = procedure.Steps(Applied).Select(s => s.Step.Date(Until)).Max();
        if (first.AddMonths(1).AddDays(-1) > until)
        {
            throw new InvalidFieldException(
                $"details[{Epoch}]",
                $"The month is over by the day until which the retention was applied, {until:yyyy-MM-dd}."
            );
        }
    }

    private static bool TryDay(string text, out DateOnly day) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day)
        && day >= LegalTime.FirstDay;
}
