using Ledger.Domain.Common;

namespace Ledger.Domain.Partenariats;

/// <summary>Who manages the access rights: art. 9.1.</summary>
public enum HabilitationMode
{
    /// <summary>The partner's gestionnaires grant. The default.</summary>
    Delegue,

    /// <summary>The Caf grants, on the partner's request.</summary>
    Centralise,
}

/// <summary>A party to the convention.</summary>
public enum Party
{
    /// <summary>The Caf.</summary>
    Caf,

    /// <summary>The partner.</summary>
    Partenaire,
}

/// <summary>How a CNIL formality ended: art. 12.</summary>
public enum FormalityOutcome
{
    /// <summary>Done, and favourable.</summary>
    Favourable,

    /// <summary>Done, and not favourable.</summary>
    Unfavourable,

    /// <summary>The party has nothing to file for its own processing.</summary>
    NotRequired,
}

/// <summary>The rank of a gestionnaire: art. 9.1.</summary>
public enum GestionnaireRank
{
    /// <summary>The principal.</summary>
    Principal,

    /// <summary>The substitute.</summary>
    Suppleant,
}

/// <summary>An event in the life of one convention between a Caf and a partner.</summary>
/// <param name="Convention">The convention.</param>
public abstract record PartenariatEvent(ConventionId Convention) : LedgerEvent
{
    /// <summary>The stream of a convention.</summary>
    public static string StreamOf(ConventionId convention) => $"convention-{convention}";

    /// <inheritdoc/>
    public override string Stream() => StreamOf(Convention);
}

/// <summary>An event about one agent of the partner.</summary>
public interface IAgentEvent
{
    /// <summary>The agent; of a programme, its bearer.</summary>
    AgentId Agent { get; }
}

/// <summary>The convention was signed by both parties; it takes effect at the later signature (art. 17.1).</summary>
/// <param name="Convention">The convention.</param>
/// <param name="Number">The number the parties gave it.</param>
/// <param name="Caf">The Caf.</param>
/// <param name="Siret">The partner.</param>
/// <param name="SignedByCafOn">When the Caf signed.</param>
/// <param name="SignedByPartenaireOn">When the partner signed.</param>
/// <param name="Missions">The purposes that art. 8 allows.</param>
/// <param name="Mode">Who manages the access rights.</param>
[EventName("convention-signed.v1")]
public sealed record ConventionSigned(
    ConventionId Convention,
    string Number,
    CafCode Caf,
    Siret Siret,
    DateOnly SignedByCafOn,
    DateOnly SignedByPartenaireOn,
    IReadOnlyList<Purpose> Missions,
    HabilitationMode Mode
) : PartenariatEvent(Convention);

/// <summary>A party's CNIL formality came to an end: art. 12.</summary>
/// <param name="Convention">The convention.</param>
/// <param name="Party">Whose formality.</param>
/// <param name="Reference">Its reference.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="On">When.</param>
[EventName("cnil-formality-recorded.v1")]
public sealed record CnilFormalityRecorded(
    ConventionId Convention,
    Party Party,
    string Reference,
    FormalityOutcome Outcome,
    DateOnly On
) : PartenariatEvent(Convention);

/// <summary>The contrat de service was signed: art. 2, 4, 7, 9.1.</summary>
/// <param name="Convention">The convention.</param>
/// <param name="Version">The contract's version.</param>
/// <param name="On">When it was signed.</param>
/// <param name="OpeningHours">When the services are open.</param>
/// <param name="PasswordRules">The password rules, or where they are written.</param>
/// <param name="TraceRetentionMonths">How long traces are kept.</param>
/// <param name="TraceRequestProcess">How traces are asked for.</param>
[EventName("service-contract-signed.v1")]
public sealed record ServiceContractSigned(
    ConventionId Convention,
    string Version,
    DateOnly On,
    string OpeningHours,
    string PasswordRules,
    int TraceRetentionMonths,
    string TraceRequestProcess
) : PartenariatEvent(Convention);

