using Ledger.Domain.Common;
using Ledger.Domain.Dossiers;
using Ledger.Store.Pseudonyms;

namespace Ledger.Store.Reading;

/// <summary>Every identity that one person had, for those who hold the keys.</summary>
/// <param name="Identities">Under the key of dossiers.</param>
/// <param name="Pseudonyms">Under the keys of the months.</param>
/// <param name="Because">The positions of the mutations that tie them together.</param>
public sealed record Person(
    IReadOnlyList<DossierIdentity> Identities,
    IReadOnlyList<Pseudonym> Pseudonyms,
    IReadOnlyList<long> Because
)
{
    /// <summary>The identities that she had at an instant; all, where no mutation says.</summary>
    public IReadOnlyList<DossierIdentity> At(DateTimeOffset instant, DossierBook book)
    {
        var then = Identities.Where(i => book.HoldsAt(i, instant)).ToList();
        return then.Count == 0 ? Identities : then;
    }
}

/// <summary>Who a person was before and after her mutations.</summary>
public sealed partial class AccessHistory
{
    /// <summary>The person whom a Caf knows under a number.</summary>
    /// <exception cref="InvalidDataException">A sealed identity was changed.</exception>
    public async Task<Person> PersonAsync(
        PseudonymKeys keys,
        CafCode caf,
        Matricule matricule,
        Snapshot known,
        CancellationToken cancel
    )
    {
        var one = new DossierIdentity(keys.Dossier(caf, matricule), caf);
        var (identities, because) = known.Then.Dossiers.IdentitiesOf(one);
        var pseudonyms = new List<Pseudonym>(await keys.AllAsync(caf, matricule, cancel));
        foreach (var (otherCaf, otherMatricule) in await OthersAsync(keys, identities.Where(i => i != one), cancel))
        {
            pseudonyms.AddRange(await keys.AllAsync(otherCaf, otherMatricule, cancel));
        }

        return new Person(identities, pseudonyms, because);
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
