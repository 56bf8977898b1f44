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

    /// <summary>The habilitations of each agent, in the order in which they were learnt.</summary>
    public ImmutableDictionary<AgentId, ImmutableArray<HabilitationId>> ByAgent { get; init; } =
        ImmutableDictionary<AgentId, ImmutableArray<HabilitationId>>.Empty;

    /// <summary>The departures of each agent: they are from the partner, under whichever convention they are told.</summary>
    public ImmutableDictionary<AgentId, FactList> Departures { get; init; } =
        ImmutableDictionary<AgentId, FactList>.Empty;

    /// <summary>Every fact about it, in the order of the positions.</summary>
    public AppendOnlyList<Fact> Facts { get; init; } = AppendOnlyList<Fact>.Empty;

    /// <summary>With one more habilitation.</summary>
    public Partner With(Habilitation habilitation)
    {
        var granted = habilitation.Granted;
        return this with
        {
            ByAgent = ByAgent.SetItem(
                granted.Agent,
                ByAgent.GetValueOrDefault(granted.Agent, []).Add(granted.Event.Habilitation)
            ),
        };
    }

    /// <summary>With a change to the departures of an agent, in each of its conventions but that which it was told
    /// under.</summary>
    public Partner WithDeparture(AgentDeparted e, Func<FactList, FactList> change) =>
        Conventions
            .Values.Where(c => c.Convention.Convention != e.Convention)
            .Aggregate(
                this with
                {
                    Departures = Departures.SetItem(
                        e.Agent,
                        change(Departures.GetValueOrDefault(e.Agent, FactList.Empty))
                    ),
                },
                (partner, c) => partner.With(c.WithDeparture(e, change))
            );

    /// <summary>With a convention as it is now.</summary>
    public Partner With(Partenariat partenariat) =>
        this with
        {
            Conventions = Conventions.SetItem(partenariat.Convention.Convention, partenariat),
        };
}
