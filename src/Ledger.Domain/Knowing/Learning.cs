using System.Collections.Immutable;
using Ledger.Domain.Common;
using Ledger.Domain.Control;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using Ledger.Domain.Retention;

namespace Ledger.Domain.Knowing;

/// <summary>How a fact becomes known, and which rights it may change. Pure: nothing that is known is changed.</summary>
internal static class Learning
{
    /// <summary>Learns a fact.</summary>
    /// <exception cref="InvalidOperationException">The fact is not after what is known, or has nothing to belong
    /// to.</exception>
    public static (KnowledgeState State, Reach Reach) Apply(KnowledgeState state, Fact fact)
    {
        if (fact.Position <= state.Position)
        {
            throw new InvalidOperationException($"The fact at position {fact.Position} is not after {state.Position}.");
        }

        if (!Knowledge.Bears(fact.Event))
        {
            return (state with { Position = fact.Position }, Reach.None);
        }

        var next = Shelve(state with { Position = fact.Position, Facts = state.Facts.Add(fact) }, fact);
        next = fact.Event switch
        {
            ConventionSigned e => Begin(next, e, fact),
            AgentDeparted e => Depart(Change(next, e.Convention, p => p.With(fact)), e, facts => facts.Add(fact)),
            PartenariatEvent e => Change(next, e.Convention, p => p.With(fact)),
            HabilitationGranted e => Begin(next, e, fact),
            HabilitationEvent e => Change(next, e.Habilitation, h => h.With(fact)),
            ProcedureEvent e => Take(next, e, fact),
            CatalogueVersionPublished => Publish(next, next.Catalogues.Add(fact)),
            RectificationMade e => Rectify(next, e, fact.Position),
            ConsultationRectified e when !next.Rectified.ContainsKey(e.Of) => next with
            {
                Rectified = next.Rectified.Add(e.Of, fact.Position),
            },
            DossierEvent e => Note(next, e, facts => facts.Add(fact)),
            FileErased e => next with { FileKey = e.KeyAfter },
            _ => next,
        };
        return (next, ReachOf(next, fact.Event));
    }

    /// <summary>Which rights an event that is known may have changed.</summary>
    public static Reach ReachOf(KnowledgeState state, LedgerEvent @event) =>
        @event switch
        {
            HabilitationEvent e => Reach.Of([About.GrantOf(state, e.Habilitation)]),
            HabilitationModeChanged e => Reach.Of(InOrder(state.Under(e.Convention))),
            IAgentEvent e and PartenariatEvent p => ReachOf(state, p.Convention, e),
            HabilitationRequested e => OfRequest(state, e.Habilitation),
            HabilitationRefused e => OfRequest(state, e.Habilitation),
            ServiceContractSigned => Reach.None,
            PartenariatEvent e => Reach.OfAll(About.PartenariatOf(state, e.Convention).Common()),
            ProcedureEvent { Step.Convention: { } convention } e when Partenariat.IsNotice(e) => Reach.OfAll(
                About.PartenariatOf(state, convention).Common()
            ),
            CatalogueVersionPublished => Reach.OfAll(
                state.Partners.Values.SelectMany(p => p.Conventions.Values).SelectMany(p => p.Common())
            ),
            RectificationMade e when state.FactAt(e.Of) is { Event: IAgentEvent a and PartenariatEvent p } fact =>
                OfRectified(state, p, a.Agent, ReachOf(state, fact.Event)),
            RectificationMade e when state.FactAt(e.Of) is { } fact => ReachOf(state, fact.Event),
            _ => Reach.None,
        };

    // A fact about one agent changes no other's right: neither what the agent may, nor what the agent gave.
    private static Reach ReachOf(KnowledgeState state, ConventionId convention, IAgentEvent e) =>
        e switch
        {
            AgentAttached => Reach.Of(state.Under(convention, e.Agent)),
            AgentDeparted => Reach.Of(
                InOrder(
                    state
                        .Partners[state.Conventions[convention]]
                        .Conventions.Keys.SelectMany(c => state.Under(c, e.Agent).Concat(GivenBy(state, c, e.Agent)))
                        .DistinctBy(h => h.Granted.Position)
                )
            ),
            GestionnaireDesignated or GestionnaireRevoked => Reach.Of(InOrder(GivenBy(state, convention, e.Agent))),
            _ => Reach.None,
        };

