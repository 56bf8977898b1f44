using Ledger.Domain.Control;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using Ledger.Domain.Rights;

namespace Ledger.Domain.Common;

/// <summary>How a fact becomes known, and which rights it may change.</summary>
public sealed partial class Knowledge
{
    /// <summary>Learns a fact. Facts of use are passed over.</summary>
    /// <returns>The habilitations whose right may have changed.</returns>
    /// <exception cref="InvalidOperationException">
    /// The fact is not after what is known, or has no aggregate to belong to.
    /// </exception>
    public IReadOnlyList<Habilitation> Apply(Fact fact)
    {
        if (fact.Position <= Position)
        {
            throw new InvalidOperationException($"The fact at position {fact.Position} is not after {Position}.");
        }

        Position = fact.Position;
        if (!Bears(fact.Event))
        {
            return [];
        }

        _facts.Add(fact.Position, fact);
        var affected = fact.Event switch
        {
            ConventionSigned e => Begin(e.Convention, fact),
            PartenariatEvent e => Continue(e, fact),
            HabilitationGranted e => [Begin(e, fact)],
            HabilitationEvent e => [Continue(e.Habilitation, fact)],
            ProcedureEvent e => Take(e, fact),
            CatalogueVersionPublished => Publish(fact),
            RectificationMade e => Rectify(e, fact.Position),
            DossierEvent e => Note(e, fact),
            _ => [],
        };
        foreach (var habilitation in affected)
        {
            _rights.Remove(habilitation.Granted.Event.Habilitation);
        }

        Shelve(fact);
        return affected;
    }

    private void Shelve(Fact fact)
    {
        if (SiretOf(fact.Event) is { } siret)
        {
            if (!_bySiret.TryGetValue(siret, out var facts))
            {
                _bySiret[siret] = facts = [];
            }

            facts.Add(fact);
        }
        else if (fact.Event is not DossierEvent)
        {
            _ofAll.Add(fact);
        }
    }

    private List<Habilitation> Begin(ConventionId id, Fact fact)
    {
        _partenariats.Add(id, new Partenariat([fact]));
        return _byConvention[id] = [];
    }

    // A fact about one agent or one service changes no other right: the rest of the partner's are not computed again.
    private List<Habilitation> Continue(PartenariatEvent e, Fact fact)
    {
        Require(e.Convention).Apply(fact);
        return e switch
        {
            CredentialsIssued
            or AutomatonDeclared
            or HabilitationRequested
            or HabilitationRefused
            or AgentFunctionChanged
            or ServiceContractSigned => [],
            AgentAttached or AgentDeparted =>
            [
                .. _byConvention[e.Convention].Where(h => h.Granted.Agent == AgentOf(e)),
            ],
            GestionnaireDesignated or GestionnaireRevoked =>
            [
                .. _byConvention[e.Convention].Where(h => h.Granted.Actor.Human == AgentOf(e)),
            ],
            _ => _byConvention[e.Convention],
        };
    }

    private Habilitation Begin(HabilitationGranted granted, Fact fact)
    {
        var habilitation = new Habilitation([fact]);
        var holder = (Require(granted.Convention).Convention.Siret, granted.Agent);
        _habilitations.Add(granted.Habilitation, habilitation);
        _byConvention[granted.Convention].Add(habilitation);
        if (!_byAgent.TryGetValue(holder, out var ofAgent))
        {
            _byAgent[holder] = ofAgent = [];
        }

        ofAgent.Add(habilitation);
        return habilitation;
    }

    private Habilitation Continue(HabilitationId id, Fact fact)
    {
        var habilitation = Require(id);
        habilitation.Apply(fact);
        return habilitation;
    }

    private List<Habilitation> Take(ProcedureEvent e, Fact fact)
    {
        if (TryFind(e.Step.Procedure, out var procedure))
        {
            procedure.Apply(fact);
        }
        else
        {
            _procedures.Add(e.Step.Procedure, new Procedure(fact));
        }

        if (
            e is not (TerminationNotified or BreachNoticed or BreachRemedied)
            || e.Step.Convention is not { } convention
        )
        {
            return [];
        }

        Require(convention).Notice(fact);
        return _byConvention[convention];
    }

    private IReadOnlyList<Habilitation> Publish(Fact fact)
    {
        _catalogues.Add(fact);
        Compile();
        return [.. _habilitations.Values];
    }

    private List<Habilitation> Note(DossierEvent e, Fact fact)
    {
        Dossiers.Apply(e, fact);
        return [];
    }

    private List<Habilitation> Rectify(RectificationMade e, long by)
    {
        if (FactAt(e.Of) is not { } fact || !_rectified.TryAdd(e.Of, by))
        {
            return [];
        }

        switch (fact.Event)
        {
            case PartenariatEvent p:
                Require(p.Convention).Rectify(e.Of, by);
                return _byConvention[p.Convention];
            case HabilitationEvent h:
                Require(h.Habilitation).Rectify(e.Of, by);
                return [Require(h.Habilitation)];
            case ProcedureEvent s:
                _procedures[s.Step.Procedure].Rectify(e.Of);
                if (s.Step.Convention is not { } convention)
                {
                    return [];
                }

                Require(convention).Rectify(e.Of, by);
                return _byConvention[convention];
            case DossierEvent:
                Dossiers.Rectify(e.Of, by);
                return [];
            case CatalogueVersionPublished:
                Compile();
                return [.. _habilitations.Values];
            default:
                return [];
        }
    }

    private void Compile() =>
        _catalogue = Timeline<Catalogue>.Of(
            Catalogue.Illustrative,
            _catalogues
                .Where(f => !_rectified.ContainsKey(f.Position))
                .Select(f => (f.Position, Event: (CatalogueVersionPublished)f.Event))
                .Select(c => new Step<Catalogue>(
                    LegalTime.StartOf(c.Event.From),
                    new Catalogue(c.Event.Version, c.Event.Entries),
                    c.Position
                ))
        );
}
