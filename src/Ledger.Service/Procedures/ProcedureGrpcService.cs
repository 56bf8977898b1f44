using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Domain.Anomalies;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Control;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Procedures;
using Ledger.Domain.Retention;
using Ledger.Service.Callers;
using Ledger.Service.Hosting;
using Ledger.Service.Mapping;
using Ledger.Store.Reading;
using Entry = Ledger.Domain.Common.CatalogueEntry;
using Party = Ledger.Domain.Partenariats.Party;
using Wire = Caf.Ledger.V1;

namespace Ledger.Service.Procedures;

/// <summary>Maps procedures, facts about files, rectifications and the catalogue to commands.</summary>
internal sealed class ProcedureGrpcService(LedgerNode node) : ProcedureService.ProcedureServiceBase
{
    private const int MostDetails = 20;
    private const int MostEntries = 500;
    private const int MostAbout = 50;

    public override async Task<TakeStepResponse> TakeStep(TakeStepRequest r, ServerCallContext call)
    {
        var last = await node.History.LastPositionAsync(call.CancellationToken);
        if (r.About.Count > MostAbout || r.About.Any(position => position < 0 || position > last))
        {
            throw new InvalidFieldException(
                "about",
                $"At most {MostAbout} positions are named, and something is recorded at each."
            );
        }

        StepAccess.Require(call.Caller(), r.Step);
        return new()
        {
            Acknowledgement = Write.Acknowledgement(
                await node.DecideAsync(
                    r,
                    r.Context,
                    call,
                    () =>
                        new TakeStep(
                            r.Step,
                            new ProcedureStep(
                                Read.Text<ProcedureId>("procedure", r.Procedure),
                                Read.Optional<ConventionId>("convention", r.Convention),
                                Read.Enum<Wire.Party, Party>("by", r.By),
                                Read.Day("on", r.On),
                                Read.Required("text", r.Text),
                                Details(r),
                                [.. r.About.Distinct().Order()]
                            )
                        )
                )
            ),
        };
    }

    public override Task<ListProcedureKindsResponse> ListProcedureKinds(
        ListProcedureKindsRequest request,
        ServerCallContext context
    ) =>
        Task.FromResult(
            new ListProcedureKindsResponse
            {
                Kinds =
                {
                    ProcedureTable.Kinds.Select(k => new Wire.ProcedureKind
                    {
                        Name = k.Name,
                        Article = k.Article,
                        NeedsConvention = k.NeedsConvention,
                        Steps =
                        {
                            k.Steps.Select(s => new ProcedureStepRule
                            {
                                Name = s.Name,
                                By = s.By is { } by ? (Wire.Party)(by + 1) : Wire.Party.Unspecified,
                                After = s.After ?? string.Empty,
                                Details = { s.Details },
                                Again = s.Again,
                            }),
                        },
                        Deadlines =
                        {
                            k.Deadlines.Select(d => new ProcedureDeadline
                            {
                                From = d.From,
                                Until = d.Until ?? string.Empty,
                                Months = d.Months,
                                Days = d.Days,
                                Article = d.Article,
                            }),
                        },
                    }),
                },
            }
        );

    public override async Task<AttachDossierResponse> AttachDossier(AttachDossierRequest r, ServerCallContext call)
    {
        var (caf, matricule) = Read.Allocataire("allocataire", r.Allocataire);
        return new()
        {
            Acknowledgement = Write.Acknowledgement(
                await node.DecideAsync(
                    r,
                    r.Context,
                    call,
                    () =>
                        new RecordDossier(
                            new DossierAttached(
                                node.Pseudonyms.Dossier(caf, matricule),
                                caf,
                                Read.Text<CommuneCode>("commune", r.Commune),
                                Read.Day("from", r.From)
                            )
                        )
                )
            ),
        };
    }

    public override async Task<TransferDossierResponse> TransferDossier(
        TransferDossierRequest r,
        ServerCallContext call
    )
    {
        var (from, to) = (Read.Allocataire("from", r.From), Read.Allocataire("to", r.To));
        var transfer = new DossierTransferred(
            node.Pseudonyms.Dossier(from.Caf, from.Matricule),
            from.Caf,
            node.Pseudonyms.Dossier(to.Caf, to.Matricule),
            to.Caf,
            Read.Day("on", r.On)
        );
        return new()
        {
            Acknowledgement = Write.Acknowledgement(
                await node.DecideAsync(r, r.Context, call, () => new RecordDossier(transfer))
            ),
        };
    }

