namespace Ledger.Service.Callers;

/// <summary>What a caller is to the ledger: what it may call follows from that, by <see cref="AccessTable"/>.</summary>
public enum Role
{
    /// <summary>A portal: it records use, and what the agents of the partners in its scope do there.</summary>
    Portal,

    /// <summary>A gestionnaire of a partner (art. 9.1), for that SIRET.</summary>
    Gestionnaire,

    /// <summary>An administrator of a Caf: conventions, services, the catalogue, rectifications.</summary>
    Administrateur,

    /// <summary>Somebody of a Caf who looks into accesses (art. 7), within an open case.</summary>
    Investigator,

    /// <summary>The data protection officer of a Caf.</summary>
    Dpo,

    /// <summary>Somebody who checks how a Caf and its partners keep to the convention.</summary>
    Auditor,

    /// <summary>Who verifies the log, trusting nobody.</summary>
    Verifier,

    /// <summary>Who keeps the service running.</summary>
    Operator,
}

/// <summary>The names of roles, as mapping files and tokens have them.</summary>
public static class RoleNames
{
    /// <summary>The name of a role.</summary>
    public static string Name(this Role role) => Enum.GetName(role)!.ToLowerInvariant();

    /// <summary>The role of a name, if there is one.</summary>
    public static Role? TryParse(string name) =>
        Enum.GetValues<Role>().Cast<Role?>().FirstOrDefault(role => role!.Value.Name() == name);

    /// <summary>Whether whoever has it acts for a Caf; the others act for a partner.</summary>
    public static bool ActsForCaf(this Role role) => role is not (Role.Portal or Role.Gestionnaire);
}
