using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Rights;
using Ledger.Store.Schema;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store.Reading;

/// <summary>
/// Who could, who did, and how it came to be. Every question takes the position up to which the ledger may know.
/// </summary>
public sealed partial class AccessHistory(LedgerDatabase database) : IDisposable
{
    private readonly KnowledgeFollower _follower = new(database);

    /// <summary>The last position that is recorded: -1 for none.</summary>
    public async Task<long> LastPositionAsync(CancellationToken cancel)
    {
        await using var select = database.Source.CreateCommand("select size - 1 from ledger.ledger_head");
        return (long)(await select.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>The last position recorded at or before an instant: -1 for none.</summary>
    public async Task<long> PositionAtAsync(DateTimeOffset instant, CancellationToken cancel)
    {
        await using var select = database.Source.CreateCommand("select ledger.position_at($1)");
        select.Parameters.Add(new() { Value = instant.UtcDateTime });
        return (long)(await select.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>Computes on what was known at a position: for the questions that the domain answers.</summary>
    public Task<T> AskAsync<T>(long known, Func<Knowledge, T> compute, CancellationToken cancel) =>
        _follower.AskAsync(known, compute, cancel);

    /// <summary>
    /// The rights that covered a file at an instant, by partner, agent and habilitation. The file is told by the
    /// identities that it
    /// had at that instant: one, unless nothing is known of its mutations.
    /// </summary>
    public async Task<Page<AccessRight>> WhoCouldAsync(
        IReadOnlyList<DossierIdentity> file,
        DateTimeOffset at,
        long known,
        ServiceCode? service,
        Paging paging,
        CancellationToken cancel
    )
    {
        var communes = await AskAsync(
            long.MaxValue,
            k =>
                file.Select(f => k.Dossiers.Commune(f.Pseudonym, known).At(at).Value?.Value)
                    .OfType<string>()
                    .Distinct()
                    .ToArray(),
            cancel
        );
        await using var select = database.Source.CreateCommand(
            """
            select habilitation, agent, siret, service, profil, purposes, valid, because from ledger.access_right
            where caf = any($1) and valid @> $2 and known @> $3 and ($4::text is null or service = $4) and ($5::text is null or holder > $5)
              and (communes is null or communes && $7) and (dossiers is null or dossiers && $8)
            order by holder limit $6
            """
        );
        select.Parameters.AddRange(
            new NpgsqlParameter[]
            {
                new() { Value = file.Select(f => f.Caf.Value).Distinct().ToArray() },
                new() { Value = at.UtcDateTime },
                new() { Value = known },
                Text(service?.Value),
                Text(paging.After),
                new() { Value = paging.Size + 1 },
                new() { Value = communes },
                new() { Value = file.Select(f => f.Pseudonym).ToArray() },
            }
        );
        var rights = new List<AccessRight>();
        await using var reader = await select.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var valid = reader.GetFieldValue<NpgsqlRange<DateTime>>(6);
            rights.Add(
                new AccessRight(
                    reader.GetString(0),
                    reader.GetString(1),
                    reader.GetString(2),
                    reader.GetString(3),
                    reader.GetString(4),
                    reader.GetFieldValue<string[]>(5),
                    valid.LowerBoundInfinite ? null : new DateTimeOffset(valid.LowerBound, TimeSpan.Zero),
                    valid.UpperBoundInfinite ? null : new DateTimeOffset(valid.UpperBound, TimeSpan.Zero),
                    reader.GetFieldValue<long[]>(7)
                )
            );
        }

        return Cut(rights, paging.Size, r => $"{r.Siret}/{r.Agent}/{r.Habilitation}");
    }

    /// <summary>
    /// The consultations of a file between two instants, in the order in which they took place, each with both
    /// verdicts.
    /// </summary>
    public async Task<Page<ConsultationFound>> WhoDidAsync(
        IReadOnlyList<Pseudonym> allocataire,
        DateTimeOffset from,
        DateTimeOffset until,
        long known,
        Paging paging,
        CancellationToken cancel
    )
    {
        // "offset 0" keeps it one search a pseudonym.
        var (afterInstant, afterPosition) = Cursor(paging.After);
        var months = MonthsOf(allocataire, from, until);
        await using var select = database.Source.CreateCommand(
            """
            select u.position, u.occurred_at
            from unnest($1, $2, $3) month (allocataire, begins, ends), lateral
            (select position, kind, occurred_at from ledger.usage
             where allocataire = month.allocataire and occurred_at >= month.begins and occurred_at < month.ends offset 0) u
            where u.kind = 0 and u.position <= $4 and (u.occurred_at, u.position) > ($5, $6)
            order by u.occurred_at, u.position limit $7
            """
        );
        select.Parameters.AddRange(
            new NpgsqlParameter[]
            {
                new() { Value = months.ConvertAll(m => m.Pseudonym).ToArray() },
                new() { Value = months.ConvertAll(m => m.From.UtcDateTime).ToArray() },
                new() { Value = months.ConvertAll(m => m.Until.UtcDateTime).ToArray() },
                new() { Value = known },
                new() { Value = afterInstant.UtcDateTime },
                new() { Value = afterPosition },
                new() { Value = paging.Size + 1 },
            }
        );
        return await JudgedPageAsync(await FoundAsync(select, cancel), paging, known, cancel);
    }

    /// <summary>Consultations, judged with what is known at a position.</summary>
    public async Task<List<ConsultationFound>> JudgeAsync(
        IReadOnlyList<Fact> consultations,
        long known,
        CancellationToken cancel
    ) =>
        await AskAsync(
            long.MaxValue,
            k =>
            {
                var uses = consultations.Select(f => Use.Of((ConsultationRecorded)f.Event)).ToList();
                var claimed = uses.Select(u => u.Claimed)
                    .OfType<HabilitationId>()
                    .Distinct()
                    .Where(id => k.TryFind(id, out _))
                    .Select(id => k.Require(k.Require(id).Granted.Convention).Convention.Siret);
                var then = k.AsKnownAt(
                    known,
                    uses.Select(u => u.Siret).Concat(claimed),
                    uses.Select(u => u.Dossier).OfType<string>()
                );
                return consultations.Select(fact => Judged(fact, then)).ToList();
            },
            cancel
        );

    /// <summary>The rights of an agent over time, each with the segments of the one pure function.</summary>
    public async Task<IReadOnlyList<(Habilitation Habilitation, IReadOnlyList<RightSegment> Segments)>> RightsAsync(
        Siret siret,
        AgentId agent,
        long known,
        CancellationToken cancel
    ) => await AskAsync(known, k => k.Of(siret, agent).Select(h => (h, k.RightsOf(h))).ToList(), cancel);

    /// <inheritdoc/>
    public void Dispose() => _follower.Dispose();

    private static ConsultationFound Judged(Fact fact, Knowledge known)
    {
        var c = (ConsultationRecorded)fact.Event;
        var now = Judgement.Of(Use.Of(c), known);
        var learnt = now
            .Because.Except(c.Verdict.Because)
            .Where(position => position > c.Verdict.KnownTo)
            .Select(known.FactAt)
            .OfType<Fact>()
            .ToList();
        return new ConsultationFound(fact, now, learnt);
    }

    private async Task<Page<ConsultationFound>> JudgedPageAsync(
        List<UsageFound> found,
        Paging paging,
        long known,
        CancellationToken cancel
    )
    {
        var page = found.Take(paging.Size).ToList();
        var facts = await FactsAsync(page.Select(f => f.Position), cancel);
        var judged = await JudgeAsync(page.ConvertAll(f => facts[f.Position]), known, cancel);
        return new Page<ConsultationFound>(
            judged,
            found.Count > paging.Size ? KeyOf(page[^1].OccurredAt, page[^1].Position) : null
        );
    }

    private async Task<Dictionary<long, Fact>> FactsAsync(IEnumerable<long> positions, CancellationToken cancel) =>
        (await database.EventsAtAsync([.. positions], cancel)).ToDictionary(e => e.Fact.Position, e => e.Fact);

    private static async Task<List<UsageFound>> FoundAsync(NpgsqlCommand select, CancellationToken cancel)
    {
        var found = new List<UsageFound>();
        await using var reader = await select.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            found.Add(
                new UsageFound(reader.GetInt64(0), new DateTimeOffset(reader.GetFieldValue<DateTime>(1), TimeSpan.Zero))
            );
        }

        return found;
    }

    private static async Task<List<long>> PositionsAsync(NpgsqlCommand select, CancellationToken cancel)
    {
        var positions = new List<long>();
        await using var reader = await select.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            positions.Add(reader.GetInt64(0));
        }

        return positions;
    }

    // A pseudonym is of one month: it is looked for there and nowhere else.
    private static List<(byte[] Pseudonym, DateTimeOffset From, DateTimeOffset Until)> MonthsOf(
        IReadOnlyList<Pseudonym> allocataire,
        DateTimeOffset from,
        DateTimeOffset until
    ) =>
        [
            .. allocataire
                .Select(p => (Pseudonym: Convert.FromBase64String(p.Value), Month: LegalTime.MonthOf(p.Epoch)))
                .Select(p =>
                    (
                        p.Pseudonym,
                        From: p.Month.From > from ? p.Month.From : from,
                        Until: p.Month.Until < until ? p.Month.Until : until
                    )
                )
                .Where(p => p.From < p.Until),
        ];

    private static string KeyOf(DateTimeOffset occurredAt, long position) => $"{occurredAt.UtcTicks}/{position}";

    private static NpgsqlParameter Text(string? value) =>
        new() { Value = value ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static Page<T> Cut<T>(List<T> found, int pageSize, Func<T, string> key) =>
        found.Count <= pageSize ? new Page<T>(found, null) : new Page<T>(found[..pageSize], key(found[pageSize - 1]));

    private static (DateTimeOffset Instant, long Position) Cursor(string? after)
    {
        if (after is null)
        {
            return (LegalTime.Earliest.AddYears(-1), -1);
        }

        return
            after.Split('/') is [var ticks, var position]
            && long.TryParse(ticks, out var t)
            && long.TryParse(position, out var p)
            && t >= DateTimeOffset.MinValue.Ticks
            && t <= DateTimeOffset.MaxValue.Ticks
            ? (new DateTimeOffset(t, TimeSpan.Zero), p)
            : throw new InvalidFieldException("paging.token", "The page token is not one that this ledger gave.");
    }
}