    public override async Task<RectifyEventResponse> RectifyEvent(RectifyEventRequest r, ServerCallContext call)
    {
        // Facts of use are not known by heart: the consultation is read.
        var found = await node.Database.EventsAtAsync([r.Of], call.CancellationToken);
        var consultation = found.Select(e => e.Fact).FirstOrDefault(f => f.Event is ConsultationRecorded);
        return new()
        {
            Acknowledgement = Write.Acknowledgement(
                await node.DecideAsync(
                    r,
                    r.Context,
                    call,
                    () =>
                    {
                        var why = Read.Required("reason", r.Reason);
                        return consultation is null
                            ? new Rectify(r.Of, why)
                            : new RectifyConsultation(consultation, why);
                    }
                )
            ),
        };
    }

    public override async Task<PublishCatalogueResponse> PublishCatalogue(
        PublishCatalogueRequest r,
        ServerCallContext call
    )
    {
        call.Caller().RequireEveryCaf();
        return new()
        {
            Acknowledgement = Write.Acknowledgement(
                await node.DecideAsync(
                    r,
                    r.Context,
                    call,
                    () =>
                        new PublishCatalogue(
                            new CatalogueVersionPublished(
                                Read.Required("version", r.Version),
                                Read.Day("from", r.From),
                                r.Entries.Count <= MostEntries
                                    ?
                                    [
                                        .. r.Entries.Select(
                                            (e, i) =>
                                                new Entry(
                                                    Read.Text<ServiceCode>($"entries[{i}].service", e.Service),
                                                    Read.Text<ProfilCode>($"entries[{i}].profil", e.Profil),
                                                    Read.Some(
                                                        $"entries[{i}].categories",
                                                        [
                                                            .. e.Categories.Select(
                                                                (c, j) =>
                                                                    Read.Required($"entries[{i}].categories[{j}]", c)
                                                            ),
                                                        ]
                                                    )
                                                )
                                        ),
                                    ]
                                    : throw new InvalidFieldException("entries", $"At most {MostEntries} are named.")
                            )
                        )
                )
            ),
        };
    }

    public override async Task<QualifyAlertResponse> QualifyAlert(QualifyAlertRequest r, ServerCallContext call)
    {
        var id = Read.Text<AlertId>("alert", r.Alert);
        var (outcome, why) = (Read.Opaque("outcome", r.Outcome), Read.Required("reason", r.Reason));
        if (outcome is null)
        {
            throw new InvalidFieldException("outcome", "It is required.");
        }

        // An alert that is recorded stays recorded: it need not be looked up under the head's lock.
        var found =
            await node.History.AlertAsync(id, long.MaxValue, call.CancellationToken)
            ?? throw new UnknownException("alert", $"No alert '{id}' is recorded.");
        var command = new QualifyAlert(id, CafCode.Parse(found.Alert.Caf), outcome, why);
        return new()
        {
            Acknowledgement = Write.Acknowledgement(await node.DecideAsync(r, r.Context, call, () => command)),
        };
    }

    private SortedDictionary<string, string> Details(TakeStepRequest r)
    {
        if (r.Details.Count > MostDetails)
        {
            throw new InvalidFieldException("details", $"At most {MostDetails} are given.");
        }

        var details = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in r.Details)
        {
            details.Add(
                InvalidFieldException.Naming("details", () => TextRules.Identifier(name, "A detail's name")),
                Read.Free($"details[{name}]", value) ?? string.Empty
            );
        }

        if (details.ContainsKey(DetailNames.Dossier) || (r.Allocataire is not null && r.Step != LegalHold.Placed))
        {
            throw new InvalidFieldException("allocataire", "A legal hold names a file, by its 'allocataire' alone.");
        }

        if (r.Allocataire is not null)
        {
            var (caf, matricule) = Read.Allocataire("allocataire", r.Allocataire);
            if (r.Context?.Actor?.Caf != caf.Value)
            {
                throw new RefusedException(
                    "caf-of-the-dossier",
                    "7",
                    "Only the Caf that holds the file puts it on hold."
                );
            }

            details.Add(DetailNames.Dossier, node.Pseudonyms.Dossier(caf, matricule));
        }

        return details;
    }
}
