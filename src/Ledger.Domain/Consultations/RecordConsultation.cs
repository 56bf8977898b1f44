using Ledger.Domain.Common;
using Ledger.Domain.Knowing;

namespace Ledger.Domain.Consultations;

/// <summary>The fact that somebody opened a file. It is recorded whatever the verdict: art. 7.</summary>
/// <param name="Consultation">The caller's identifier.</param>
/// <param name="Use">What was done, and when.</param>
/// <param name="Allocataire">Whose file, under a pseudonym.</param>
/// <param name="BusinessFile">The partner's own file that it serves.</param>
/// <param name="Session">The portal's session.</param>
/// <param name="Channel">By which way.</param>
/// <param name="ClientApplication">The calling application.</param>
/// <param name="Address">Where from, as the portal names it.</param>
public sealed record RecordConsultation(
    Guid Consultation,
    Use Use,
    Pseudonym Allocataire,
    string? BusinessFile,
    string? Session,
    string? Channel,
    string? ClientApplication,
    string? Address = null
) : ICommand
{
    /// <inheritdoc/>
    public bool ChangesKnowledge => false;

    /// <summary>The event, with the verdict as known now.</summary>
    /// <exception cref="InvalidFieldException">The time is not in the past.</exception>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var use = Use with
        {
            At = InvalidFieldException.Naming("occurred_at", () => LegalTime.Past(Use.At, now, "A consultation")),
        };
        var categories = known.CatalogueAt(use.At).CategoriesOf(use.Service, use.Profil);
        return
        [
            new ConsultationRecorded(
                Consultation,
                use.Caf,
                use.Siret,
                use.Agent,
                use.Claimed,
                Allocataire,
                use.Service,
                use.Profil,
                categories,
                use.Purpose,
                BusinessFile,
                Session,
                Channel,
                ClientApplication,
                Address,
                use.Programme,
                use.Dossier,
                use.At,
                Judgement.Of(use, known)
            ),
        ];
    }
}
