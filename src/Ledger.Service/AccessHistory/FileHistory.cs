using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Rights;
using Ledger.Service.Mapping;
using Ledger.Store.Reading;
using Stretch = Ledger.Domain.Rights.Stretch;

namespace Ledger.Service.AccessHistory;

/// <summary>Who could and who did, over all of time, in one question.</summary>
internal sealed partial class AccessHistoryGrpcService
{
    private const int MostRights = 1000;

    public override async Task<GetFileHistoryResponse> GetFileHistory(
        GetFileHistoryRequest request,
        ServerCallContext context
    )
    {
        var cancel = context.CancellationToken;
        var siret = Read.Optional<Siret>("siret", request.Siret);
        var service = Read.Optional<ServiceCode>("service", request.Service);
        var (asked, sought) = await AskedAboutAsync(
            request,
            request.Asking,
            request.Paging,
            request.Allocataire,
            context
        );
        var known = asked.Known;
        var person = known.Then.Dossiers.PersonOf(sought.Asked, asked.At);
        var found = await node.History.EverCoveringAsync(
            person,
            asked.Caf,
            known,
            siret,
            service,
            MostRights + 1,
            cancel
        );
        var whole = found
            .Take(MostRights)
            .Select(known.Then.Require)
            .Select(h => (Habilitation: h, Segments: FileRights.Of(h, person, known.Then)))
            .ToList();
        var own = known
            .ActsAt(whole.SelectMany(r => r.Segments).SelectMany(s => s.Because).Distinct())
            .Where(fact => known.Latest.IsOf(asked.Caf, fact.Event))
            .Select(fact => fact.Position)
            .ToHashSet();
        var rights = whole.ConvertAll(r => (r.Habilitation, Segments: Told(r.Segments, own)));
        var facts = await FactsAsync(rights.SelectMany(r => r.Segments).SelectMany(s => s.Because), cancel);
        var used = await node.History.WhoDidAsync(
            sought.Pseudonyms,
            LegalTime.Earliest,
            LegalTime.Latest,
            known,
            asked.Paging,
            cancel
        );
        return new()
        {
            Rights =
            {
                rights.Select(r => Right(r.Habilitation, known.Then.SiretOf(r.Habilitation), r.Segments, facts)),
            },
            MoreRights = found.Count > MostRights,
            Consultations =
            {
                used
                    .Items.Where(c =>
                        (siret is null || c.Event.Siret == siret) && (service is null || c.Event.Service == service)
                    )
                    .Select(c => Found(asked, c)),
            },
            NextPageToken = Next(asked, used.Next),
            Basis = await BasisAsync(asked, cancel),
            Acts = { Acts(asked, rights.SelectMany(r => r.Segments).SelectMany(s => s.Because)) },
            ForgottenMonths = { Forgotten(asked, LegalTime.Earliest, LegalTime.Latest) },
        };
    }

    // What happened to her at another Caf is that Caf's to tell: neither when nor by what.
    private static List<FileSegment> Told(IReadOnlyList<FileSegment> all, HashSet<long> own)
    {
        var told = new List<FileSegment>();
        foreach (var segment in all)
        {
            var shown = segment with { Because = [.. segment.Because.Where(own.Contains)] };
            if (told is [.., var last] && FileRights.SayTheSame(last, shown))
            {
                told[^1] = last with { Until = shown.Until };
            }
            else
            {
                told.Add(shown);
            }
        }

        return told;
    }

    private async Task<Dictionary<long, Fact>> FactsAsync(IEnumerable<long> positions, CancellationToken cancel) =>
        (await node.Database.EventsAtAsync([.. positions.Distinct().Order()], cancel)).ToDictionary(
            e => e.Fact.Position,
            e => e.Fact
        );

    private static FileRight Right(
        Habilitation habilitation,
        Siret siret,
        IReadOnlyList<FileSegment> segments,
        Dictionary<long, Fact> facts
    )
    {
        var granted = habilitation.Granted;
        var bearing = segments.SelectMany(s => s.Because).Distinct().Order().Select(p => facts[p]).ToList();
        return new()
        {
            Habilitation = granted.Event.Habilitation.Value,
            Siret = siret.Value,
            Agent = granted.Event.Agent.Value,
            Service = granted.Service.Value,
            Profil = granted.Profil.Value,
            Segments =
            {
                segments.Select(s => new Caf.Ledger.V1.RightSegment
                {
                    From = Write.Bound(s.From),
                    Until = Write.Bound(s.Until),
                    Effective = s.Gave,
                    Missing = { s.Missing.Select(ReasonNames.Of) },
                    Purposes = { s.Purposes.Select(p => p.Value) },
                    Because = { s.Because },
                }),
            },
            Believed =
            {
                BelievedRights
                    .Minus(
                        BelievedRights.NoLongerKnown(bearing, granted.Event.Habilitation),
                        [.. segments.Where(IsShownOtherwise).Select(s => new Stretch(s.From, s.Until))]
                    )
                    .Select(b => new Caf.Ledger.V1.Stretch
                    {
                        From = Write.Bound(b.From),
                        Until = Write.Bound(b.Until),
                    }),
            },
        };
    }

    // A suspension is shown as what it is; a file that the right did not cover was not believed to be covered.
    private static bool IsShownOtherwise(FileSegment s) =>
        s.Gave || s.Missing is [Reason.HabilitationSuspended] || s.Missing.Contains(Reason.OutsidePerimeter);
}
