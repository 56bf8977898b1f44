using Ledger.Domain.Common;

namespace Ledger.Domain.Habilitations;

/// <summary>An event in the life of one access right.</summary>
/// <param name="Habilitation">The right.</param>
public abstract record HabilitationEvent(HabilitationId Habilitation) : LedgerEvent
{
    /// <summary>The stream of a habilitation.</summary>
    public static string StreamOf(HabilitationId habilitation) => $"habilitation-{habilitation}";

    /// <inheritdoc/>
    public override string Stream() => StreamOf(Habilitation);
}

/// <summary>An agent was given the use of a service in a profile: art. 9.1, 9.2.</summary>
/// <param name="Habilitation">The right.</param>
/// <param name="Convention">Under which convention.</param>
/// <param name="Agent">To whom.</param>
/// <param name="Service">Which service.</param>
/// <param name="Profil">Which profile of it.</param>
/// <param name="Purposes">For what.</param>
/// <param name="Perimeter">On which files.</param>
/// <param name="From">From the start of this day, and never before the grant itself.</param>
/// <param name="Until">To the start of this day; null without end.</param>
/// <param name="GrantedAt">When the grant was made.</param>
/// <param name="Why">The reason.</param>
/// <param name="ToOneself">Whether the grantor is the agent: accepted, and flagged.</param>
[EventName("habilitation-granted.v1")]
public sealed record HabilitationGranted(
    HabilitationId Habilitation,
    ConventionId Convention,
    AgentId Agent,
    ServiceCode Service,
    ProfilCode Profil,
    IReadOnlyList<Purpose> Purposes,
    Perimeter Perimeter,
    DateOnly From,
    DateOnly? Until,
    DateTimeOffset GrantedAt,
    string Why,
    bool ToOneself
) : HabilitationEvent(Habilitation)
{
    /// <summary>The moment at which the right begins: on its first day, and not before it is granted.</summary>
    public DateTimeOffset Begins() => LegalTime.Later(LegalTime.StartOf(From), GrantedAt);
}

/// <summary>The right does not hold for a while.</summary>
/// <param name="Habilitation">The right.</param>
/// <param name="At">From when.</param>
/// <param name="Precautionary">Whether it awaits an inquiry.</param>
/// <param name="Why">The reason.</param>
[EventName("habilitation-suspended.v1")]
public sealed record HabilitationSuspended(
    HabilitationId Habilitation,
    DateTimeOffset At,
    bool Precautionary,
    string Why
) : HabilitationEvent(Habilitation);

/// <summary>The right holds again.</summary>
/// <param name="Habilitation">The right.</param>
/// <param name="At">From when.</param>
/// <param name="Why">The reason.</param>
[EventName("suspension-lifted.v1")]
public sealed record SuspensionLifted(HabilitationId Habilitation, DateTimeOffset At, string Why)
    : HabilitationEvent(Habilitation);

/// <summary>The right ended for good.</summary>
/// <param name="Habilitation">The right.</param>
/// <param name="At">From when.</param>
/// <param name="Why">The reason.</param>
[EventName("habilitation-revoked.v1")]
public sealed record HabilitationRevoked(HabilitationId Habilitation, DateTimeOffset At, string Why)
    : HabilitationEvent(Habilitation);

/// <summary>A right was changed. What is null stays as it was.</summary>
/// <param name="Habilitation">The right.</param>
/// <param name="At">From when.</param>
/// <param name="Purposes">For what, from then on.</param>
/// <param name="Perimeter">On which files, from then on.</param>
/// <param name="Until">To the start of this day, from then on.</param>
/// <param name="Why">The reason.</param>
[EventName("habilitation-modified.v1")]
public sealed record HabilitationModified(
    HabilitationId Habilitation,
    DateTimeOffset At,
    IReadOnlyList<Purpose>? Purposes,
    Perimeter? Perimeter,
    DateOnly? Until,
    string Why
) : HabilitationEvent(Habilitation);

/// <summary>The Caf ended a right because of its misuse: art. 9.2.</summary>
/// <param name="Habilitation">The right.</param>
/// <param name="At">From when.</param>
/// <param name="Why">The reason.</param>
[EventName("habilitation-invalidated.v1")]
public sealed record HabilitationInvalidated(HabilitationId Habilitation, DateTimeOffset At, string Why)
    : HabilitationEvent(Habilitation);

/// <summary>Somebody looked whether the right is still needed: art. 9.1, 16.</summary>
/// <param name="Habilitation">The right.</param>
/// <param name="At">When.</param>
/// <param name="Outcome">What came out.</param>
[EventName("habilitation-reviewed.v1")]
public sealed record HabilitationReviewed(HabilitationId Habilitation, DateTimeOffset At, string Outcome)
    : HabilitationEvent(Habilitation);
