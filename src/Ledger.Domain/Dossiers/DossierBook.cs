using System.Collections.Immutable;
using Ledger.Domain.Common;
using Ledger.Domain.Knowing;
using Ledger.Domain.Rights;

namespace Ledger.Domain.Dossiers;

/// <summary>A file and the Caf that holds it.</summary>
/// <param name="Pseudonym">Under the key of dossiers.</param>
/// <param name="Caf">The Caf.</param>
public sealed record DossierIdentity(string Pseudonym, CafCode Caf);

/// <summary>
/// What is known of files: their communes over time, and the mutations that tie one person's files together.
/// </summary>
public sealed class DossierBook
{
    private readonly ImmutableDictionary<string, FactList> _facts;
    private readonly ImmutableDictionary<CafCode, FactList> _moves;
    private readonly long _limit;

    internal DossierBook(
        ImmutableDictionary<string, FactList> facts,
        ImmutableDictionary<CafCode, FactList> moves,
        long limit
    ) => (_facts, _moves, _limit) = (facts, moves, limit);

    /// <summary>
    /// The person whom a Caf knew under an identity at an instant: after she left it still she, until another comes;
    /// before anybody came, the first to come.
    /// </summary>
    public Person PersonOf(DossierIdentity identity, DateTimeOffset at)
    {
        var mutations = MutationsAround(identity.Pseudonym);
        if (mutations.Count == 0)
        {
            return Unmoved(identity);
        }

        (List<Stay> Stays, int Index)? found = null;
        foreach (var stays in Dossiers.Mutations.Persons(Dossiers.Mutations.Prevailing(mutations)))
        {
            for (var i = 0; i < stays.Count; i++)
            {
                if (stays[i].Identity.Pseudonym == identity.Pseudonym && IsCloser(stays[i], found, at))
                {
                    found = (stays, i);
                }
            }
        }

        return found is { } person ? new Person(person.Stays, person.Index, this) : Unmoved(identity);
    }

    /// <summary>
    /// Every identity of whoever a Caf ever knew under one, and the positions of the mutations that say so.
    /// </summary>
    public (IReadOnlyList<DossierIdentity> Identities, IReadOnlyList<long> Because) IdentitiesOf(DossierIdentity one)
    {
        var stays = Dossiers
            .Mutations.Persons(Dossiers.Mutations.Prevailing(MutationsAround(one.Pseudonym)))
            .Where(person => person.Exists(s => s.Identity.Pseudonym == one.Pseudonym))
            .SelectMany(person => person)
            .ToList();
        return (
            [.. stays.Select(s => s.Identity).Prepend(one).Distinct()],
            [.. stays.Select(s => s.Because).OfType<long>().Order()]
        );
    }

    /// <summary>Whether anybody is known to have come to a Caf from another, or to have left it for one.</summary>
    public bool HasMutations(CafCode caf) => _moves.GetValueOrDefault(caf, FactList.Empty).Standing(_limit).Any();

    /// <summary>The mutations that stand and are tied to a file, directly or through others.</summary>
    public IReadOnlyList<Mutation> MutationsAround(string dossier) =>
        [
            .. Around(dossier, FactsOf)
                .Where(f => f.Event is DossierTransferred)
                .Select(f => new Mutation((DossierTransferred)f.Event, f.Position)),
        ];

    /// <summary>Every fact about a file and those that mutations tie to it, rectified ones too.</summary>
    internal IEnumerable<Fact> AllAround(string dossier) =>
        Around(dossier, d => _facts.GetValueOrDefault(d, FactList.Empty).UpTo(_limit));

    private static Dictionary<long, Fact>.ValueCollection Around(
        string dossier,
        Func<string, IEnumerable<Fact>> factsOf
    )
    {
        var (seen, all) = (new List<string> { dossier }, new Dictionary<long, Fact>());
        for (var i = 0; i < seen.Count; i++)
        {
            foreach (var fact in factsOf(seen[i]))
            {
                if (all.TryAdd(fact.Position, fact) && fact.Event is DossierTransferred t)
                {
                    seen.AddRange(new[] { t.From, t.To }.Except(seen));
                }
            }
        }

        return all.Values;
    }

    private Person Unmoved(DossierIdentity identity) =>
        new([new Stay(identity, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, null)], 0, this);

    // The last to come before the instant; where nobody had come, the first after it.
    private static bool IsCloser(Stay stay, (List<Stay> Stays, int Index)? found, DateTimeOffset at) =>
        found is not { } best
        || (
            stay.From <= at
                ? best.Stays[best.Index].From > at || stay.From >= best.Stays[best.Index].From
                : best.Stays[best.Index].From > at && stay.From < best.Stays[best.Index].From
        );

    /// <summary>The positions of the rectifications of what was said of a number and those tied to it.</summary>
    internal IReadOnlyList<long> RectificationsAround(string dossier) =>
        !_facts.ContainsKey(dossier)
            ? []
            :
            [
                .. AllAround(dossier)
                    .SelectMany(f => ((DossierEvent)f.Event).Dossiers())
                    .Distinct()
                    .SelectMany(d => _facts.GetValueOrDefault(d, FactList.Empty).Rectifications(_limit))
                    .Distinct()
                    .Order(),
            ];

    // What is said of a number is said of whoever has it from that day on: another may have had it before.
    private bool IsOf(Person person, DossierAttached e) =>
        MutationsAround(e.Dossier).Count == 0
        || PersonOf(new DossierIdentity(e.Dossier, e.Caf), LegalTime.StartOf(e.From)).Stays[0] == person.Stays[0];

    /// <summary>The communes of a person under some numbers, over time.</summary>
    internal Timeline<CommuneCode?> Communes(Person person, IEnumerable<string> dossiers) =>
        Timeline<CommuneCode?>.Of(
            null,
            dossiers
                .Distinct()
                .SelectMany(FactsOf)
                .Select(f =>
                    f.Event is DossierAttached e && IsOf(person, e)
                        ? new Step<CommuneCode?>(LegalTime.StartOf(e.From), e.Commune, f.Position)
                        : (Step<CommuneCode?>?)null
                )
                .OfType<Step<CommuneCode?>>()
        );

    private IEnumerable<Fact> FactsOf(string dossier) =>
        _facts.GetValueOrDefault(dossier, FactList.Empty).Standing(_limit);
}
