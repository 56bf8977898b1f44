using System.Text.Json.Serialization;

namespace Ledger.Domain.Rights;

/// <summary>Why a right does not hold, or a use is irregular. The names in the log are stable.</summary>
public enum Reason
{
    /// <summary>The convention is not in force at that moment (art. 17.1).</summary>
    [JsonStringEnumMemberName("convention-not-in-force")]
    ConventionNotInForce,

    /// <summary>The convention has ended (art. 17.2).</summary>
    [JsonStringEnumMemberName("convention-terminated")]
    ConventionTerminated,

    /// <summary>The CNIL formalities of both parties are not favourably complete (art. 12, 17.1).</summary>
    [JsonStringEnumMemberName("formalities-incomplete")]
    FormalitiesIncomplete,

    /// <summary>The service is not open to the partner (art. 4, 12).</summary>
    [JsonStringEnumMemberName("service-not-open")]
    ServiceNotOpen,

    /// <summary>The profile is not in the partner's enrolment for the service (art. 3).</summary>
    [JsonStringEnumMemberName("profil-not-enrolled")]
    ProfilNotEnrolled,

    /// <summary>The catalogue in force has no such profile (art. 3).</summary>
    [JsonStringEnumMemberName("profil-not-in-catalogue")]
    ProfilNotInCatalogue,

    /// <summary>The agent is not, or not yet, attached to the partner (art. 9.2).</summary>
    [JsonStringEnumMemberName("agent-not-attached")]
    AgentNotAttached,

    /// <summary>The agent has left the partner (art. 9.2).</summary>
    [JsonStringEnumMemberName("agent-departed")]
    AgentDeparted,

    /// <summary>Whoever granted the habilitation was not entitled to at that moment (art. 9.1).</summary>
    [JsonStringEnumMemberName("grantor-not-entitled")]
    GrantorNotEntitled,

    /// <summary>The habilitation has not begun (art. 9.1).</summary>
    [JsonStringEnumMemberName("habilitation-not-begun")]
    HabilitationNotBegun,

    /// <summary>The habilitation has expired (art. 9.1).</summary>
    [JsonStringEnumMemberName("habilitation-expired")]
    HabilitationExpired,

    /// <summary>The habilitation is suspended (art. 9.1).</summary>
    [JsonStringEnumMemberName("habilitation-suspended")]
    HabilitationSuspended,

    /// <summary>The habilitation was revoked (art. 9.1).</summary>
    [JsonStringEnumMemberName("habilitation-revoked")]
    HabilitationRevoked,

    /// <summary>The Caf invalidated the habilitation (art. 9.2).</summary>
    [JsonStringEnumMemberName("habilitation-invalidated")]
    HabilitationInvalidated,

    /// <summary>The grant was rectified: it never should have been recorded.</summary>
    [JsonStringEnumMemberName("grant-rectified")]
    GrantRectified,

    /// <summary>The purpose, or every purpose of the right, is not among the missions (art. 8).</summary>
    [JsonStringEnumMemberName("purpose-outside-missions")]
    PurposeOutsideMissions,

    /// <summary>The purpose, or every purpose of the right, is not among those of the enrolment (art. 3).</summary>
    [JsonStringEnumMemberName("purpose-not-enrolled")]
    PurposeNotEnrolled,

    /// <summary>The agent has no habilitation at this partner for the service and profile (art. 9.2).</summary>
    [JsonStringEnumMemberName("no-habilitation")]
    NoHabilitation,

    /// <summary>The habilitation claimed does not exist (art. 9.2).</summary>
    [JsonStringEnumMemberName("habilitation-unknown")]
    HabilitationUnknown,

    /// <summary>The habilitation claimed is another person's: one identifier a person (art. 9.2).</summary>
    [JsonStringEnumMemberName("habilitation-of-another-agent")]
    HabilitationOfAnotherAgent,

    /// <summary>The habilitation is for another service or profile (art. 9.2).</summary>
    [JsonStringEnumMemberName("profil-not-granted")]
    ProfilNotGranted,

    /// <summary>The purpose is not among those that the habilitation allows (art. 8).</summary>
    [JsonStringEnumMemberName("purpose-not-granted")]
    PurposeNotGranted,

    /// <summary>The file is outside the habilitation's perimeter (art. 9.2).</summary>
    [JsonStringEnumMemberName("outside-perimeter")]
    OutsidePerimeter,

    /// <summary>
    /// The key of the month is destroyed: whether the right covered the file can no longer be told. Nobody is accused.
    /// </summary>
    [JsonStringEnumMemberName("file-forgotten")]
    FileForgotten,

    /// <summary>The programme is not declared for this human (art. 9.2).</summary>
    [JsonStringEnumMemberName("automaton-undeclared")]
    AutomatonUndeclared,
}
