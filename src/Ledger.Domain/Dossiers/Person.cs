using Ledger.Domain.Common;
using Ledger.Domain.Rights;

namespace Ledger.Domain.Dossiers;

/// <summary>One identity that a person had, over a half-open interval.</summary>
/// <param name="Identity">Which.</param>
/// <param name="From">Since her mutation to it; <see cref="DateTimeOffset.MinValue"/> for always.</param>
/// <param name="Until">Until her mutation away; <see cref="DateTimeOffset.MaxValue"/> for no end.</param>
/// <param name="Because">The position of the mutation to it; null for her first.</param>
public sealed record Stay(DossierIdentity Identity, DateTimeOffset From, DateTimeOffset Until, long? Because);

/// <summary>Where a person was at an instant.</summary>
/// <param name="Caf">The Caf that held her file.</param>
/// <param name="Dossiers">
/// The identities under which that Caf knew her, from when she came to when she left: a number that changes at one Caf
/// changes nothing else.
/// </param>
/// <param name="Commune">Her commune, if that is known.</param>
/// <param name="Because">The positions of the mutations and the attachment that say so.</param>
public sealed record Whereabouts(
    CafCode Caf,
    IReadOnlyList<string> Dossiers,
    CommuneCode? Commune,
    IReadOnlyList<long> Because
)
{
    /// <summary>Whether a right at a Caf covers her.</summary>
    /// <param name="caf">The Caf of the right's convention.</param>
    /// <param name="cover">What the right covers there.</param>
    public bool AreCovered(CafCode caf, Cover cover) =>
        Caf == caf
        && (cover.Communes is null || (Commune is { } commune && cover.Communes.Contains(commune.Value)))
        && (cover.Dossiers is null || cover.Dossiers.Intersect(Dossiers).Any());
}

/// <summary>
/// One person with her file, whatever its number: rights are judged on her as she was at a moment, with her Caf and her
/// commune then.
/// </summary>
public sealed class Person
{
    private readonly IReadOnlyList<Stay> _stays;
    private readonly int _asked;
    private readonly Func<IEnumerable<string>, Timeline<CommuneCode?>> _communes;

    /// <summary>A person.</summary>
    /// <param name="stays">Her identities, one after another.</param>
    /// <param name="asked">Which of them she is asked about by.</param>
    /// <param name="communes">The communes of files, over time.</param>
    internal Person(IReadOnlyList<Stay> stays, int asked, Func<IEnumerable<string>, Timeline<CommuneCode?>> communes) =>
        (_stays, _asked, _communes) = (stays, asked, communes);

    /// <summary>Her identities, one after another.</summary>
    public IReadOnlyList<Stay> Stays => _stays;

    /// <summary>The instants at which her Caf, her numbers or her commune may change.</summary>
    public IEnumerable<DateTimeOffset> Changes =>
        _stays
            .Select(s => s.From)
            .Concat(_communes(_stays.Select(s => s.Identity.Pseudonym)).Steps.Select(s => s.From))
            .Distinct();

    /// <summary>Where she was at an instant.</summary>
    public Whereabouts At(DateTimeOffset instant)
    {
        var here = 0;
        for (var i = 1; i < _stays.Count && _stays[i].From <= instant; i++)
        {
            here = i;
        }

        var caf = _stays[here].Identity.Caf;
        var (first, last) = (here, here);
        for (; first > 0 && _stays[first - 1].Identity.Caf == caf; first--) { }

        for (; last + 1 < _stays.Count && _stays[last + 1].Identity.Caf == caf; last++) { }

        string[] dossiers = [.. _stays.Skip(first).Take(last - first + 1).Select(s => s.Identity.Pseudonym).Distinct()];
        var commune = _communes(dossiers).At(instant);

        // What led from the number that she is asked about by to where she was, and what brought her there.
        var mutations = _stays
            .Where((_, i) => i == here || (i > Math.Min(here, _asked) && i <= Math.Max(here, _asked)))
            .Select(s => s.Because);
        return new Whereabouts(
            caf,
            dossiers,
            commune.Value,
            [.. mutations.Append(commune.Because).OfType<long>().Distinct().Order()]
        );
    }
}
