using Ledger.Domain.Common;
using Ledger.Domain.Control;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Knowing;
using Ledger.Domain.Pseudonyms;
using Ledger.Domain.Rights;

namespace Ledger.Domain.Consultations;

/// <summary>What the ledger thinks of a use with what it knows at a position.</summary>
/// <param name="Reasons">Every reason why not; empty where an effective right covered it.</param>
/// <param name="Habilitation">The habilitation judged, if there was one.</param>
/// <param name="Because">
/// The positions of the events that justify it. A recorded verdict names them where it accuses; where it does not, they
/// follow from what was known.
/// </param>
/// <param name="KnownTo">The last position that had been learnt: -1 for none.</param>
public sealed record Verdict(
    IReadOnlyList<Reason> Reasons,
    HabilitationId? Habilitation,
    IReadOnlyList<long> Because,
    long KnownTo
)
{
    /// <summary>Whether an effective right covered it.</summary>
    public bool Authorised => Reasons.Count == 0;

    /// <summary>
    /// Whether it can be told. Once the key of the month is destroyed it may not be: then nobody is accused.
    /// </summary>
    public bool IsTold => Authorised || Reasons is not [Reason.FileForgotten];

    /// <summary>Whether no right covered the use, for sure.</summary>
    public bool IsIrregular => !Authorised && IsTold;

    /// <summary>
    /// The verdict as it is recorded. What is said of the file is left out: it names the file by a pseudonym that lasts,
    /// and the use is to be tied to it for no longer than its month's key.
    /// </summary>
    /// <param name="known">What it was made with.</param>
    public Verdict Recorded(Knowledge known) =>
        this with
        {
            Because = Authorised ? [] : [.. Because.Where(p => !IsOfFile(known, known.FactAt(p)?.Event))],
        };

    private static bool IsOfFile(Knowledge known, LedgerEvent? @event) =>
        @event is DossierEvent || (@event is RectificationMade r && known.FactAt(r.Of)?.Event is DossierEvent);
}

/// <summary>
/// Somebody opened an allocataire's file. One event an allocataire: a list of ten people is ten events.
/// </summary>
/// <param name="Consultation">The caller's identifier of the consultation.</param>
/// <param name="Caf">Whose file.</param>
/// <param name="Siret">At which partner.</param>
/// <param name="Agent">Which human.</param>
/// <param name="Claimed">The habilitation the agent used, as the portal says.</param>
/// <param name="File">Whose file: its pseudonym of the month.</param>
/// <param name="Service">Through which service.</param>
/// <param name="Profil">In which profile.</param>
/// <param name="Catalogue">
/// The position of the version of the catalogue that says which data were shown; null where none was published yet.
/// </param>
/// <param name="Purpose">For what.</param>
/// <param name="Programme">The programme that opened it with the human's credentials, if one did.</param>
/// <param name="HasBusinessFile">Whether a file of the partner's own was named.</param>
/// <param name="Sealed">What else is said: it expires with the month.</param>
/// <param name="OccurredAt">When the file was opened.</param>
/// <param name="Verdict">As known then.</param>
[EventName("consultation-recorded.v1")]
public sealed record ConsultationRecorded(
    Guid Consultation,
    CafCode Caf,
    Siret Siret,
    AgentId Agent,
    HabilitationId? Claimed,
    string File,
    ServiceCode Service,
    ProfilCode Profil,
    long? Catalogue,
    Purpose Purpose,
    AgentId? Programme,
    bool HasBusinessFile,
    SealedDetails? Sealed,
    DateTimeOffset OccurredAt,
    Verdict Verdict
) : JournalEvent
{
    /// <summary>Whose file.</summary>
    public Pseudonym Allocataire => Pseudonym.In(OccurredAt, File);

    /// <inheritdoc/>
    public override string Stream() => Journal("journal", Caf.Value, OccurredAt);
}
