using Ledger.Domain;
using Ledger.Domain.Common;
using Ledger.Domain.Control;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using Npgsql;

namespace Ledger.Store.ReadModels;

/// <summary>What an event is about, in words that questions look for.</summary>
internal static class Tags
{
    /// <summary>On every event that bears on rights.</summary>
    public const string Knowledge = "knowledge";

    public static string Kind(string name) => $"kind:{name}";

    public static string Of(Siret siret) => $"siret:{siret}";

    public static string Of(Siret siret, AgentId agent) => $"agent:{siret}/{agent}";

    public static string Of(ServiceCode service) => $"service:{service}";

    public static string Dossier(string pseudonym) => $"dossier:{pseudonym}";

    /// <summary>The tags of an event, with what is known once it is.</summary>
    public static IEnumerable<string> Of(LedgerEvent @event, Knowledge known)
    {
        yield return Kind(EventCodec.NameOf(@event));
        if (@event is TracesConsulted { Dossier: { } asked })
        {
            yield return Dossier(asked);
        }

        if (!Domain.Common.Knowledge.Bears(@event))
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

    /// <summary>What writes the tags of events.</summary>
    public static NpgsqlBatchCommand Insert(IEnumerable<(long Position, string Tag)> tags)
    {
        var all = tags.Distinct().ToList();
        return new("insert into ledger.event_tag (tag, position) select * from unnest($1, $2)")
        {
            Parameters = { new() { Value = all.ConvertAll(t => t.Tag).ToArray() }, new() { Value = all.ConvertAll(t => t.Position).ToArray() } },
        };
    }

    private static ServiceCode? ServiceOf(LedgerEvent @event, Knowledge known) => @event switch
    {
        EnrolmentSigned e => e.Service,
        ServiceOpened e => e.Service,
        ServiceClosed e => e.Service,
        HabilitationRequested e => e.Service,
        HabilitationEvent e => known.Require(e.Habilitation).Granted.Service,
        _ => null,
    };
}
