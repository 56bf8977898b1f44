using Ledger.Domain.Knowing;
using Ledger.Domain.Rights;

namespace Ledger.Domain.Consultations;

/// <summary>Tells the use of what had ended from the use of what had not begun.</summary>
public static class AfterEnd
{
    private static readonly HashSet<Reason> Ends =
    [
        Reason.AgentDeparted,
        Reason.HabilitationSuspended,
        Reason.HabilitationRevoked,
        Reason.HabilitationInvalidated,
        Reason.HabilitationExpired,
        Reason.ConventionTerminated,
    ];

    private static readonly HashSet<Reason> Beginnings =
    [
        Reason.AgentNotAttached,
        Reason.HabilitationNotBegun,
        Reason.ConventionNotInForce,
    ];

    /// <summary>Whether a use was irregular because something had ended, and nothing of it was still to begin.</summary>
    /// <param name="use">The use.</param>
    /// <param name="verdict">What is thought of it.</param>
    /// <param name="known">With what is known.</param>
    public static bool Is(Use use, Verdict verdict, Knowledge known) =>
        !verdict.Reasons.Any(Beginnings.Contains)
        && (
            verdict.Reasons.Any(Ends.Contains)
            || (verdict.Reasons.Contains(Reason.ServiceNotOpen) && WasClosed(use, verdict, known))
        );

    private static bool WasClosed(Use use, Verdict verdict, Knowledge known) =>
        verdict.Habilitation is { } id
        && known.TryFind(id, out var habilitation)
        && known.Require(habilitation.Granted.Convention).Opening(habilitation.Granted.Service).At(use.At).Because
            is not null;
}
