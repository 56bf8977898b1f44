using Ledger.Domain.Common;
using Ledger.Domain.Knowing;

namespace Ledger.Domain.Dossiers;

/// <summary>
/// Which of a person's files a Caf may be shown. A mutation joins two files for whoever judges; but a Caf is not shown
/// another's file because it says itself that its own continues that one: the other has to have said so.
/// </summary>
public static class Shown
{
    /// <summary>The files of a person, of those that she had, that a Caf may be shown.</summary>
    /// <param name="caf">The Caf that asks.</param>
    /// <param name="asked">The file that it asks about.</param>
    /// <param name="person">The files that the person had.</param>
    /// <param name="known">What is known.</param>
    public static IReadOnlyList<DossierIdentity> To(
        CafCode caf,
        DossierIdentity asked,
        IReadOnlyList<DossierIdentity> person,
        Knowledge known
    )
    {
        var mutations = known
            .Dossiers.MutationsAround(asked.Pseudonym)
            .Select(m => (m.Event, By: known.FactAt(m.Position)!.Context.Actor.Caf))
            .ToList();
        var shown = new HashSet<string> { asked.Pseudonym };
        for (var before = 0; shown.Count > before; )
        {
            before = shown.Count;
            foreach (var (mutation, by) in mutations)
            {
                if (shown.Contains(mutation.From) && (mutation.ToCaf == caf || mutation.ToCaf == by))
                {
                    shown.Add(mutation.To);
                }

                if (shown.Contains(mutation.To) && (mutation.FromCaf == caf || mutation.FromCaf == by))
                {
                    shown.Add(mutation.From);
                }
            }
        }

        return [.. person.Where(i => shown.Contains(i.Pseudonym))];
    }
}
