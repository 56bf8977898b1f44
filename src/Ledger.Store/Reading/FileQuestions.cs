using Ledger.Domain.Common;
using Ledger.Domain.Dossiers;
using Ledger.Domain.ReadModels;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store.Reading;

/// <summary>The questions about one file.</summary>
public sealed partial class AccessHistory
{
    /// <summary>
    /// The rights that covered a file at an instant, by partner, agent and habilitation. The file is told by the
    /// identities that it had at that instant: one, unless nothing is known of its mutations.
    /// </summary>
    public async Task<Page<RightFound>> WhoCouldAsync(
        IReadOnlyList<DossierIdentity> file,
        DateTimeOffset at,
        Snapshot known,
        ServiceCode? service,
        Paging paging,
        CancellationToken cancel
    )
    {
        var communes = file.Select(f => known.Then.Dossiers.Commune(f.Pseudonym).At(at).Value?.Value)
            .OfType<string>()
            .Distinct()
            .ToArray();
        await using var select = database.Source.CreateCommand(
            """
            select h.habilitation, h.agent, h.siret, h.service, h.profil, h.purposes, p.purposes, h.valid, p.valid,
                   h.because, p.because
            from ledger.habilitation_right h
            join ledger.partner_right p on p.convention = h.convention and p.service = h.service and p.profil = h.profil
            where h.caf = any($1) and h.valid @> $2 and h.known @> $3 and p.valid @> $2 and p.known @> $3
              and h.purposes && p.purposes
              and ($4::text is null or h.service = $4) and ($5::text is null or h.holder > $5)
              and (h.communes is null or h.communes && $7) and (p.communes is null or p.communes && $7)
              and (h.dossiers is null or h.dossiers && $8) and (p.dossiers is null or p.dossiers && $8)
            order by h.holder limit $6
            """
        );
        select.Parameters.AddRange(
            new NpgsqlParameter[]
            {
                new() { Value = file.Select(f => f.Caf.Value).Distinct().ToArray() },
                new() { Value = at.UtcDateTime },
                new() { Value = known.At },
                Text(service?.Value),
                Text(paging.After),
                new() { Value = paging.Size + 1 },
                new() { Value = communes },
                new() { Value = file.Select(f => f.Pseudonym).ToArray() },
            }
        );
        var rights = await select.RowsAsync(ReadRight, cancel);
        return rights.Count <= paging.Size
            ? new Page<RightFound>(rights, null)
            : new Page<RightFound>(rights[..paging.Size], rights[paging.Size - 1].Holder);
    }

    /// <summary>
    /// The consultations of a file between two instants, in the order in which they took place, each with both
    /// verdicts.
    /// </summary>
    public async Task<Page<ConsultationFound>> WhoDidAsync(
        IReadOnlyList<Pseudonym> allocataire,
        DateTimeOffset from,
        DateTimeOffset until,
        Snapshot known,
        Paging paging,
        CancellationToken cancel
    )
    {
        var after = Cursor.Parse(paging.After);
        var keys = KeysOf(allocataire, from, until);
        await using var select = database.Source.CreateCommand(
            """
            select u.position, u.occurred_at
            from unnest($1, $2) key (epoch, allocataire), lateral
            (select position, kind, occurred_at from ledger.usage
             where epoch = key.epoch and allocataire = key.allocataire offset 0) u
            where u.kind = 0 and u.position <= $3 and u.occurred_at >= $4 and u.occurred_at < $5
              and (u.occurred_at, u.position) > ($6, $7)
            order by u.occurred_at, u.position limit $8
            """
        );
        select.Parameters.AddRange(
            new NpgsqlParameter[]
            {
                new() { Value = keys.ConvertAll(k => k.Epoch).ToArray() },
                new() { Value = keys.ConvertAll(k => k.Allocataire).ToArray() },
                new() { Value = known.At },
                new() { Value = from.UtcDateTime },
                new() { Value = until.UtcDateTime },
                new() { Value = after.OccurredAt.UtcDateTime },
                new() { Value = after.Position },
                new() { Value = paging.Size + 1 },
            }
        );
        return await JudgedPageAsync(await select.RowsAsync(UsageFound.Read, cancel), paging, known.Then, cancel);
    }

    // A pseudonym is of one month: it is looked for there and nowhere else. Each costs one search of an index.
    private static List<(int Epoch, byte[] Allocataire)> KeysOf(
        IReadOnlyList<Pseudonym> allocataire,
        DateTimeOffset from,
        DateTimeOffset until
    ) =>
        [
            .. allocataire
                .Where(p => LegalTime.MonthOf(p.Epoch) is var month && month.From < until && from < month.Until)
                .Select(p => (UsageRow.EpochOf(p), Convert.FromBase64String(p.Value))),
        ];

    private static RightFound ReadRight(NpgsqlDataReader reader)
    {
        var (own, common) = (
            reader.GetFieldValue<NpgsqlRange<DateTime>>(7),
            reader.GetFieldValue<NpgsqlRange<DateTime>>(8)
        );
        return new RightFound(
            reader.GetString(0),
            reader.GetString(1),
            reader.GetString(2),
            reader.GetString(3),
            reader.GetString(4),
            [
                .. reader
                    .GetFieldValue<string[]>(5)
                    .Intersect(reader.GetFieldValue<string[]>(6))
                    .Order(StringComparer.Ordinal),
            ],
            Later(own, common),
            Earlier(own, common),
            [.. reader.GetFieldValue<long[]>(9).Union(reader.GetFieldValue<long[]>(10)).Order()]
        );
    }

    private static DateTimeOffset? Later(params NpgsqlRange<DateTime>[] ranges) =>
        ranges
            .Where(r => !r.LowerBoundInfinite)
            .Select(r => (DateTimeOffset?)new DateTimeOffset(r.LowerBound, TimeSpan.Zero))
            .Max();

    private static DateTimeOffset? Earlier(params NpgsqlRange<DateTime>[] ranges) =>
        ranges
            .Where(r => !r.UpperBoundInfinite)
            .Select(r => (DateTimeOffset?)new DateTimeOffset(r.UpperBound, TimeSpan.Zero))
            .Min();
}
