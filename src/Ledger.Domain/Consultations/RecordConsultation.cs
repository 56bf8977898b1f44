using Ledger.Domain.Common;
using Ledger.Domain.Knowing;
using Ledger.Domain.Pseudonyms;

namespace Ledger.Domain.Consultations;

/// <summary>The fact that somebody opened a file. It is recorded whatever the verdict: art. 7.</summary>
/// <param name="Consultation">The caller's identifier.</param>
/// <param name="Use">What was done, and when.</param>
/// <param name="File">Whose file: its pseudonym of the month.</param>
/// <param name="HasBusinessFile">Whether a file of the partner's own is named.</param>
/// <param name="Sealed">What else is said, enciphered.</param>
public sealed record RecordConsultation(
    Guid Consultation,
    Use Use,
    string File,
    bool HasBusinessFile,
    SealedDetails? Sealed
) : ICommand
{
    /// <summary>What a use of a file was, under the key of its month.</summary>
    /// <param name="consultation">The caller's identifier.</param>
    /// <param name="use">What was done, on which file.</param>
    /// <param name="details">What else is said, in clear.</param>
    /// <param name="key">The key of the month.</param>
    /// <param name="request">The id of the request that records it.</param>
    public static RecordConsultation Of(Guid consultation, Use use, Details details, MonthKey key, Guid request) =>
        new(
            consultation,
            use,
            key.Of(use.Dossier ?? throw new ArgumentException("Which file it was is required.", nameof(use))).Value,
            details.BusinessFile is not null,
            details.Seal(key, request)
        );

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
        return
        [
            new ConsultationRecorded(
                Consultation,
                use.Caf,
                use.Siret,
                use.Agent,
                use.Claimed,
                File,
                use.Service,
                use.Profil,
                known.CatalogueStepAt(use.At).Because,
                use.Purpose,
                use.Programme,
                HasBusinessFile,
                Sealed,
                use.At,
                Judgement.Of(use, known).Recorded(known)
            ),
        ];
    }
}
