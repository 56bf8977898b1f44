using FsCheck.Xunit;
using Ledger.Domain.Common;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;
using Ledger.Domain.Rights;
using Ledger.Tests;

namespace Ledger.Domain.Tests.Rules;

/// <summary>Who could and who did are one truth, and what was known stays what was known.</summary>
public sealed class OneTruthProperties
{
    private const int MostActs = 24;

    private static readonly TimeSpan Tick = TimeSpan.FromMicroseconds(1);

    [Property(MaxTest = 10_000)]
    public void A_right_gives_access_if_and_only_if_a_consultation_under_it_is_authorised(int[] acts, int pick)
    {
        var history = new RandomHistory(acts.Take(MostActs));
        var chance = new Random(pick);
        var known = history.Known[chance.Next(history.Known.Count)];
        var file = RandomHistory.Files[chance.Next(RandomHistory.Files.Length)];
        var habilitations = known.Habilitations.OrderBy(h => h.Granted.Position).ToList();
        var habilitation = habilitations[chance.Next(habilitations.Count)];
        var edges = Edges(known, habilitation, file);
        var stretches = new HashSet<(DossierIdentity, DateTimeOffset, DateTimeOffset)>();
        foreach (var at in edges)
        {
            var (purposes, claimed) = (
                Given(known, habilitation, file, at),
                Claimed.Purposes(known, habilitation, file, at)
            );
            purposes.ShouldBe(claimed, $"{habilitation.Granted.Event.Habilitation} on {file.Pseudonym} at {at:O}");
            if (purposes.Length > 0)
            {
                var person = known.Dossiers.PersonOf(file, at);
                var stretch = Access.Around(habilitation, person, at, known);
                stretch.From.ShouldBeLessThanOrEqualTo(at);
                stretch.Until.ShouldBeGreaterThan(at);
                if (stretches.Add((person.Stays[0].Identity, stretch.From, stretch.Until)))
                {
                    Claimed.WrongStretch(known, habilitation, person, stretch, purposes, edges).ShouldBeNull();
                }
            }
        }
    }

    [Property(MaxTest = 10_000)]
    public void An_answer_as_known_at_a_position_never_changes_whatever_is_learnt_later(int[] acts, int pick)
    {
        var history = new RandomHistory(acts.Take(MostActs));
        var chance = new Random(pick);
        var then = history.Known[chance.Next(history.Known.Count)];
        var view = history.Known[^1].AsKnownAt(then.Position);
        var file = RandomHistory.Files[chance.Next(RandomHistory.Files.Length)];
        foreach (var habilitation in then.Habilitations)
        {
            view.TryFind(habilitation.Granted.Event.Habilitation, out var viewed).ShouldBeTrue();
            foreach (var at in Edges(then, habilitation, file).Where((_, i) => i % 4 == 1))
            {
                var (one, other) = (
                    Access.At(habilitation, then.Dossiers.PersonOf(file, at), at, then),
                    Access.At(viewed, view.Dossiers.PersonOf(file, at), at, view)
                );
                (other.Gave, string.Join(' ', other.Because), string.Join(' ', other.Right.Missing)).ShouldBe(
                    (one.Gave, string.Join(' ', one.Because), string.Join(' ', one.Right.Missing))
                );
            }
        }
    }

    [Property(MaxTest = 2_000)]
    public void A_right_over_all_of_time_is_at_every_instant_what_it_gave_then(int[] acts, int pick)
    {
        var history = new RandomHistory(acts.Take(MostActs));
        var chance = new Random(pick);
        var known = history.Known[chance.Next(history.Known.Count)];
        var file = RandomHistory.Files[chance.Next(RandomHistory.Files.Length)];
        var person = known.Dossiers.PersonOf(file, LegalTime.Latest);
        foreach (var habilitation in known.Habilitations)
        {
            var segments = FileRights.Of(habilitation, person, known);
            (segments[0].From, segments[^1].Until).ShouldBe((DateTimeOffset.MinValue, DateTimeOffset.MaxValue));
            segments.Zip(segments.Skip(1)).ShouldAllBe(pair => pair.First.Until == pair.Second.From);
            foreach (var at in Edges(known, habilitation, file))
            {
                var segment = segments.Single(s => s.From <= at && at < s.Until);
                var then = Access.At(habilitation, person, at, known);
                (segment.Gave, string.Join(' ', segment.Because), string.Join(' ', segment.Purposes)).ShouldBe(
                    (then.Gave, string.Join(' ', then.Because), string.Join(' ', then.Right.Purposes))
                );
            }
        }
    }

    private static string Given(Knowledge known, Habilitation habilitation, DossierIdentity file, DateTimeOffset at)
    {
        var access = Access.At(habilitation, known.Dossiers.PersonOf(file, at), at, known);
        return access.Gave
            ? string.Join(' ', access.Right.Purposes.Select(p => p.Value).Order(StringComparer.Ordinal))
            : string.Empty;
    }

    // Every instant at which the right, the person or the catalogue may change, and a microsecond before.
    private static List<DateTimeOffset> Edges(Knowledge known, Habilitation habilitation, DossierIdentity file) =>
        [
            .. known
                .RightsOf(habilitation)
                .Select(s => s.From)
                .Concat(known.Dossiers.PersonOf(file, LegalTime.Earliest).Changes)
                .Concat(known.Dossiers.PersonOf(file, LegalTime.Latest).Changes)
                .Where(i => i > DateTimeOffset.MinValue)
                .SelectMany(i => new[] { i - Tick, i, i + Tick })
                .Append(LegalTime.Earliest)
                .Append(LegalTime.Latest)
                .Distinct()
                .Order(),
        ];
}
