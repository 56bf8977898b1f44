using System.Text.Json.Serialization;
using Ledger.Domain.Common;
using Ledger.Domain.Pseudonyms;
using Ledger.Domain.Rights;

namespace Ledger.Domain.Consultations;

/// <summary>
/// A consultation as it is written: there are millions, so nothing stands in one twice. What its context says too is
/// left out, and so is what the rules of judgement make plain.
/// </summary>
internal sealed record ConsultationForm(
    // Left out where it is the request's id.
    Guid? Consultation,
    CafCode Caf,
    // Left out where they are the actor's.
    Siret? Siret,
    AgentId? Agent,
    [property: JsonPropertyName("habilitation")] HabilitationId? Claimed,
    string File,
    ServiceCode Service,
    ProfilCode Profil,
    long? Catalogue,
    Purpose Purpose,
    AgentId? Programme,
    SealedDetails? Sealed,
    // True or left out.
    bool? NoBusinessFile,
    DateTimeOffset OccurredAt,
    // Left out where a right covered it, as is what justifies them.
    IReadOnlyList<Reason>? Reasons,
    // Where none was claimed: one that is claimed is judged, unless it is unknown.
    HabilitationId? Judged,
    IReadOnlyList<long>? Because,
    long Known
)
{
    public static ConsultationForm Of(ConsultationRecorded c, EventContext context) =>
        new(
            c.Consultation == context.RequestId ? null : c.Consultation,
            c.Caf,
            c.Siret == context.Actor.Siret ? null : c.Siret,
            c.Agent == context.Actor.Human ? null : c.Agent,
            c.Claimed,
            c.File,
            c.Service,
            c.Profil,
            c.Catalogue,
            c.Purpose,
            c.Programme,
            c.Sealed,
            c.HasBusinessFile ? null : true,
            c.OccurredAt,
            c.Verdict.Authorised ? null : c.Verdict.Reasons,
            c.Claimed is null ? c.Verdict.Habilitation : null,
            c.Verdict.Authorised ? null : c.Verdict.Because,
            c.Verdict.KnownTo
        );

    public ConsultationRecorded Event(EventContext context)
    {
        if (
            NoBusinessFile == false
            || Reasons is []
            || Reasons is null != Because is null
            || (Claimed is not null && Judged is not null)
        )
        {
            throw new FormatException("A consultation says the same in two ways, or contradicts itself.");
        }

        return new(
            Consultation ?? context.RequestId,
            Caf,
            Siret ?? context.Actor.Siret ?? throw new FormatException("A consultation names its partner."),
            Agent ?? context.Actor.Human,
            Claimed,
            File,
            Service,
            Profil,
            Catalogue,
            Purpose,
            Programme,
            NoBusinessFile is null,
            Sealed,
            OccurredAt,
            new Verdict(
                Reasons ?? [],
                Reasons?.Contains(Reason.HabilitationUnknown) == true ? null : Claimed ?? Judged,
                Because ?? [],
                Known
            )
        );
    }
}