    // A right cites every rectification of what is said of its holder and of whoever acted on it, also of what changes
    // nothing in it.
    private static Reach OfRectified(KnowledgeState state, PartenariatEvent fact, AgentId agent, Reach reach) =>
        Reach.Of(
            InOrder(
                (
                    fact is AgentDeparted
                        ? state.Partners[state.Conventions[fact.Convention]].Conventions.Keys
                        : [fact.Convention]
                )
                    .SelectMany(state.Under)
                    .Where(h => h.Granted.Agent == agent || h.WasGivenBy(agent))
                    .Concat(reach.Habilitations)
                    .DistinctBy(h => h.Granted.Position)
            )
        );

    // What an agent who never had an office gave counts for nothing before and after.
    private static IEnumerable<Habilitation> GivenBy(KnowledgeState state, ConventionId convention, AgentId agent) =>
        About.PartenariatOf(state, convention).WasDesignated(agent)
            ? state.Under(convention).Where(h => h.WasGivenBy(agent))
            : [];

    private static Reach OfRequest(KnowledgeState state, HabilitationId id) =>
        state.Habilitations.TryGetValue(id, out var granted) ? Reach.Of([granted]) : Reach.None;

    private static IEnumerable<Habilitation> InOrder(IEnumerable<Habilitation> habilitations) =>
        habilitations.OrderBy(h => h.Granted.Position);

    private static KnowledgeState Shelve(KnowledgeState state, Fact fact)
    {
        if (About.SiretOf(state, fact.Event) is { } siret)
        {
            var partner = state.Partners.GetValueOrDefault(siret, new Partner());
            return state with
            {
                Partners = state.Partners.SetItem(siret, partner with { Facts = partner.Facts.Add(fact) }),
            };
        }

        return fact.Event is DossierEvent ? state : state with { OfAll = state.OfAll.Add(fact) };
    }

    private static KnowledgeState Begin(KnowledgeState state, ConventionSigned signed, Fact fact)
    {
        if (state.Conventions.ContainsKey(signed.Convention))
        {
            throw new InvalidOperationException($"The convention '{signed.Convention}' is signed twice.");
        }

        return state with
        {
            Conventions = state.Conventions.Add(signed.Convention, signed.Siret),
            Partners = state.Partners.SetItem(
                signed.Siret,
                state
                    .Partners[signed.Siret]
                    .With(Partenariat.Begun(fact, state.Catalogue).With(state.Partners[signed.Siret].Departures))
            ),
        };
    }

    private static KnowledgeState Begin(KnowledgeState state, HabilitationGranted granted, Fact fact)
    {
        if (state.Habilitations.ContainsKey(granted.Habilitation))
        {
            throw new InvalidOperationException($"The habilitation '{granted.Habilitation}' is granted twice.");
        }

        var siret = About.PartenariatOf(state, granted.Convention).Convention.Siret;
        var habilitation = Habilitation.Begun(fact);
        return state with
        {
            Habilitations = state.Habilitations.Add(granted.Habilitation, habilitation),
            Partners = state.Partners.SetItem(siret, state.Partners[siret].With(habilitation)),
        };
    }

    private static KnowledgeState Depart(KnowledgeState state, AgentDeparted e, Func<FactList, FactList> change)
    {
        var siret = state.Conventions[e.Convention];
        return state with { Partners = state.Partners.SetItem(siret, state.Partners[siret].WithDeparture(e, change)) };
    }

    private static KnowledgeState Change(KnowledgeState state, ConventionId id, Func<Partenariat, Partenariat> change)
    {
        var partenariat = change(About.PartenariatOf(state, id));
        var siret = partenariat.Convention.Siret;
        return state with { Partners = state.Partners.SetItem(siret, state.Partners[siret].With(partenariat)) };
    }

