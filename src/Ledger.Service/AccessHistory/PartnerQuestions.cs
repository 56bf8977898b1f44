using Caf.Ledger.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Questions;
using Ledger.Domain.Rights;
using Ledger.Service.Mapping;
using RightSegment = Ledger.Domain.Rights.RightSegment;
using Stretch = Ledger.Domain.Rights.Stretch;

namespace Ledger.Service.AccessHistory;

/// <summary>A partner, or a service, at a moment.</summary>
internal sealed partial class AccessHistoryGrpcService
{
    public override async Task<GetPartenaireResponse> GetPartenaire(
        GetPartenaireRequest request,
        ServerCallContext context
    )
    {
        var (siret, at) = (Read.Text<Siret>("siret", request.Siret), Read.OptionalInstant("at", request.At));
        var asked = await AskedAsync(request, request.Asking, request.Paging, context);
        var moment = at ?? asked.At;
        var conventions = Overviews(asked, moment, p => p.Convention.Siret == siret, _ => true);
        var (rights, next) = States(asked, moment, RightsOf(asked.Known.Then, siret));
        return new()
        {
            Conventions = { conventions },
            Habilitations = { rights },
            NextPageToken = Next(asked, next),
            Basis = await BasisAsync(asked, context.CancellationToken),
            At = moment.ToTimestamp(),
            Acts = { Acts(asked, conventions, rights) },
        };
    }

    public override async Task<GetServiceResponse> GetService(GetServiceRequest request, ServerCallContext context)
    {
        var service = Read.Text<ServiceCode>("service", request.Service);
        var at = Read.OptionalInstant("at", request.At);
        var asked = await AskedAsync(request, request.Asking, request.Paging, context);
        var moment = at ?? asked.At;
        var conventions = Overviews(asked, moment, _ => true, of => of == service).FindAll(c => c.Services.Count > 0);
        var (rights, next) = States(
            asked,
            moment,
            asked.Known.Then.Habilitations.Where(h => h.Granted.Service == service)
        );
        return new()
        {
            Conventions = { conventions },
            Habilitations = { rights },
            NextPageToken = Next(asked, next),
            Basis = await BasisAsync(asked, context.CancellationToken),
            At = moment.ToTimestamp(),
            Acts = { Acts(asked, conventions, rights) },
        };
    }

    private static IEnumerable<Act> Acts(
        Asked asked,
        IEnumerable<ConventionState> conventions,
        IEnumerable<HabilitationState> rights
    ) => Acts(asked, conventions.SelectMany(c => c.Because).Concat(rights.SelectMany(r => r.Because)).Distinct());

    // They come once: whoever turns pages puts them together.
    private static List<ConventionState> Overviews(
        Asked asked,
        DateTimeOffset at,
        Func<Partenariat, bool> which,
        Func<ServiceCode, bool> services
    ) =>
        asked.Paging.After is not null
            ? []
            :
            [
                .. asked
                    .Known.Then.Partenariats.Where(p => p.Convention.Caf == asked.Caf)
                    .Where(which)
                    .Select(p => State(new ConventionOverview(p, at), services)),
            ];

    private static ConventionState State(ConventionOverview c, Func<ServiceCode, bool> services) =>
        new()
        {
            Convention = c.Signature.Convention.Value,
            Number = c.Signature.Number,
            Siret = c.Signature.Siret.Value,
            InForceFrom = Write.Day(c.InForceFrom),
            InForce = c.IsInForce,
            EndsOn = c.EndsOn is { } end ? Write.Day(end) : string.Empty,
            Mode = c.Mode == Domain.Partenariats.HabilitationMode.Delegue ? "delegue" : "centralise",
            Missions = { c.Missions.Select(m => m.Value) },
            Formalities = c.HasFormalities,
            Contract = c.Contract?.Version ?? string.Empty,
            Services =
            {
                c
                    .Services.Where(s => services(s.Service))
                    .Select(s => new ServiceState
                    {
                        Service = s.Service.Value,
                        Open = { s.Open.Select(Written) },
                        Profils = { s.Enrolment?.Profils.Select(p => p.Value) ?? [] },
                        Purposes = { s.Enrolment?.Purposes.Select(p => p.Value) ?? [] },
                    }),
            },
            Offices =
            {
                c.Offices.Select(o => new Caf.Ledger.V1.Office
                {
                    Agent = o.Agent.Value,
                    Rank = o.Rank == Domain.Partenariats.GestionnaireRank.Principal ? "principal" : "suppleant",
                    Held = { o.Held.Select(Written) },
                }),
            },
            Because = { c.Because },
        };

    // Sorted by whom they are of, so that a page begins after the last of the one before.
    private static (List<HabilitationState> States, string? Next) States(
        Asked asked,
        DateTimeOffset at,
        IEnumerable<Habilitation> which
    )
    {
        var known = asked.Known.Then;
        var all = which
            .Where(h => known.Require(h.Granted.Convention).Convention.Caf == asked.Caf)
            .Select(h => (Habilitation: h, Siret: known.SiretOf(h)))
            .Select(h => (Key: KeyOf(h.Siret, h.Habilitation), h.Habilitation, h.Siret))
            .Where(h => asked.Paging.After is not { } after || string.CompareOrdinal(h.Key, after) > 0)
            .OrderBy(h => h.Key, StringComparer.Ordinal)
            .Take(asked.Paging.Size + 1)
            .ToList();
        return (
            all.Take(asked.Paging.Size).Select(h => State(h.Habilitation, h.Siret, SegmentAt(h.Habilitation))).ToList(),
            all.Count > asked.Paging.Size ? all[asked.Paging.Size - 1].Key : null
        );

        RightSegment SegmentAt(Habilitation habilitation) =>
            known.RightsOf(habilitation).First(s => s.From <= at && at < s.Until);
    }

    private static IEnumerable<Habilitation> RightsOf(Knowledge known, Siret siret) =>
        known
            .FactsOf(siret)
            .Select(f => f.Event)
            .OfType<HabilitationGranted>()
            .Select(granted => known.Require(granted.Habilitation));

    private static string KeyOf(Siret siret, Habilitation habilitation) =>
        $"{siret}/{habilitation.Granted.Agent}/{habilitation.Granted.Event.Habilitation}";

    private static HabilitationState State(Habilitation habilitation, Siret siret, RightSegment segment) =>
        new()
        {
            Habilitation = habilitation.Granted.Event.Habilitation.Value,
            Siret = siret.Value,
            Agent = habilitation.Granted.Agent.Value,
            Service = habilitation.Granted.Service.Value,
            Profil = habilitation.Granted.Profil.Value,
            Effective = segment.IsEffective,
            Missing = { segment.Missing.Select(ReasonNames.Of) },
            Purposes = { segment.Purposes.Select(p => p.Value) },
            From = Write.Bound(segment.From),
            Until = Write.Bound(segment.Until),
            Because = { segment.Because },
        };

    private static Caf.Ledger.V1.Stretch Written(Stretch stretch) =>
        new() { From = Write.Bound(stretch.From), Until = Write.Bound(stretch.Until) };
}
