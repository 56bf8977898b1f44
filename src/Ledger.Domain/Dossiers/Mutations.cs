using Ledger.Domain.Common;

namespace Ledger.Domain.Dossiers;

/// <summary>A mutation that is known.</summary>
/// <param name="Event">What it says.</param>
/// <param name="Position">Where it stands.</param>
public readonly record struct Mutation(DossierTransferred Event, long Position);

/// <summary>
/// The mutations that tie files together. Of those that contradict each other the one learnt last prevails; of several
/// on one day the order is that of the chain.
/// </summary>
internal static class Mutations
{
    /// <summary>
    /// Those that do not contradict one learnt later: no file is left twice without being come back to, and none is
    /// come to twice without being left.
    /// </summary>
    public static List<Mutation> Prevailing(IEnumerable<Mutation> all)
    {
        var kept = new List<Mutation>();
        foreach (var mutation in all.OrderByDescending(m => m.Position))
        {
            kept.Add(mutation);
            if (!Alternates(mutation.Event.From, kept) || !Alternates(mutation.Event.To, kept))
            {
                kept.RemoveAt(kept.Count - 1);
            }
        }

        return kept;
    }

    /// <summary>Whether a mutation contradicts those that stand: then it is refused.</summary>
    public static bool Contradicts(DossierTransferred next, IEnumerable<Mutation> standing)
    {
        var all = Prevailing(standing);
        all.Add(new Mutation(next, long.MaxValue));
        return !Alternates(next.From, all) || !Alternates(next.To, all);
    }

    /// <summary>The persons whom mutations tell of, each with her identities one after another.</summary>
    public static List<List<Stay>> Persons(IReadOnlyList<Mutation> prevailing)
    {
        var (persons, at) = (new List<List<Stay>>(), new Dictionary<string, List<Stay>>(StringComparer.Ordinal));
        foreach (var day in prevailing.GroupBy(m => m.Event.On).OrderBy(g => g.Key))
        {
            var left = day.OrderBy(m => m.Position).ToList();
            while (left.Count > 0)
            {
                var next = Next(left, at);
                left.Remove(next);
                Move(next, persons, at);
            }
        }

        return persons;
    }

    // Of a day, first what leaves a file that somebody is in, or that nobody comes to on that day; and into a file only
    // once whoever was in it has left.
    private static Mutation Next(List<Mutation> left, Dictionary<string, List<Stay>> at)
    {
        foreach (var m in left)
        {
            var (from, to) = (m.Event.From, m.Event.To);
            var isThere = at.ContainsKey(from) || !left.Exists(o => o.Event.To == from);
            var isFree = !at.ContainsKey(to) || !left.Exists(o => o.Event.From == to);
            if (isThere && isFree)
            {
                return m;
            }
        }

        return left.Find(m => at.ContainsKey(m.Event.From)) is { Event: not null } there ? there : left[0];
    }

    private static void Move(Mutation m, List<List<Stay>> persons, Dictionary<string, List<Stay>> at)
    {
        var day = LegalTime.StartOf(m.Event.On);
        if (!at.Remove(m.Event.From, out var stays))
        {
            stays =
            [
                new Stay(
                    new DossierIdentity(m.Event.From, m.Event.FromCaf),
                    DateTimeOffset.MinValue,
                    DateTimeOffset.MaxValue,
                    null
                ),
            ];
            persons.Add(stays);
        }

        stays[^1] = stays[^1] with { Until = day };
        stays.Add(new Stay(new DossierIdentity(m.Event.To, m.Event.ToCaf), day, DateTimeOffset.MaxValue, m.Position));
        at[m.Event.To] = stays;
    }

    // Somebody is in a file or nobody is: who comes finds nobody, who leaves was there.
    private static bool Alternates(string dossier, IEnumerable<Mutation> mutations)
    {
        int? inside = null;
        foreach (
            var day in mutations
                .Where(m => m.Event.From == dossier || m.Event.To == dossier)
                .GroupBy(m => m.Event.On)
                .OrderBy(g => g.Key)
        )
        {
            var change = day.Sum(m => m.Event.To == dossier ? 1 : -1);
            if (change is < -1 or > 1 || (inside is { } before && before + change is < 0 or > 1))
            {
                return false;
            }

            inside =
                change == 1 ? 1
                : change == -1 ? 0
                : inside;
        }

        return true;
    }
}
