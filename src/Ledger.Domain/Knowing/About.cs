using Ledger.Domain.Common;
using Ledger.Domain.Control;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;

namespace Ledger.Domain.Knowing;

/// <summary>Whom an event is about, with what is known.</summary>
internal static class About
{
    /// <summary>The partner that an event is about, if it is about one.</summary>
    public static Siret? SiretOf(KnowledgeState state, LedgerEvent @event) =>
        @event switch
        {
            ConventionSigned e => e.Siret,
            PartenariatEvent e => SiretOf(state, e.Convention),
            HabilitationGranted e => SiretOf(state, e.Convention),
            HabilitationEvent e => SiretOf(state, GrantOf(state, e.Habilitation).Granted.Convention),
            ProcedureEvent { Step.Convention: { } convention } => SiretOf(state, convention),
            ProcedureEvent e when e.Step.Details.TryGetValue(DetailNames.Siret, out var siret) => Siret.Parse(siret),
            RectificationMade e => state.FactAt(e.Of) is { } fact ? SiretOf(state, fact.Event) : null,
            ConsultationRectified e => e.Siret,
            _ => null,
        };

    /// <summary>The agent that an event is about, if it is about one.</summary>
    public static AgentId? AgentOf(KnowledgeState state, LedgerEvent @event) =>
        @event switch
        {
            IAgentEvent e => e.Agent,
            HabilitationRequested e => e.Agent,
            HabilitationGranted e => e.Agent,
            HabilitationEvent e => GrantOf(state, e.Habilitation).Granted.Agent,
            ProcedureEvent e when e.Step.Details.TryGetValue(DetailNames.Agent, out var agent) => AgentId.Parse(agent),
            RectificationMade e => state.FactAt(e.Of) is { } fact ? AgentOf(state, fact.Event) : null,
            ConsultationRectified e => e.Agent,
            _ => null,
        };

    public static Habilitation GrantOf(KnowledgeState state, HabilitationId id) =>
        state.Habilitations.TryGetValue(id, out var habilitation)
            ? habilitation
            : throw new UnknownException("habilitation", $"No habilitation '{id}' is recorded.");

    public static Partenariat PartenariatOf(KnowledgeState state, ConventionId id) =>
        state.Partners[SiretOf(state, id)].Conventions[id];

    private static Siret SiretOf(KnowledgeState state, ConventionId id) =>
        state.Conventions.TryGetValue(id, out var siret)
            ? siret
            : throw new UnknownException("convention", $"No convention '{id}' is recorded.");
}
