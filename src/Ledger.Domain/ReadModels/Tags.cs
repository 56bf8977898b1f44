using Ledger.Domain.Anomalies;
using Ledger.Domain.Common;
using Ledger.Domain.Control;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using Ledger.Domain.Pseudonyms;

namespace Ledger.Domain.ReadModels;

/// <summary>
/// What an event is about, in words that questions look for. Facts of use have no tags: they have rows of their own.
/// </summary>
public static class Tags
{
    /// <summary>On every event that bears on rights.</summary>
    public const string Knowledge = "knowledge";

    /// <summary>Events of a type, named as on the wire.</summary>
    public static string Kind(string name) => $"kind:{name}";

    /// <summary>Events about a partner.</summary>
    public static string Of(Siret siret) => $"siret:{siret}";

    /// <summary>Events about an agent of a partner.</summary>
    public static string Of(Siret siret, AgentId agent) => $"agent:{siret}/{agent}";

    /// <summary>Events about a service.</summary>
    public static string Of(ServiceCode service) => $"service:{service}";

    /// <summary>Events about a file, by its long-lived pseudonym.</summary>
    public static string Dossier(string pseudonym) => $"dossier:{pseudonym}";

    /// <summary>Events about uses of a file, by its pseudonym of a month.</summary>
    public static string File(Pseudonym file) => $"file:{file.Epoch}/{file.Value}";

    /// <summary>Questions that rest on a case.</summary>
    public static string Case(ProcedureId id) => $"case:{id}";

    /// <summary>The tags of an event, with what is known once it is.</summary>
    public static IEnumerable<string> Of(LedgerEvent @event, Knowledge known)
    {
        yield return Kind(EventCodec.NameOf(@event));
        if (@event is TracesConsulted { Dossier: { } asked })
        {
            yield return Dossier(asked);
        }

        if (@event is TracesConsulted { TraceRequest: { } request })
        {
            yield return Case(request);
        }

        if (@event is ConsultationRectified rectified)
        {
            yield return File(rectified.Allocataire);
        }

        if (@event is AnomalyDetected alert)
        {
            yield return Of(alert.Siret);
            if (alert.Agent is { } accused)
            {
                yield return Of(alert.Siret, accused);
            }
        }

        if (!Knowing.Knowledge.Bears(@event))
        {
            yield break;
        }

        yield return Knowledge;
        if (known.SiretOf(@event) is { } siret)
        {
            yield return Of(siret);
            if (known.AgentOf(@event) is { } agent)
            {
                yield return Of(siret, agent);
            }
        }

        if (ServiceOf(@event, known) is { } service)
        {
            yield return Of(service);
        }

        if (@event is ProcedureEvent e)
        {
            yield return $"procedure:{e.Step.Procedure}";
        }

        foreach (var dossier in (@event as DossierEvent)?.Dossiers() ?? [])
        {
            yield return Dossier(dossier);
        }
    }

    private static ServiceCode? ServiceOf(LedgerEvent @event, Knowledge known) =>
        @event switch
        {
            EnrolmentSigned e => e.Service,
            ServiceOpened e => e.Service,
            ServiceClosed e => e.Service,
            HabilitationRequested e => e.Service,
            HabilitationEvent e => known.Require(e.Habilitation).Granted.Service,
            _ => null,
        };
}
