using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Pseudonyms;

namespace Ledger.Store.Reading;

/// <summary>A person who is asked about, for those who hold the keys.</summary>
/// <param name="Asked">The identity that she is asked about by, under the key of dossiers.</param>
/// <param name="Identities">Every identity that she had, as far as the Caf that asks may be shown them.</param>
/// <param name="Pseudonyms">All of them under the keys of the months.</param>
public sealed record PersonSought(
    DossierIdentity Asked,
    IReadOnlyList<DossierIdentity> Identities,
    IReadOnlyList<Pseudonym> Pseudonyms
);

/// <summary>Who a person was before and after her mutations.</summary>
public sealed partial class AccessHistory
{
    /// <summary>The person whom a Caf ever knew under an identity, as far as the Caf may be shown her.</summary>
    public async Task<PersonSought> PersonAsync(
        CafCode caf,
        DossierIdentity one,
        Snapshot known,
        CancellationToken cancel
    )
    {
        var identities = Shown.To(caf, one, known.Then.Dossiers.IdentitiesOf(one).Identities, known.Then);
        return new PersonSought(one, identities, await PseudonymsAsync(identities.Select(i => i.Pseudonym), cancel));
    }

    /// <summary>
    /// The files of the consultations among some facts, by position, in the order of the positions: of a month whose
    /// key was destroyed, none.
    /// </summary>
    public async Task<IReadOnlyDictionary<long, string>> FilesOfAsync(
        IReadOnlyCollection<Fact> facts,
        CancellationToken cancel
    )
    {
        var opened = facts.Where(f => f.Event is ConsultationRecorded).ToList();
        var pseudonyms = opened.ConvertAll(f => ((ConsultationRecorded)f.Event).Allocataire);
        var months = await keys.OfAsync(pseudonyms.Select(p => p.Epoch), cancel);
        return new SortedDictionary<long, string>(
            opened
                .Zip(pseudonyms)
                .Where(o => months.Keys.ContainsKey(o.Second.Epoch))
                .ToDictionary(o => o.First.Position, o => months.Keys[o.Second.Epoch].Behind(o.Second))
        );
    }

    /// <summary>The pseudonyms of files in every month that has a key.</summary>
    internal async Task<List<Pseudonym>> PseudonymsAsync(IEnumerable<string> dossiers, CancellationToken cancel)
    {
        var months = await keys.AllAsync(cancel);
        return [.. dossiers.Distinct().SelectMany(dossier => months.Select(month => month.Of(dossier)))];
    }
}