    private static KnowledgeState Change(
        KnowledgeState state,
        HabilitationId id,
        Func<Habilitation, Habilitation> change
    ) => state with { Habilitations = state.Habilitations.SetItem(id, change(About.GrantOf(state, id))) };

    private static KnowledgeState Take(KnowledgeState state, ProcedureEvent e, Fact fact)
    {
        var id = e.Step.Procedure;
        var procedure = state.Procedures.TryGetValue(id, out var open) ? open.With(fact) : Procedure.Opened(fact);
        state = state with
        {
            Procedures = state.Procedures.SetItem(id, procedure),
            DestroyedEpochs = e is EpochKeyDestroyed ? state.DestroyedEpochs.Add(EpochOf(e)) : state.DestroyedEpochs,
        };
        return e.Step.Convention is { } convention && Partenariat.IsNotice(e)
            ? Change(state, convention, p => p.WithNotice(fact))
            : state;
    }

    private static string EpochOf(ProcedureEvent e) => e.Step.Details[ApplyRetention.Epoch];

    private static KnowledgeState Publish(KnowledgeState state, FactList catalogues)
    {
        var catalogue = KnowledgeState.CatalogueOver(catalogues, long.MaxValue);
        return state with
        {
            Catalogues = catalogues,
            Catalogue = catalogue,
            Partners = state.Partners.SetItems(
                state.Partners.Select(p =>
                    KeyValuePair.Create(
                        p.Key,
                        p.Value.Conventions.Values.Aggregate(p.Value, (partner, c) => partner.With(c.With(catalogue)))
                    )
                )
            ),
        };
    }

    private static KnowledgeState Note(KnowledgeState state, DossierEvent e, Func<FactList, FactList> change) =>
        state with
        {
            Dossiers = Change(state.Dossiers, e.Dossiers().Distinct(StringComparer.Ordinal), change),
            Moves =
                e is DossierTransferred t && t.FromCaf != t.ToCaf
                    ? Change(state.Moves, [t.FromCaf, t.ToCaf], change)
                    : state.Moves,
        };

    private static ImmutableDictionary<TKey, FactList> Change<TKey>(
        ImmutableDictionary<TKey, FactList> lists,
        IEnumerable<TKey> keys,
        Func<FactList, FactList> change
    )
        where TKey : notnull =>
        lists.SetItems(
            keys.Select(key => KeyValuePair.Create(key, change(lists.GetValueOrDefault(key, FactList.Empty))))
        );

    private static KnowledgeState Rectify(KnowledgeState state, RectificationMade e, long by)
    {
        if (state.FactAt(e.Of) is not { } fact || state.Rectified.ContainsKey(e.Of))
        {
            return state;
        }

        state = state with { Rectified = state.Rectified.Add(e.Of, by) };
        return fact.Event switch
        {
            AgentDeparted d => Depart(
                Change(state, d.Convention, c => c.Rectify(fact, by)),
                d,
                facts => facts.Rectify(fact.Position, by)
            ),
            PartenariatEvent p => Change(state, p.Convention, c => c.Rectify(fact, by)),
            HabilitationEvent h => Change(state, h.Habilitation, c => c.Rectify(e.Of, by)),
            ProcedureEvent s => Rectify(state, s, fact, by),
            DossierEvent d => Note(state, d, facts => facts.Rectify(e.Of, by)),
            CatalogueVersionPublished => Publish(state, state.Catalogues.Rectify(e.Of, by)),
            _ => state,
        };
    }

    private static KnowledgeState Rectify(KnowledgeState state, ProcedureEvent step, Fact fact, long by)
    {
        var procedure = state.Procedures[step.Step.Procedure].Rectify(fact.Position, by);
        state = state with { Procedures = state.Procedures.SetItem(step.Step.Procedure, procedure) };
        return step.Step.Convention is { } convention && Partenariat.IsNotice(step)
            ? Change(state, convention, p => p.Rectify(fact, by))
            : state;
    }
}
