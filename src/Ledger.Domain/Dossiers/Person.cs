using Ledger.Domain.Common;

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
    private readonly int _asked;
    private readonly DossierBook _book;
    private readonly Lazy<IReadOnlyList<long>> _rectifications;

    // Where she was from each instant on at which that may change, worked out when it is first asked.
    private readonly Lazy<List<(DateTimeOffset From, Whereabouts Where)>> _whereabouts;

    /// <summary>A person.</summary>
    /// <param name="stays">Her identities, one after another.</param>
    /// <param name="asked">Which of them she is asked about by.</param>
    /// <param name="book">What is known of files.</param>
    internal Person(IReadOnlyList<Stay> stays, int asked, DossierBook book)
    {
        (Stays, _asked, _book) = (stays, asked, book);
        _rectifications = new(() => book.RectificationsAround(stays[asked].Identity.Pseudonym));
        _whereabouts = new(() => [.. Runs().SelectMany(run => Within(run.First, run.Last))]);
    }

    /// <summary>Her identities, one after another.</summary>
    public IReadOnlyList<Stay> Stays { get; }

    /// <summary>The positions of the rectifications of what was said of her numbers.</summary>
    public IReadOnlyList<long> Rectifications => _rectifications.Value;

    /// <summary>The instants at which her Caf, her numbers or her commune may change.</summary>
    public IEnumerable<DateTimeOffset> Changes => _whereabouts.Value.Select(w => w.From);

    /// <summary>Where she was at an instant.</summary>
    public Whereabouts At(DateTimeOffset instant) =>
        _whereabouts.Value[Math.Max(0, _whereabouts.Value.FindLastIndex(w => w.From <= instant))].Where;

    // Stays one after another at one Caf.
    private IEnumerable<(int First, int Last)> Runs()
    {
        for (var (first, last) = (0, 0); first < Stays.Count; first = ++last)
        {
            for (; last + 1 < Stays.Count && Stays[last + 1].Identity.Caf == Stays[first].Identity.Caf; last++) { }

            yield return (first, last);
        }
    }

    private IEnumerable<(DateTimeOffset From, Whereabouts Where)> Within(int first, int last)
    {
        var stays = Stays.Skip(first).Take(last - first + 1).ToList();
        string[] dossiers = [.. stays.Select(s => s.Identity.Pseudonym).Distinct()];
        var communes = _book.Communes(this, dossiers);
        var instants = stays
            .Select(s => s.From)
            .Concat(communes.Steps.Select(s => s.From).Where(i => stays[0].From < i && i < stays[^1].Until));
        foreach (var instant in instants.Distinct().Order())
        {
            var (here, commune) = (first + stays.FindLastIndex(s => s.From <= instant), communes.At(instant));
            yield return (
                instant,
                new Whereabouts(
                    stays[0].Identity.Caf,
                    dossiers,
                    commune.Value,
                    [.. MutationsTo(here).Append(commune.Because).OfType<long>().Distinct().Order()]
                )
            );
        }
    }

    // What led from the number that she is asked about by to where she was, and what brought her there.
    private IEnumerable<long?> MutationsTo(int here) =>
        Stays
            .Where((_, i) => i == here || (i > Math.Min(here, _asked) && i <= Math.Max(here, _asked)))
            .Select(s => s.Because);
}
