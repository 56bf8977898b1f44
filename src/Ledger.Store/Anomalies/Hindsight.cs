using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;
using Ledger.Domain.Rights;
using Ledger.Store.Knowing;
using Ledger.Store.Reading;
using Ledger.Store.Schema;

namespace Ledger.Store.Anomalies;

/// <summary>
/// The consultations that a fact made irregular: authorised with all that was known before it, and no longer with it.
/// Only the stretch of time in which the fact changed a right is looked at, some consultations at a time.
/// </summary>
internal sealed class Hindsight(LedgerDatabase database, Replica replica)
{
    private const int AtOnce = 500;

    /// <summary>The consultations that the event at a position made irregular.</summary>
    public async IAsyncEnumerable<ConsultationFound> MadeIrregularByAsync(
        Fact fact,
        Knowledge known,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel
    )
    {
        var (before, after) = (replica.AsKnownAt(known, fact.Position - 1), replica.AsKnownAt(known, fact.Position));
        foreach (var where in Changed(known.ReachOf(fact), before, after))
        {
            await foreach (var some in FactsAsync(where, fact.Position, cancel))
            {
                var stood = AccessHistory
                    .Judge(some.Where(f => where.Concerns(f, before)), before)
                    .Where(c => c.AsKnownAt.Authorised)
                    .Select(c => c.Fact);
                foreach (var fallen in AccessHistory.Judge(stood, after).Where(c => c.AsKnownAt.IsIrregular))
                {
                    yield return fallen;
                }
            }
        }
    }

    private static IEnumerable<Stretch> Changed(Reach reach, Knowledge before, Knowledge after)
    {
        foreach (var habilitation in reach.Habilitations)
        {
            var id = habilitation.Granted.Event.Habilitation;
            if (
                before.TryFind(id, out var was)
                && after.TryFind(id, out var now)
                && RightTimeline.Difference(before.RightsOf(was), after.RightsOf(now)) is var (from, until)
            )
            {
                var siret = before.SiretOf(was);
                yield return new Stretch(siret, habilitation.Granted.Agent, from, until, id, null);
            }
        }

        foreach (var common in reach.Common)
        {
            if (
                before.TryFind(common.Convention, out var was)
                && after.TryFind(common.Convention, out var now)
                && RightTimeline.Difference(
                    was.CommonRights(common.Service, common.Profil),
                    now.CommonRights(common.Service, common.Profil)
                )
                    is var (from, until)
            )
            {
                yield return new Stretch(was.Convention.Siret, null, from, until, null, common);
            }
        }
    }

    private async IAsyncEnumerable<List<Fact>> FactsAsync(
        Stretch where,
        long position,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel
    )
    {
        var scope = new UsageScope(where.From, where.Until, Siret: where.Siret, Agent: where.Agent);
        var (after, count) = (Cursor.Start, AtOnce);
        while (count == AtOnce)
        {
            await using var select = new UsageSelect(database, scope, position - 1)
                .Where(UsageSelect.IsConsultation)
                .Where("u.authorised")
                .After(after)
                .First(UsageFound.Columns, AtOnce);
            var found = await select.RowsAsync(UsageFound.Read, cancel);
            yield return
            [
                .. (await database.EventsAtAsync([.. found.Select(f => f.Position)], cancel)).Select(e => e.Fact),
            ];
            (after, count) = (found.Count > 0 ? found[^1].Place : after, found.Count);
        }
    }

    // Uses at a partner, in a stretch of time, under one right or under what rights have in common.
    private sealed record Stretch(
        Siret Siret,
        AgentId? Agent,
        DateTimeOffset From,
        DateTimeOffset Until,
        HabilitationId? Own,
        CommonKey? Common
    )
    {
        public bool Concerns(Fact fact, Knowledge known) =>
            ((Domain.Consultations.ConsultationRecorded)fact.Event).Verdict.Habilitation is { } id
            && (Own is null || Own == id)
            && (Common is not { } common || (known.TryFind(id, out var h) && IsOf(h, common)));

        private static bool IsOf(Habilitation h, CommonKey common) =>
            new CommonKey(h.Granted.Convention, h.Granted.Service, h.Granted.Profil) == common;
    }
}
