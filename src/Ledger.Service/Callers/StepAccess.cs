using Ledger.Domain.Procedures;

namespace Ledger.Service.Callers;

/// <summary>
/// Which steps of procedures a role takes. Whose turn it is, of the Caf or of the partner, is the procedure's own rule.
/// </summary>
internal static class StepAccess
{
    // Whoever looks into accesses opens cases, answers people, and withholds; the rest is the administrator's.
    private static readonly string[] OnAccess = ["trace-request", "investigation", "subject-access", "withholding"];

    /// <summary>Refuses a step to a caller none of whose roles takes it.</summary>
    /// <exception cref="NotAllowedException">None does.</exception>
    public static void Require(Caller caller, string step)
    {
        var kind = ProcedureTable.Of(step).Kind.Name;
        if (!caller.IsLocal && !caller.Roles.Any(role => Takes(role, kind)))
        {
            throw new NotAllowedException("step-of-the-role", $"No role of the caller's takes steps of a {kind}.");
        }
    }

    private static bool Takes(Role role, string kind) =>
        role switch
        {
            Role.Administrateur => true,
            Role.Portal or Role.Gestionnaire => kind is not ("legal-hold" or "withholding"),
            Role.Dpo => OnAccess.Contains(kind) || kind is "legal-hold" or "incident",
            Role.Investigator => OnAccess.Contains(kind),
            _ => false,
        };
}
