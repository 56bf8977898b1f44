using System.Runtime.CompilerServices;
using Ledger.Domain.Common;
using Ledger.Domain.Control;
using Ledger.Domain.Dossiers;
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
internal sealed class Hindsight(LedgerDatabase database, Replica replica, AccessHistory history)
{
    private const int AtOnce = 500;

    /// <summary>The consultations that the event at a position made irregular.</summary>
    public async IAsyncEnumerable<ConsultationFound> MadeIrregularByAsync(
        Fact fact,
        Knowledge known,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        var (before, after) = (replica.AsKnownAt(known, fact.Position - 1), replica.AsKnownAt(known, fact.Position));
        await foreach (var some in TouchedAsync(fact, known, before, after, cancel))
        {
            var stood = (await history.JudgeAsync(some, before, cancel)).FindAll(c => c.AsKnownAt.Authorised);
            var now = await history.JudgeAsync([.. stood.Select(c => c.Fact)], after, cancel);
            foreach (var fallen in now.Where(c => c.IsIrregular))
            {
                yield return fallen;
            }
        }
    }

    // The uses that may be judged otherwise since: those of the rights that the fact reaches, and those of the files.
    private async IAsyncEnumerable<List<Fact>> TouchedAsync(
        Fact fact,
        Knowledge known,
        Knowledge before,
        Knowledge after,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        foreach (var where in Changed(known.ReachOf(fact), before, after))
        {
            await foreach (var some in FactsAsync((next, most) => UsesAsync(where, fact, next, most, cancel), cancel))
            {
                yield return some.FindAll(f => where.Concerns(f, before));
            }
        }

        if (FilesOf(fact.Event, after) is not { Count: > 0 } files)
        {
            yield break;
        }

        var people = files.SelectMany(f => TiedTo(f, before).Concat(TiedTo(f, after)));
        var pseudonyms = await history.PseudonymsAsync(people, cancel);
        await foreach (
            var some in FactsAsync(
                (next, most) =>
                    history.OfFilesAsync(
                        pseudonyms,
                        (LegalTime.Earliest, LegalTime.Latest),
                        fact.Position - 1,
                        next,
                        most,
                        onlyAuthorised: true,
                        cancel
                    ),
                cancel
            )
        )
        {
            yield return some;
        }
    }

    private static List<string> FilesOf(LedgerEvent @event, Knowledge known) =>
        @event switch
        {
            DossierEvent e => [.. e.Dossiers()],
            RectificationMade r when known.FactAt(r.Of)?.Event is DossierEvent e => [.. e.Dossiers()],
            _ => [],
        };

    private static IEnumerable<string> TiedTo(string file, Knowledge known) =>
        known.Dossiers.MutationsAround(file).SelectMany(m => m.Event.Dossiers()).Append(file);

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

    private async Task<List<UsageFound>> UsesAsync(
        Stretch where,
        Fact fact,
        Cursor after,
        int most,
        CancellationToken cancel
    )
    {
        var scope = new UsageScope(where.From, where.Until, Siret: where.Siret, Agent: where.Agent);
        await using var select = new UsageSelect(database, scope, fact.Position - 1)
            .Where(UsageSelect.IsConsultation)
            .Where("u.authorised")
            .After(after)
            .First(UsageFound.Columns, most);
        return await select.RowsAsync(UsageFound.Read, cancel);
    }

    private async IAsyncEnumerable<List<Fact>> FactsAsync(
        Func<Cursor, int, Task<List<UsageFound>>> find,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        var (after, count) = (Cursor.Start, AtOnce);
        while (count == AtOnce)
        {
            var found = await find(after, AtOnce);
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
