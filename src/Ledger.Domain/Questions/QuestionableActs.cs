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
            yield return About(
                "grantor-not-entitled",
                $"'{granted.Actor.Human}' granted '{granted.Event.Habilitation}' without being entitled to at that "
                    + "moment (art. 9.1).",
                granted.At,
                [granted.Position, .. because]
            );
        }

        if (granted.Event.ToOneself)
        {
            yield return About(
                "grant-to-oneself",
                $"'{granted.Agent}' granted '{granted.Event.Habilitation}' to herself or himself (art. 9.2).",
                granted.At,
                [granted.Position]
            );
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
                    $"'{fact.Context.Actor.Human}' {act.Did} '{granted.Event.Habilitation}' without office at that "
                        + $"moment: {act.Effect} (art. 9.1).",
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
                    $"'{granted.Agent}' widened '{granted.Event.Habilitation}', which is her or his own (art. 9.2).",
                    ((HabilitationModified)fact.Event).At,
                    [fact.Position],
                    fact.Position
                );
            }
        }

        Finding About(
            string kind,
            string sentence,
            DateTimeOffset at,
            IReadOnlyList<long> positions,
            long? position = null
        ) =>
            new(
                $"{granted.Event.Habilitation}/{kind}" + (position is { } p ? $"/{p:D19}" : string.Empty),
                kind,
                sentence,
                [.. positions.Distinct().Order()],
                granted.Convention,
                partenariat.Convention.Siret,
                granted.Agent,
                granted.Event.Habilitation,
                LegalTime.DayOf(at)
            );
    }

    private static (string Kind, string Did, DateTimeOffset At, string Effect)? ActOf(Fact fact) =>
        fact.Event switch
        {
            HabilitationSuspended e => ("suspension", "suspended", e.At, "it stands"),
            HabilitationRevoked e => ("revocation", "revoked", e.At, "it stands"),
            HabilitationInvalidated e => ("invalidation", "invalidated", e.At, "it stands"),
            SuspensionLifted e => ("lift", "lifted a suspension of", e.At, "it restores nothing"),
            HabilitationModified e => ("modification", "modified", e.At, "it only narrows"),
            _ => null,
        };
}