/// <summary>
/// A bulletin d'adhésion: the profiles of one service that the partner may use, for which purposes, on which files
/// (art. 3).
/// </summary>
/// <param name="Convention">The convention.</param>
/// <param name="Service">The service.</param>
/// <param name="Profils">Its profiles.</param>
/// <param name="Purposes">Among the missions.</param>
/// <param name="Perimeter">Which files.</param>
/// <param name="On">From when.</param>
[EventName("enrolment-signed.v1")]
public sealed record EnrolmentSigned(
    ConventionId Convention,
    ServiceCode Service,
    IReadOnlyList<ProfilCode> Profils,
    IReadOnlyList<Purpose> Purposes,
    Perimeter Perimeter,
    DateOnly On
) : PartenariatEvent(Convention);

/// <summary>A service was opened to the partner.</summary>
/// <param name="Convention">The convention.</param>
/// <param name="Service">The service.</param>
/// <param name="From">From the start of this day.</param>
[EventName("service-opened.v1")]
public sealed record ServiceOpened(ConventionId Convention, ServiceCode Service, DateOnly From)
    : PartenariatEvent(Convention);

/// <summary>A service was closed to the partner.</summary>
/// <param name="Convention">The convention.</param>
/// <param name="Service">The service.</param>
/// <param name="From">From the start of this day.</param>
/// <param name="Why">The reason.</param>
[EventName("service-closed.v1")]
public sealed record ServiceClosed(ConventionId Convention, ServiceCode Service, DateOnly From, string Why)
    : PartenariatEvent(Convention);

/// <summary>The partner designated an agent to manage its access rights: art. 9.1.</summary>
/// <param name="Convention">The convention.</param>
/// <param name="Agent">The agent.</param>
/// <param name="Rank">Principal or substitute.</param>
/// <param name="From">From the start of this day.</param>
[EventName("gestionnaire-designated.v1")]
public sealed record GestionnaireDesignated(
    ConventionId Convention,
    AgentId Agent,
    GestionnaireRank Rank,
    DateOnly From
) : PartenariatEvent(Convention), IAgentEvent;

/// <summary>An agent no longer manages the partner's access rights.</summary>
/// <param name="Convention">The convention.</param>
/// <param name="Agent">The agent.</param>
/// <param name="From">From the start of this day.</param>
/// <param name="LeavesNone">Whether the partner was left without a gestionnaire: accepted, and flagged.</param>
[EventName("gestionnaire-revoked.v1")]
public sealed record GestionnaireRevoked(ConventionId Convention, AgentId Agent, DateOnly From, bool LeavesNone)
    : PartenariatEvent(Convention),
        IAgentEvent;

/// <summary>An agent works for the partner.</summary>
/// <param name="Convention">The convention.</param>
/// <param name="Agent">The agent.</param>
/// <param name="Function">What the agent does.</param>
/// <param name="From">From the start of this day.</param>
[EventName("agent-attached.v1")]
public sealed record AgentAttached(ConventionId Convention, AgentId Agent, string Function, DateOnly From)
    : PartenariatEvent(Convention),
        IAgentEvent;

/// <summary>An agent left the partner: to be signalled without delay (art. 9.2).</summary>
/// <param name="Convention">The convention.</param>
/// <param name="Agent">The agent.</param>
/// <param name="LeftOn">The first day on which the agent no longer belongs to the partner.</param>
/// <param name="SignalledOn">When the partner said so.</param>
[EventName("agent-departed.v1")]
public sealed record AgentDeparted(ConventionId Convention, AgentId Agent, DateOnly LeftOn, DateOnly SignalledOn)
    : PartenariatEvent(Convention),
        IAgentEvent
{
    /// <summary>The days between the departure and its signalling: the law wants none.</summary>
    public int DelayInDays => Math.Max(0, SignalledOn.DayNumber - LeftOn.DayNumber);
}

/// <summary>Both parties signed an avenant: art. 17.3.</summary>
/// <param name="Convention">The convention.</param>
/// <param name="Number">The avenant's number.</param>
/// <param name="SignedByCafOn">When the Caf signed.</param>
/// <param name="SignedByPartenaireOn">When the partner signed.</param>
/// <param name="From">In effect from the start of this day, not before the later signature.</param>
/// <param name="Missions">The purposes from then on; null where the avenant leaves them.</param>
/// <param name="Text">What it changes.</param>
[EventName("convention-amended.v1")]
public sealed record ConventionAmended(
    ConventionId Convention,
    string Number,
    DateOnly SignedByCafOn,
    DateOnly SignedByPartenaireOn,
    DateOnly From,
    IReadOnlyList<Purpose>? Missions,
    string Text
) : PartenariatEvent(Convention);

