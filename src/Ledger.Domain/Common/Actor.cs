namespace Ledger.Domain.Common;

/// <summary>Who acts: one human, or a programme in the name of one (art. 9.2).</summary>
public enum ActorKind
{
    /// <summary>A person.</summary>
    Human,

    /// <summary>An automate, which names the human whose credentials it uses.</summary>
    Programme,
}

/// <summary>Who did it: a pseudonymous identifier and the organisation that answers for it.</summary>
/// <param name="Id">The human's or the programme's identifier.</param>
/// <param name="Caf">The Caf that the actor belongs to, or null.</param>
/// <param name="Siret">The partner that the actor belongs to, or null.</param>
/// <param name="Bearer">The human behind a programme; null for a human.</param>
public sealed record Actor(AgentId Id, CafCode? Caf, Siret? Siret, AgentId? Bearer = null)
{
    /// <summary>A human or a programme.</summary>
    public ActorKind Kind => Bearer is null ? ActorKind.Human : ActorKind.Programme;

    /// <summary>The human who answers for the act.</summary>
    public AgentId Human => Bearer ?? Id;
}

/// <summary>What every event carries beside its own content.</summary>
/// <param name="Actor">Who did it, as the caller says.</param>
/// <param name="RequestId">The caller's identifier of the request that recorded it.</param>
/// <param name="Act">The document that it rests on, by its hash or reference.</param>
/// <param name="CorrelationId">What the caller ties together.</param>
public sealed record EventContext(Actor Actor, Guid RequestId, string? Act = null, string? CorrelationId = null)
{
    /// <summary>Who did it, as the caller says.</summary>
    public Actor Actor { get; init; } = Shared<Actor>.Of(Actor);

    /// <summary>Who recorded it: the caller that the transport knows.</summary>
    public CallerId RecordedBy { get; init; } = CallerId.Local;
}
