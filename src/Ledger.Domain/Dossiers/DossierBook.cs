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
/// What is known of files: their communes over time, and the mutations that tie one person's files together. Each
/// answer may be asked with what was known once the event at a position was, without building that knowledge.
/// </summary>
public sealed class DossierBook
{
    private readonly ImmutableDictionary<string, FactList> _facts;
    private readonly long _limit;

    internal DossierBook(ImmutableDictionary<string, FactList> facts, long limit) => (_facts, _limit) = (facts, limit);

    /// <summary>The commune of a file, over time.</summary>
    public Timeline<CommuneCode?> Commune(string dossier, long known = long.MaxValue) =>
        Timeline<CommuneCode?>.Of(
            null,
            FactsOf(dossier, known)
                .Select(f =>
                    f.Event is DossierAttached e
                        ? new Step<CommuneCode?>(LegalTime.StartOf(e.From), e.Commune, f.Position)
                        : (Step<CommuneCode?>?)null
                )
                .OfType<Step<CommuneCode?>>()
        );

    /// <summary>Every identity that a person had, and the positions of the mutations that say so.</summary>
    public (IReadOnlyList<DossierIdentity> Identities, IReadOnlyList<long> Because) IdentitiesOf(
        DossierIdentity one,
        long known = long.MaxValue
    )
    {
        var (found, because) = (new List<DossierIdentity> { one }, new SortedSet<long>());
        for (var i = 0; i < found.Count; i++)
        {
            foreach (var fact in FactsOf(found[i].Pseudonym, known))
            {
                if (fact.Event is not DossierTransferred t)
                {
                    continue;
                }

                because.Add(fact.Position);
                foreach (
                    var other in new[] { new DossierIdentity(t.From, t.FromCaf), new DossierIdentity(t.To, t.ToCaf) }
                )
                {
                    if (!found.Contains(other))
                    {
                        found.Add(other);
                    }
                }
            }
        }

        return (found, [.. because]);
    }

    /// <summary>
    /// Whether an identity was a person's at an instant: after the mutation that gave it, before the one that took it.
    /// </summary>
    public bool HoldsAt(DossierIdentity identity, DateTimeOffset instant, long known = long.MaxValue)
    {
        var transfers = FactsOf(identity.Pseudonym, known)
            .Select(f => f.Event)
            .OfType<DossierTransferred>()
            .OrderBy(t => t.On)
            .ToList();
        var last = transfers.LastOrDefault(t => LegalTime.StartOf(t.On) <= instant);
        return last is not null
            ? last.To == identity.Pseudonym
            : transfers.Count == 0 || transfers[0].From == identity.Pseudonym;
    }

    internal IEnumerable<Fact> AllOf(string dossier) => _facts.GetValueOrDefault(dossier, FactList.Empty).UpTo(_limit);

    private IEnumerable<Fact> FactsOf(string dossier, long known) =>
        _facts.GetValueOrDefault(dossier, FactList.Empty).Standing(Math.Min(known, _limit));
}
