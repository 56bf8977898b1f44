using Ledger.Domain.Common;
using Ledger.Domain.Dossiers;
using Ledger.Store.Pseudonyms;

namespace Ledger.Store.Reading;

/// <summary>A person who is asked about, for those who hold the keys.</summary>
/// <param name="Asked">The identity that she is asked about by, under the key of dossiers.</param>
/// <param name="Identities">Every identity that she had.</param>
/// <param name="Pseudonyms">All of them under the keys of the months.</param>
public sealed record PersonSought(
    DossierIdentity Asked,
    IReadOnlyList<DossierIdentity> Identities,
    IReadOnlyList<Pseudonym> Pseudonyms
);

/// <summary>Who a person was before and after her mutations.</summary>
public sealed partial class AccessHistory
{
    /// <summary>The person whom a Caf knows under a number.</summary>
    /// <exception cref="InvalidDataException">A sealed identity was changed.</exception>
    public async Task<PersonSought> PersonAsync(
        PseudonymKeys keys,
        CafCode caf,
        Matricule matricule,
        Snapshot known,
        CancellationToken cancel
    )
    {
        var one = new DossierIdentity(keys.Dossier(caf, matricule), caf);
        var (identities, _) = known.Then.Dossiers.IdentitiesOf(one);
        var pseudonyms = new List<Pseudonym>(await keys.AllAsync(caf, matricule, cancel));
        foreach (var (otherCaf, otherMatricule) in await OthersAsync(keys, identities.Where(i => i != one), cancel))
        {
            pseudonyms.AddRange(await keys.AllAsync(otherCaf, otherMatricule, cancel));
        }

        return new PersonSought(one, identities, pseudonyms);
    }

    private async Task<List<(CafCode Caf, Matricule Matricule)>> OthersAsync(
        PseudonymKeys keys,
        IEnumerable<DossierIdentity> identities,
        CancellationToken cancel
    )
    {
        var others = identities.Select(i => i.Pseudonym).ToArray();
        if (others.Length == 0)
        {
            return [];
        }

        await using var select = database.Source.CreateCommand(
            "select dossier, payload from ledger.sealed_identity where dossier = any($1)"
        );
        select.Parameters.Add(new() { Value = others });
        return await select.RowsAsync(r => keys.Unseal(r.GetString(0), r.GetFieldValue<byte[]>(1)), cancel);
    }
}
