using Ledger.Domain.Common;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Knowing;
using Ledger.Domain.Pseudonyms;

namespace Ledger.Domain.Retention;

/// <summary>
/// The number of a file no longer leads to what was recorded of it (art. 17 RGPD), by a decision: the key of files was
/// replaced by one that knows this number no more. Which file it was, nothing says.
/// </summary>
/// <param name="Decision">The decision's reference.</param>
/// <param name="Why">The reason.</param>
/// <param name="KeyBefore">What the key before gave of a constant, in base64.</param>
/// <param name="KeyAfter">What the key from then on gives of it.</param>
/// <param name="Caf">The Caf that decided it.</param>
/// <param name="At">When.</param>
[EventName("file-erased.v1")]
public sealed record FileErased(
    string Decision,
    string Why,
    string KeyBefore,
    string KeyAfter,
    CafCode Caf,
    DateTimeOffset At
) : JournalEvent
{
    /// <inheritdoc/>
    public override bool IsKnowledge => true;

    /// <inheritdoc/>
    public override string Stream() => Journal("erasures", Caf.Value, At);
}

/// <summary>The keys of files changed since a command was made: it is made again with those of now.</summary>
public sealed class FileKeysChangedException() : Exception("The keys of files changed meanwhile.");

/// <summary>A Caf erases one of its files by decision.</summary>
/// <param name="Dossier">The file, as the key before knows it: it is not recorded.</param>
/// <param name="Decision">The decision's reference.</param>
/// <param name="Why">The reason.</param>
/// <param name="Key">The keys before.</param>
/// <param name="KeyAfter">What the key without the file gives of a constant.</param>
public sealed record EraseFile(DossierIdentity Dossier, string Decision, string Why, FileKeyName Key, string KeyAfter)
    : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        if (context.Actor.Caf != Dossier.Caf)
        {
            throw new RefusedException("caf-of-the-dossier", "17 RGPD", "Only the Caf that holds the file erases it.");
        }

        var files = known.Dossiers.IdentitiesOf(Dossier).Identities.Select(i => i.Pseudonym).ToList();
        if (LegalHold.Standing(known).FirstOrDefault(h => h.Keeps(files, Dossier.Caf)) is { } hold)
        {
            throw new RefusedException(
                "legal-hold-stands",
                "17 RGPD",
                $"The legal hold '{(hold.Caf == Dossier.Caf ? hold.Id.Value : "of another Caf")}' keeps the file."
            );
        }

        if (!Key.IsOf(known.FileKey))
        {
            throw new FileKeysChangedException();
        }

        return [new FileErased(Decision, Why, Key.Name, KeyAfter, Dossier.Caf, now)];
    }
}
