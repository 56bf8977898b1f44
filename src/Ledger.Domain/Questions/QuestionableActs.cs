using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;
using Ledger.Domain.Partenariats;

namespace Ledger.Domain.Questions;

/// <summary>
/// The acts on rights that somebody should look at: art. 9.1, 9.2. Those by somebody who, as known now, had no office at
/// that moment, whether they count or not; and what people gave themselves. What was rectified is no act any more.
/// </summary>
public static class QuestionableActs
{
    /// <summary>Those that are known.</summary>
    public static IEnumerable<Finding> Of(Knowledge known) =>
        known
            .Habilitations.Where(h => h.GrantRectifiedBy is null)
            .SelectMany(h => Of(h, known.Require(h.Granted.Convention)))
            .OrderBy(f => f.Key, StringComparer.Ordinal);

    private static IEnumerable<Finding> Of(Habilitation habilitation, Partenariat partenariat)
    {
        var granted = habilitation.Granted;
        var (entitled, because) = GrantingRule.Judge(partenariat, granted);
        if (!entitled)
        {
            yield return About("grantor-not-entitled", granted.Actor, granted.At, [granted.Position, .. because]);
        }

        if (granted.Event.ToOneself)
        {
            yield return About("grant-to-oneself", granted.Actor, granted.At, [granted.Position]);
        }

        foreach (var fact in habilitation.Facts)
        {
            if (ActOf(fact) is not { } act)
            {
                continue;
            }

            var office = GrantingRule.Office(partenariat, fact.Context.Actor, act.At);
            if (!office.Held)
            {
                yield return About(
                    $"{act.Kind}-without-office",
                    fact.Context.Actor,
                    act.At,
                    [.. office.Cited(fact.Position)],
                    fact.Position
                );
            }
        }

        var widenings = habilitation.Facts.Any(f => f.Event is HabilitationModified)
            ? habilitation.Terms(partenariat).Widenings
            : [];
        foreach (var fact in widenings)
        {
            var actor = fact.Context.Actor;
            if (actor.Human == granted.Agent && actor.Siret == partenariat.Convention.Siret)
            {
                yield return About(
                    "widening-of-ones-own",
                    actor,
                    ((HabilitationModified)fact.Event).At,
                    [fact.Position],
                    fact.Position
                );
            }
        }

        Finding About(string kind, Actor by, DateTimeOffset at, IReadOnlyList<long> positions, long? position = null) =>
            new(
                $"{granted.Event.Habilitation}/{kind}" + (position is { } p ? $"/{p:D19}" : string.Empty),
                kind,
                Particulars.Of(("by", by.Human), ("habilitation", granted.Event.Habilitation), ("at", at)),
                [.. positions.Distinct().Order()],
                granted.Convention,
                partenariat.Convention.Siret,
                granted.Agent,
                granted.Event.Habilitation,
                LegalTime.DayOf(at)
            );
    }

    private static (string Kind, DateTimeOffset At)? ActOf(Fact fact) =>
        fact.Event switch
        {
            HabilitationSuspended e => ("suspension", e.At),
            HabilitationRevoked e => ("revocation", e.At),
            HabilitationInvalidated e => ("invalidation", e.At),
            SuspensionLifted e => ("lift", e.At),
            HabilitationModified e => ("modification", e.At),
            _ => null,
        };
}
