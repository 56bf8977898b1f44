using Caf.Ledger.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Procedures;
using Ledger.Service.Mapping;
using Ledger.Store.Reading;

namespace Ledger.Service.AccessHistory;

/// <summary>The questions about one allocataire's file.</summary>
internal sealed partial class AccessHistoryGrpcService
{
    public override async Task<WhoCouldAccessResponse> WhoCouldAccess(
        WhoCouldAccessRequest request,
        ServerCallContext context
    )
    {
        var cancel = context.CancellationToken;
        var at = Read.OptionalInstant("at", request.At);
        var service = Read.Optional<ServiceCode>("service", request.Service);
        var (asked, person) = await AskedAboutAsync(
            request,
            request.Asking,
            request.Paging,
            request.Allocataire,
            context
        );
        var moment = at ?? asked.At;
        var then = asked.Known.Then.Dossiers.PersonOf(person.Asked, moment).At(moment);
        var page = person.Identities.Any(i => then.Dossiers.Contains(i.Pseudonym))
            ? await node.History.WhoCouldAsync(person.Asked, moment, asked.Known, service, asked.Paging, cancel)
            : new Page<RightFound>([], null);
        return new()
        {
            Rights =
            {
                page.Items.Select(r => new Caf.Ledger.V1.AccessRight
                {
                    Habilitation = r.Habilitation,
                    Agent = r.Agent,
                    Siret = r.Siret,
                    Service = r.Service,
                    Profil = r.Profil,
                    Purposes = { r.Purposes },
                    From = r.From?.ToTimestamp(),
                    Until = r.Until?.ToTimestamp(),
                    Because = { r.Because },
                }),
            },
            NextPageToken = Next(asked, page.Next),
            Basis = await BasisAsync(asked, cancel),
            At = moment.ToTimestamp(),
            Acts = { Acts(asked, page.Items.SelectMany(r => r.Because)) },
        };
    }

    public override async Task<WhoDidAccessResponse> WhoDidAccess(
        WhoDidAccessRequest request,
        ServerCallContext context
    )
    {
        var period = Period(request.From, request.Until);
        var (asked, page) = await DidAsync(
            request,
            request.Asking,
            request.Paging,
            request.Allocataire,
            period,
            context
        );
        return new()
        {
            Consultations = { page.Items.Select(c => Found(asked, c)) },
            NextPageToken = Next(asked, page.Next),
            Basis = await BasisAsync(asked, context.CancellationToken),
            ForgottenMonths = { Forgotten(asked, period.From, period.Until) },
        };
    }

    public override async Task<GetDisclosuresResponse> GetDisclosures(
        GetDisclosuresRequest request,
        ServerCallContext context
    )
    {
        var period = Period(request.From, request.Until);
        var named = Read.Free("staff_decision", request.StaffDecision) is not null;
        var (asked, page) = await DidAsync(
            request,
            request.Asking,
            request.Paging,
            request.Allocataire,
            period,
            context
        );
        // What is withheld is, whatever is asked as known at.
        var standing = Withholdings.Standing(asked.Known.Latest);
        var all = page.Items.Select(c => (Found: c, Under: standing.Over(c.Event, c.Fact.Position))).ToList();
        var (told, withheld) = (all.Where(c => c.Under is null), all.Where(c => c.Under is not null));
        return new()
        {
            Disclosures = { told.Select(c => DisclosureOf(asked, c.Found, named)) },
            Withheld =
            {
                withheld.Select(c => new WithheldDisclosure
                {
                    Position = c.Found.Fact.Position,
                    Procedure = c.Under!.Id.Value,
                    Basis = c.Under.Opening.Details[Withholdings.Basis],
                }),
            },
            NextPageToken = Next(asked, page.Next),
            Basis = await BasisAsync(asked, context.CancellationToken),
            ForgottenMonths = { Forgotten(asked, period.From, period.Until) },
        };
    }

    private static Disclosure DisclosureOf(Asked asked, Store.Reading.ConsultationFound c, bool named) =>
        new()
        {
            Siret = c.Event.Siret.Value,
            OccurredAt = c.Event.OccurredAt.ToTimestamp(),
            Service = c.Event.Service.Value,
            Purpose = c.Event.Purpose.Value,
            Categories = { asked.Known.Latest.CategoriesOf(c.Event) },
            Verdict = Write.Verdict(c.AsKnownAt),
            Agent = named ? c.Event.Agent.Value : string.Empty,
            Position = c.Fact.Position,
            Rectified = c.RectifiedBy is not null,
        };

    public override async Task<ListTraceReadsResponse> ListTraceReads(
        ListTraceReadsRequest request,
        ServerCallContext context
    )
    {
        var cancel = context.CancellationToken;
        var (of, dossier) = ((CafCode?)null, (string?)null);
        if (request.Allocataire is not null)
        {
            var (caf, matricule) = Read.Allocataire("allocataire", request.Allocataire);
            (of, dossier) = (caf, node.Pseudonyms.Dossier(caf, matricule));
        }

        var asked = await AskedAsync(request, request.Asking, request.Paging, context, of, dossier);
        var page = await node.History.TraceReadsAsync(asked.Caf, dossier, null, asked.Known.At, asked.Paging, cancel);
        return new()
        {
            Reads = { page.Items.Select(TraceRead) },
            NextPageToken = Next(asked, page.Next),
            Basis = await BasisAsync(asked, cancel),
        };
    }

    private static TraceRead TraceRead(StoredEvent read)
    {
        var question = (Domain.Control.TracesConsulted)read.Fact.Event;
        return new()
        {
            Position = read.Fact.Position,
            RecordedAt = read.Fact.RecordedAt.ToTimestamp(),
            Actor = Write.Actor(read.Fact.Context.Actor),
            Question = question.Question,
            Of = question.Of,
            TraceRequest = question.TraceRequest?.Value ?? string.Empty,
        };
    }

    // The consultations of a person's file, in a period.
    private async Task<(Asked Asked, Page<Store.Reading.ConsultationFound> Page)> DidAsync(
        IMessage request,
        Asking? asking,
        Caf.Ledger.V1.Paging? paging,
        Allocataire? allocataire,
        (DateTimeOffset From, DateTimeOffset Until) period,
        ServerCallContext context
    )
    {
        var (asked, person) = await AskedAboutAsync(request, asking, paging, allocataire, context);
        var page = await node.History.WhoDidAsync(
            person.Pseudonyms,
            period.From,
            period.Until,
            asked.Known,
            asked.Paging,
            context.CancellationToken
        );
        return (asked, page);
    }

    private async Task<(Asked Asked, PersonSought Person)> AskedAboutAsync(
        IMessage request,
        Asking? asking,
        Caf.Ledger.V1.Paging? paging,
        Allocataire? allocataire,
        ServerCallContext context
    )
    {
        var (caf, matricule) = Read.Allocataire("allocataire", allocataire);

        // By the keys of now: another node may have erased the file.
        await node.History.SnapshotAsync(null, context.CancellationToken);
        var file = new DossierIdentity(node.Pseudonyms.Dossier(caf, matricule), caf);
        var asked = (await AskedAsync(request, asking, paging, context, caf, file.Pseudonym)) with
        {
            FileErased = node.Pseudonyms.WasErased(caf, matricule),
        };
        return (asked, await node.History.PersonAsync(asked.Caf, file, asked.Known, context.CancellationToken));
    }

    private static (DateTimeOffset From, DateTimeOffset Until) Period(Timestamp? from, Timestamp? until) =>
        (Read.Instant("from", from, LegalTime.Earliest), Read.Instant("until", until, LegalTime.Latest));
}
