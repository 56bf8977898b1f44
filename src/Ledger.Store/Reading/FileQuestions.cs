using Ledger.Domain.Common;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Knowing;
using Ledger.Domain.ReadModels;
using Ledger.Domain.Rights;
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
        var asked = new Covering(file, communes, at, known.At, service);
        var (found, after, most) = (new List<RightFound>(), paging.After, paging.Size + 1);
        while (true)
        {
            var own = await OwnRightsAsync(asked, after, most, cancel);
            found.AddRange(own.Select(o => asked.InForce(o, known.Then)).OfType<RightFound>());
            if (found.Count > paging.Size)
            {
                return new Page<RightFound>(found[..paging.Size], found[paging.Size - 1].Holder);
            }

            if (own.Count < most)
            {
                return new Page<RightFound>(found, null);
            }

            // Where a convention gives nothing any more, all rights under it are passed over: in ever longer strides.
            (after, most) = (own[^1].Right.Holder, most * 2);
        }
    }

    // What habilitations give by themselves is found in the database; what their conventions give them is known.
    private async Task<List<OwnRight>> OwnRightsAsync(Covering asked, string? after, int most, CancellationToken cancel)
    {
        await using var select = database.Source.CreateCommand(
            """
            select habilitation, agent, siret, service, profil, purposes, valid, because, convention
            from ledger.habilitation_right
            where caf = any($1) and valid @> $2 and known @> $3
              and ($4::text is null or service = $4) and ($5::text is null or holder > $5)
              and (communes is null or communes && $7) and (dossiers is null or dossiers && $8)
            order by holder limit $6
            """
        );
        select.Parameters.AddRange(
            new NpgsqlParameter[]
            {
                new() { Value = asked.File.Select(f => f.Caf.Value).Distinct().ToArray() },
                new() { Value = asked.At.UtcDateTime },
                new() { Value = asked.Known },
                Text(asked.Service?.Value),
                Text(after),
                new() { Value = most },
                new() { Value = asked.Communes },
                new() { Value = asked.File.Select(f => f.Pseudonym).ToArray() },
            }
        );
        return await select.RowsAsync(ReadOwnRight, cancel);
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

    private static OwnRight ReadOwnRight(NpgsqlDataReader reader)
    {
        var valid = reader.GetFieldValue<NpgsqlRange<DateTime>>(6);
        return new OwnRight(
            new RightFound(
                reader.GetString(0),
                reader.GetString(1),
                reader.GetString(2),
                reader.GetString(3),
                reader.GetString(4),
                reader.GetFieldValue<string[]>(5),
                valid.LowerBoundInfinite ? null : new DateTimeOffset(valid.LowerBound, TimeSpan.Zero),
                valid.UpperBoundInfinite ? null : new DateTimeOffset(valid.UpperBound, TimeSpan.Zero),
                reader.GetFieldValue<long[]>(7)
            ),
            ConventionId.Parse(reader.GetString(8))
        );
    }

    // What a habilitation gives by itself, and under which convention.
    private sealed record OwnRight(RightFound Right, ConventionId Convention);

    // Which file, at which instant, with which knowledge, in which service.
    private sealed record Covering(
        IReadOnlyList<DossierIdentity> File,
        string[] Communes,
        DateTimeOffset At,
        long Known,
        ServiceCode? Service
    )
    {
        // The right, where its convention gives it too; null where it does not.
        public RightFound? InForce(OwnRight own, Knowledge known)
        {
            var right = own.Right;
            if (!known.TryFind(own.Convention, out var partenariat))
            {
                return null;
            }

            var (service, profil) = (ServiceCode.Parse(right.Service), ProfilCode.Parse(right.Profil));
            var common = RightTimeline.At(partenariat.CommonRights(service, profil), At);
            var purposes = right.Purposes.Intersect(common.Purposes.Select(p => p.Value)).Order(StringComparer.Ordinal);
            return common.IsEffective && Covers(common.Cover) && purposes.ToArray() is { Length: > 0 } allowed
                ? right with
                {
                    Purposes = allowed,
                    From = Nullable.Compare(right.From, Bounded(common.From)) > 0 ? right.From : Bounded(common.From),
                    Until = Earlier(right.Until, Bounded(common.Until)),
                    Because = [.. right.Because.Union(common.Because).Order()],
                }
                : null;
        }

        private bool Covers(Cover cover) =>
            cover.Communes?.Intersect(Communes).Any() != false
            && cover.Dossiers?.Intersect(File.Select(f => f.Pseudonym)).Any() != false;

        private static DateTimeOffset? Bounded(DateTimeOffset instant) =>
            instant == DateTimeOffset.MinValue || instant == DateTimeOffset.MaxValue ? null : instant;

        private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) =>
            one is null ? other
            : other is null || one < other ? one
            : other;
    }
}
