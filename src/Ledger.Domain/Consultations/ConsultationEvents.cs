using System.Text.Json.Serialization;
using Ledger.Domain.Common;
using Ledger.Domain.Rights;

namespace Ledger.Domain.Consultations;

/// <summary>What the ledger thought of a use with what it knew at that position.</summary>
/// <param name="Authorised">Whether an effective right covered it.</param>
/// <param name="Reasons">Every reason why not; empty when authorised.</param>
/// <param name="Habilitation">The habilitation judged, if there was one.</param>
/// <param name="Because">The positions of the events that justify it.</param>
/// <param name="KnownTo">The last position that had been learnt: -1 for none.</param>
public sealed record Verdict(
    bool Authorised,
    IReadOnlyList<Reason> Reasons,
    HabilitationId? Habilitation,
    IReadOnlyList<long> Because,
    long KnownTo
)
{
    /// <summary>
    /// Whether it can be told. Once the key of the month is destroyed it may not be: then nobody is accused.
    /// </summary>
    [JsonIgnore]
    public bool IsTold => Authorised || Reasons is not [Reason.FileForgotten];

    /// <summary>Whether no right covered the use, for sure.</summary>
    [JsonIgnore]
    public bool IsIrregular => !Authorised && IsTold;
}

/// <summary>
/// Somebody opened an allocataire's file. One event an allocataire: a list of ten people is ten events.
/// </summary>
/// <param name="Consultation">The caller's identifier of the consultation.</param>
/// <param name="Caf">Whose file.</param>
/// <param name="Siret">At which partner.</param>
/// <param name="Agent">Which human.</param>
/// <param name="Claimed">The habilitation the agent used, as the portal says.</param>
/// <param name="Allocataire">Whose file, under a pseudonym.</param>
/// <param name="Service">Through which service.</param>
/// <param name="Profil">In which profile.</param>
/// <param name="Categories">Which data were shown.</param>
/// <param name="Purpose">For what.</param>
/// <param name="BusinessFile">The partner's own file that it serves.</param>
/// <param name="Session">The portal's session.</param>
/// <param name="Channel">By which way: portal, web service.</param>
/// <param name="ClientApplication">The calling application.</param>
/// <param name="Address">Where from, as the portal names it.</param>
/// <param name="Programme">The programme that opened it with the human's credentials, if one did.</param>
/// <param name="Dossier">
/// The file under the key of dossiers: kept only where a right that covers some files is in question.
/// </param>
/// <param name="OccurredAt">When the file was opened.</param>
/// <param name="Verdict">As known then.</param>
[EventName("consultation-recorded.v1")]
public sealed record ConsultationRecorded(
    Guid Consultation,
    CafCode Caf,
    Siret Siret,
    AgentId Agent,
    HabilitationId? Claimed,
    Pseudonym Allocataire,
    ServiceCode Service,
    ProfilCode Profil,
    IReadOnlyList<string> Categories,
    Purpose Purpose,
    string? BusinessFile,
    string? Session,
    string? Channel,
    string? ClientApplication,
    string? Address,
    AgentId? Programme,
    string? Dossier,
    DateTimeOffset OccurredAt,
    Verdict Verdict
) : JournalEvent
{
    /// <inheritdoc/>
    public override string Stream() => Journal("journal", Caf.Value, OccurredAt);
}
