using System.Collections.Immutable;
using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;

namespace Ledger.Domain.Knowing;

/// <summary>
/// What is known of one partner: its conventions, its agents' habilitations, and the facts that say so.
/// </summary>
internal sealed record Partner
{
    /// <summary>Its conventions.</summary>
    public ImmutableDictionary<ConventionId, Partenariat> Conventions { get; init; } =
        ImmutableDictionary<ConventionId, Partenariat>.Empty;

    /// <summary>Its agents' habilitations.</summary>
    public ImmutableDictionary<HabilitationId, Habilitation> Habilitations { get; init; } =
        ImmutableDictionary<HabilitationId, Habilitation>.Empty;

    /// <summary>The habilitations of an agent, in the order in which they were learnt.</summary>
    public ImmutableDictionary<AgentId, ImmutableArray<HabilitationId>> ByAgent { get; init; } =
        ImmutableDictionary<AgentId, ImmutableArray<HabilitationId>>.Empty;

    /// <summary>Every fact about it, in the order of the positions.</summary>
    public ImmutableList<Fact> Facts { get; init; } = [];

    /// <summary>With one more habilitation.</summary>
    public Partner With(Habilitation habilitation)
    {
        var granted = habilitation.Granted;
        return this with
        {
            Habilitations = Habilitations.Add(granted.Event.Habilitation, habilitation),
            ByAgent = ByAgent.SetItem(
                granted.Agent,
                ByAgent.GetValueOrDefault(granted.Agent, []).Add(granted.Event.Habilitation)
            ),
        };
    }

    /// <summary>With a convention as it is now.</summary>
    public Partner With(Partenariat partenariat) =>
        this with
        {
            Conventions = Conventions.SetItem(partenariat.Convention.Convention, partenariat),
        };
}
