using Ledger.Domain.Common;
using Ledger.Domain.Knowing;

namespace Ledger.Domain.Dossiers;

/// <summary>
/// A Caf records a fact about a file. A second mutation out of a file that its person has already left is refused: the
/// first is rectified, or she comes back before.
/// </summary>
/// <param name="Event">What.</param>
public sealed record RecordDossier(DossierEvent Event) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var (cafs, day, field) = Event switch
        {
            DossierAttached e => (new[] { e.Caf }, e.From, "from"),
            DossierTransferred e => ([e.FromCaf, e.ToCaf], e.On, "on"),
            _ => throw new ArgumentException("Not a fact about a file.", nameof(known)),
        };
        InvalidFieldException.Naming(field, () => LegalTime.Day(day, now, "The fact"));
        if (context.Actor.Caf is not { } caf || !cafs.Contains(caf))
        {
            throw new RefusedException(
                "caf-of-the-dossier",
                "5.1",
                "Only a Caf that holds the file records what becomes of it."
            );
        }

        if (Event is DossierTransferred transfer)
        {
            Check(transfer, caf, known);
        }

        return [Event];
    }

    private static void Check(DossierTransferred transfer, CafCode caf, Knowledge known)
    {
        if (transfer.From == transfer.To)
        {
            throw new InvalidFieldException("to", "A mutation leads to another file.");
        }

        var standing = known
            .Dossiers.MutationsAround(transfer.From)
            .Concat(known.Dossiers.MutationsAround(transfer.To))
            .ToList();

        // Both Caf say it: each of its own file.
        if (standing.Exists(m => m.Event == transfer && known.FactAt(m.Position)!.Context.Actor.Caf != caf))
        {
            return;
        }

        if (Mutations.Contradicts(transfer, standing.DistinctBy(m => m.Position)))
        {
            throw new RefusedException(
                "mutation-once",
                "5.1",
                "A mutation that is recorded says otherwise: the file had been left, or another was come to it."
            );
        }
    }
}
