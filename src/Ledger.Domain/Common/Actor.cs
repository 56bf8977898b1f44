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
/// <param name="Kind">A human or a programme.</param>
/// <param name="Caf">The Caf that the actor belongs to, or null.</param>
/// <param name="Siret">The partner that the actor belongs to, or null.</param>
/// <param name="Bearer">The human behind a programme.</param>
public sealed record Actor(AgentId Id, ActorKind Kind, CafCode? Caf, Siret? Siret, AgentId? Bearer = null)
{
    /// <summary>The human who answers for the act.</summary>
    public AgentId Human => Bearer ?? Id;

    /// <summary>Checks that the actor has one organisation, and a bearer if and only if it is a programme.</summary>
    /// <exception cref="FormatException">It has not.</exception>
    public Actor Checked()
    {
        if (Caf is null == Siret is null)
        {
            throw new FormatException("An actor belongs to one organisation: a Caf or a partner.");
        }

        return Kind == ActorKind.Programme == Bearer is not null
            ? this
            : throw new FormatException("A programme names its bearer, and only a programme does (art. 9.2).");
    }
}

/// <summary>What every event carries beside its own content.</summary>
/// <param name="Actor">Who did it.</param>
/// <param name="RequestId">The caller's identifier of the request that recorded it.</param>
/// <param name="Act">The document that it rests on, by its hash or reference.</param>
/// <param name="CorrelationId">What the caller ties together.</param>
public sealed record EventContext(Actor Actor, Guid RequestId, string? Act = null, string? CorrelationId = null)
{
    /// <summary>Who did it.</summary>
    public Actor Actor { get; init; } = Shared<Actor>.Of(Actor);
}
