using System.Buffers.Text;
using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Questions;
using Ledger.Domain.Rights;

namespace Ledger.Store.Reading;

/// <summary>The questions that the journal of use answers.</summary>
public sealed partial class AccessHistory
{
    /// <summary>
    /// The consultations of a scope, in the order in which they took place, with both verdicts.
    /// </summary>
    public async Task<Page<ConsultationFound>> ConsultationsAsync(
        UsageScope scope,
        bool onlyWithoutFile,
        Snapshot known,
        Paging paging,
        CancellationToken cancel
    )
    {
        var select = new UsageSelect(database, await SealedAsync(scope, cancel), known.At)
            .Where(UsageSelect.IsConsultation)
            .After(Cursor.Parse(paging.After));
        if (onlyWithoutFile)
        {
            select.Where("not u.has_file");
        }

        await using var command = select.First(UsageFound.Columns, paging.Size + 1);
        return await JudgedPageAsync(await command.RowsAsync(UsageFound.Read, cancel), paging, known.Then, cancel);
    }

    /// <summary>The rights effective at an instant that were not used for so many days before it.</summary>
    public async Task<List<Finding>> DormantAsync(
        DateTimeOffset at,
        int days,
        Siret? siret,
        Snapshot known,
        CancellationToken cancel
    )
    {
        var since = at.AddDays(-days);
        var used = await UsedAsync(since, at, siret, known, cancel);
        var k = known.Then;
        return
        [
            .. k
                .Habilitations.Where(h => siret is null || k.SiretOf(h) == siret)
                .Where(h => !used.Contains(h.Granted.Event.Habilitation))
                .Select(h => (Habilitation: h, Segment: RightTimeline.At(k.RightsOf(h), at)))
                .Where(h => h.Segment.IsEffective && h.Segment.From <= since)
                .Select(h => Dormant(h.Habilitation, h.Segment, k.SiretOf(h.Habilitation), days))
                .OrderBy(f => f.Key, StringComparer.Ordinal),
        ];
    }

    /// <summary>What an account or an address reached.</summary>
    public async Task<BlastRadius> BlastRadiusAsync(UsageScope scope, Snapshot known, CancellationToken cancel)
    {
        await using var count = new UsageSelect(database, await SealedAsync(scope, cancel), known.At)
            .Standing(known.Then)
            .All(
                """
                count(*) filter (where u.kind = 0),
                count(distinct u.allocataire) filter (where u.allocataire is not null),
                coalesce(array_agg(distinct u.siret || '/' || u.agent), array[]::text[]),
                coalesce(array_agg(distinct to_char(u.occurred_at at time zone 'Europe/Paris', 'YYYY-MM') || '/'
                    || encode(u.address, 'hex')) filter (where u.address is not null), array[]::text[]),
                coalesce(array_agg(distinct u.service) filter (where u.service is not null), array[]::text[]),
                min(u.occurred_at), max(u.occurred_at),
                coalesce(array_agg(distinct u.habilitation) filter (where u.habilitation is not null), array[]::text[])
                """
            );
        var radius = await count.RowsAsync(
            r => new BlastRadius(
                r.GetInt64(0),
                r.GetInt64(1),
                [.. r.GetFieldValue<string[]>(2).Select(a => a.Split('/')).Select(a => (a[0], a[1]))],
                r.GetFieldValue<string[]>(3),
                r.GetFieldValue<string[]>(4),
                Categories(r.GetFieldValue<string[]>(7), scope, known),
                r.InstantOrNull(5),
                r.InstantOrNull(6)
            ),
            cancel
        );
        var found = radius.Single();
        return found with { Addresses = await OpenedAsync(found.Addresses, cancel) };
    }

    // What an address is in the index, in each month of the scope.
    private async ValueTask<UsageScope> SealedAsync(UsageScope scope, CancellationToken cancel) =>
        scope.Address is not { } address
            ? scope
            : scope with
            {
                SealedAddresses =
                [
                    .. (await keys.AllAsync(cancel))
                        .Where(k => LegalTime.Meets(k.Month, scope.From, scope.Until))
                        .Select(k => Base64Url.DecodeFromChars(k.Seal("address", address))),
                ],
            };

    // Addresses in clear, from "month/hexadecimal"; those of a month whose key was destroyed can no longer be told.
    private async Task<IReadOnlyList<string>> OpenedAsync(IReadOnlyList<string> addresses, CancellationToken cancel)
    {
        var sealedOnes = addresses.Select(a => a.Split('/')).Select(a => (Month: a[0], Bytes: a[1])).ToList();
        var months = await keys.OfAsync(sealedOnes.Select(a => a.Month), cancel);
        return
        [
            .. sealedOnes
                .Where(a => months.Keys.ContainsKey(a.Month))
                .Select(a =>
                    months.Keys[a.Month].Open("address", Base64Url.EncodeToString(Convert.FromHexString(a.Bytes)))
                )
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];
    }

    private static List<string> Categories(string[] habilitations, UsageScope scope, Snapshot known) =>
        [
            .. habilitations
                .Select(HabilitationId.Parse)
                .Select(known.Then.Require)
                .SelectMany(h =>
                    known
                        .Then.CatalogueAt(scope.From)
                        .CategoriesOf(h.Granted.Service, h.Granted.Profil)
                        .Concat(known.Then.CatalogueAt(scope.Until).CategoriesOf(h.Granted.Service, h.Granted.Profil))
                )
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];

    private static Finding Dormant(Habilitation habilitation, RightSegment segment, Siret siret, int days)
    {
        var granted = habilitation.Granted;
        var id = granted.Event.Habilitation;
        return new Finding(
            id.Value,
            "dormant",
            Particulars.Of(
                ("agent", granted.Agent),
                ("habilitation", id),
                ("service", granted.Service),
                ("profil", granted.Profil),
                ("days", days)
            ),
            segment.Because,
            granted.Convention,
            siret,
            granted.Agent,
            id,
            Days: days
        );
    }

    private async Task<HashSet<HabilitationId>> UsedAsync(
        DateTimeOffset from,
        DateTimeOffset until,
        Siret? siret,
        Snapshot known,
        CancellationToken cancel
    )
    {
        await using var select = new UsageSelect(database, new UsageScope(from, until, Siret: siret), known.At)
            .Standing(known.Then)
            .Where(UsageSelect.IsConsultation)
            .Where("u.habilitation is not null")
            .All("distinct u.habilitation");
        return [.. await select.RowsAsync(r => HabilitationId.Parse(r.GetString(0)), cancel)];
    }
}