/// <summary>The Caf chose who manages the access rights: art. 9.1. Past grants stand.</summary>
/// <param name="Convention">The convention.</param>
/// <param name="Mode">From then on.</param>
/// <param name="From">From the start of this day.</param>
/// <param name="Why">The reason.</param>
[EventName("habilitation-mode-changed.v1")]
public sealed record HabilitationModeChanged(ConventionId Convention, HabilitationMode Mode, DateOnly From, string Why)
    : PartenariatEvent(Convention);

/// <summary>
/// The convention ended otherwise than by a notice that the ledger knows: not renewed, by agreement, by a judge (art.
/// 17).
/// </summary>
/// <param name="Convention">The convention.</param>
/// <param name="From">From the start of this day.</param>
/// <param name="Why">The reason.</param>
[EventName("convention-terminated.v1")]
public sealed record ConventionTerminated(ConventionId Convention, DateOnly From, string Why)
    : PartenariatEvent(Convention);

/// <summary>An agent does something else at the partner: to be signalled without delay (art. 9.2).</summary>
/// <param name="Convention">The convention.</param>
/// <param name="Agent">The agent.</param>
/// <param name="Function">What the agent does from then on.</param>
/// <param name="From">From the start of this day.</param>
/// <param name="SignalledOn">When the partner said so.</param>
[EventName("agent-function-changed.v1")]
public sealed record AgentFunctionChanged(
    ConventionId Convention,
    AgentId Agent,
    string Function,
    DateOnly From,
    DateOnly SignalledOn
) : PartenariatEvent(Convention), IAgentEvent
{
    /// <summary>The days between the change and its signalling: the law wants none.</summary>
    public int DelayInDays => Math.Max(0, SignalledOn.DayNumber - From.DayNumber);
}

/// <summary>
/// An identifier and a password were handed to an agent: art. 9.1. The secret itself is never recorded.
/// </summary>
/// <param name="Convention">The convention.</param>
/// <param name="Agent">The agent.</param>
/// <param name="Reference">What identifies the credentials without giving them.</param>
/// <param name="On">When.</param>
[EventName("credentials-issued.v1")]
public sealed record CredentialsIssued(ConventionId Convention, AgentId Agent, string Reference, DateOnly On)
    : PartenariatEvent(Convention),
        IAgentEvent;

/// <summary>A programme uses the credentials of a human: art. 9.2.</summary>
/// <param name="Convention">The convention.</param>
/// <param name="Programme">The programme.</param>
/// <param name="Bearer">The human.</param>
/// <param name="From">From the start of this day.</param>
[EventName("automaton-declared.v1")]
public sealed record AutomatonDeclared(ConventionId Convention, AgentId Programme, AgentId Bearer, DateOnly From)
    : PartenariatEvent(Convention),
        IAgentEvent
{
    AgentId IAgentEvent.Agent => Bearer;
}

/// <summary>In centralisé mode, the partner asks the Caf for a right: art. 9.1, 9.2.</summary>
/// <param name="Convention">The convention.</param>
/// <param name="Habilitation">The right that is asked for.</param>
/// <param name="Agent">For whom.</param>
/// <param name="Service">Which service.</param>
/// <param name="Profil">Which profile of it.</param>
/// <param name="Why">The reason.</param>
/// <param name="On">When the Caf received it.</param>
[EventName("habilitation-requested.v1")]
public sealed record HabilitationRequested(
    ConventionId Convention,
    HabilitationId Habilitation,
    AgentId Agent,
    ServiceCode Service,
    ProfilCode Profil,
    string Why,
    DateOnly On
) : PartenariatEvent(Convention);

/// <summary>The Caf refused a right that was asked for: art. 9.1.</summary>
/// <param name="Convention">The convention.</param>
/// <param name="Habilitation">The right that was asked for.</param>
/// <param name="Why">The reason.</param>
/// <param name="On">When.</param>
[EventName("habilitation-refused.v1")]
public sealed record HabilitationRefused(ConventionId Convention, HabilitationId Habilitation, string Why, DateOnly On)
    : PartenariatEvent(Convention);
