using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Questions;
using Ledger.Domain.ReadModels;
using Ledger.Domain.Reviews;
using Ledger.Domain.Rights;
using Npgsql;

namespace Ledger.Store.Reading;

/// <summary>The questions that the journal of use answers.</summary>
public sealed partial class AccessHistory
{
    /// <summary>The consultations of a scope, in the order in which they took place, with both verdicts.</summary>
    public async Task<Page<ConsultationFound>> ConsultationsAsync(
        UsageScope scope,
        bool onlyWithoutFile,
        long known,
        Paging paging,
        CancellationToken cancel
    )
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await using var select = Select(
            connection,
            onlyWithoutFile ? "u.kind = 0 and not u.has_file" : "u.kind = 0",
            scope,
            known,
            paging
        );
        await select.PrepareAsync(cancel);
        return await JudgedPageAsync(await FoundAsync(select, cancel), paging, known, cancel);
    }

    /// <summary>
    /// The consultations of a scope that were or are irregular. As known then is written with them; as known now may
    /// differ only
    /// where a right was learnt about later, and only those are judged again.
    /// </summary>
    /// <param name="scope">Which.</param>
    /// <param name="filter">Which verdicts.</param>
    /// <param name="reasons">
    /// Only with one of these reasons, under the verdict as known at the moment asked about; empty for any.
    /// </param>
    /// <param name="known">The position up to which the ledger may know.</param>
    /// <param name="paging">Which page.</param>
    /// <param name="cancel">Stops.</param>
    public async Task<Page<ConsultationFound>> IrregularAsync(
        UsageScope scope,
        VerdictFilter filter,
        IReadOnlySet<Reason> reasons,
        long known,
        Paging paging,
        CancellationToken cancel
    )
    {
        var kept = new List<ConsultationFound>();
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        while (true)
        {
            // The first parameter is the position up to which the ledger may know.
            await using var select = Select(
                connection,
                """
                u.kind = 0 and (not u.authorised
                    or (exists (select 1 from ledger.access_right r where r.habilitation = u.habilitation and (not upper_inf(r.known) or r.communes is not null))
                        and not exists (select 1 from ledger.access_right r where r.habilitation = u.habilitation and r.known @> $1 and r.known @> u.position
                            and r.valid @> u.occurred_at and r.communes is null)))
                """,
                scope,
                known,
                paging
            );
            var found = await FoundAsync(select, cancel);
            var page = await JudgedPageAsync(found, paging, known, cancel);
            kept.AddRange(
                page.Items.Where(c =>
                    Wanted(c, filter) && (reasons.Count == 0 || c.AsKnownAt.Reasons.Any(reasons.Contains))
                )
            );
            if (kept.Count > paging.Size)
            {
                var last = kept[paging.Size - 1];
                return new Page<ConsultationFound>(
                    kept[..paging.Size],
                    KeyOf(last.Event.OccurredAt, last.Fact.Position)
                );
            }

            if (page.Next is null)
            {
                return new Page<ConsultationFound>(kept, null);
            }

            paging = paging with { After = page.Next };
        }
    }

    /// <summary>
    /// The consultations that the event at a position made irregular: authorised with all that was known before it, and
    /// no longer
    /// with it.
    /// </summary>
    /// <param name="rights">The rights that the event bears on.</param>
    /// <param name="position">The event's position.</param>
    /// <param name="cancel">Stops.</param>
    public async Task<List<ConsultationFound>> MadeIrregularByAsync(
        IReadOnlyCollection<Habilitation> rights,
        long position,
        CancellationToken cancel
    )
    {
        await using var select = database.Source.CreateCommand(
            """
            select u.position from unnest($1, $2, $3) r (siret, agent, habilitation), ledger.usage u
            where u.siret = r.siret and u.agent = r.agent and u.habilitation = r.habilitation and u.kind = 0 and u.authorised and u.position < $4
            order by u.position
            """
        );
        var holders = await AskAsync(
            long.MaxValue,
            k =>
                rights
                    .Select(h =>
                        (
                            Siret: k.Require(h.Granted.Convention).Convention.Siret.Value,
                            Agent: h.Granted.Agent.Value,
                            Id: h.Granted.Event.Habilitation.Value
                        )
                    )
                    .ToList(),
            cancel
        );
        select.Parameters.AddRange(
            new NpgsqlParameter[]
            {
                new() { Value = holders.ConvertAll(h => h.Siret).ToArray() },
                new() { Value = holders.ConvertAll(h => h.Agent).ToArray() },
                new() { Value = holders.ConvertAll(h => h.Id).ToArray() },
                new() { Value = position },
            }
        );
        var found = await PositionsAsync(select, cancel);
        if (found.Count == 0)
        {
            return [];
        }

        var facts = await FactsAsync(found, cancel);
        var before = await JudgeAsync(found.ConvertAll(p => facts[p]), position - 1, cancel);
        var stood = before.Where(c => c.AsKnownAt.Authorised).Select(c => c.Fact).ToList();
        return [.. (await JudgeAsync(stood, position, cancel)).Where(c => !c.AsKnownAt.Authorised)];
    }

    /// <summary>The rights effective at an instant that were not used for so many days before it.</summary>
    public async Task<List<Finding>> DormantAsync(
        DateTimeOffset at,
        int days,
        Siret? siret,
        long known,
        CancellationToken cancel
    )
    {
        var since = at.AddDays(-days);
        var used = await UsedAsync(since, at, siret, known, cancel);
        return await AskAsync(
            known,
            k =>
                k.Habilitations.Where(h => siret is null || k.Require(h.Granted.Convention).Convention.Siret == siret)
                    .Where(h =>
                        !used.Contains(h.Granted.Event.Habilitation)
                        && k.RightsOf(h).Last(s => s.From <= at) is { IsEffective: true } s
                        && s.From <= since
                    )
                    .Select(h => new Finding(
                        h.Granted.Event.Habilitation.Value,
                        "dormant",
                        $"'{h.Granted.Agent}' has held '{h.Granted.Event.Habilitation}' ({h.Granted.Service} "
                            + $"{h.Granted.Profil}) for more than {days} days without using it.",
                        k.RightsOf(h).Last(s => s.From <= at).Because,
                        h.Granted.Convention,
                        k.Require(h.Granted.Convention).Convention.Siret,
                        h.Granted.Agent,
                        h.Granted.Event.Habilitation,
                        Days: days
                    ))
                    .OrderBy(f => f.Key, StringComparer.Ordinal)
                    .ToList(),
            cancel
        );
    }

    /// <summary>What an account or an address reached.</summary>
    public async Task<BlastRadius> BlastRadiusAsync(UsageScope scope, long known, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await using var count = new NpgsqlCommand { Connection = connection };
        var where = InScope(count, scope, known, new Paging(0));
        count.CommandText = $"""
            select count(*) filter (where u.kind = 0), count(distinct u.allocataire) filter (where u.allocataire is not null),
                   coalesce(array_agg(distinct u.siret || '/' || u.agent), array[]::text[]), coalesce(array_agg(distinct u.address) filter (where u.address is not null), array[]::text[]),
                   coalesce(array_agg(distinct u.service) filter (where u.service is not null), array[]::text[]), min(u.occurred_at), max(u.occurred_at),
                   coalesce(array_agg(distinct u.habilitation) filter (where u.habilitation is not null), array[]::text[])
            from ledger.usage u where {where}
            """;
        await using var reader = await count.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        var habilitations = reader.GetFieldValue<string[]>(7);
        var categories = await AskAsync(
            known,
            k =>
                habilitations
                    .Select(HabilitationId.Parse)
                    .Select(k.Require)
                    .SelectMany(h =>
                        k.CatalogueAt(scope.From)
                            .CategoriesOf(h.Granted.Service, h.Granted.Profil)
                            .Concat(k.CatalogueAt(scope.Until).CategoriesOf(h.Granted.Service, h.Granted.Profil))
                    )
                    .Distinct()
                    .Order(StringComparer.Ordinal)
                    .ToList(),
            cancel
        );
        return new BlastRadius(
            reader.GetInt64(0),
            reader.GetInt64(1),
            [.. reader.GetFieldValue<string[]>(2).Select(a => a.Split('/')).Select(a => (a[0], a[1]))],
            reader.GetFieldValue<string[]>(3),
            reader.GetFieldValue<string[]>(4),
            categories,
            await reader.IsDBNullAsync(5, cancel)
                ? null
                : new DateTimeOffset(reader.GetFieldValue<DateTime>(5), TimeSpan.Zero),
            await reader.IsDBNullAsync(6, cancel)
                ? null
                : new DateTimeOffset(reader.GetFieldValue<DateTime>(6), TimeSpan.Zero)
        );
    }

    /// <summary>What was used under a convention between two days.</summary>
    public async Task<YearOfUse> YearOfUseAsync(
        Siret siret,
        DateOnly from,
        DateOnly until,
        long known,
        CancellationToken cancel
    )
    {
        var (begin, end) = (LegalTime.StartOf(from), LegalTime.StartOf(until));
        await using var select = database.Source.CreateCommand(
            "select count(*), count(*) filter (where not authorised) from ledger.usage where kind = 0 and siret = "
                + "$1 and occurred_at >= $2 and occurred_at < $3 and position <= $4"
        );
        select.Parameters.AddRange(
            new NpgsqlParameter[]
            {
                new() { Value = siret.Value },
                new() { Value = begin.UtcDateTime },
                new() { Value = end.UtcDateTime },
                new() { Value = known },
            }
        );
        var used = await UsedAsync(begin, end, siret, known, cancel);
        await using var reader = await select.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return new YearOfUse(reader.GetInt64(0), reader.GetInt64(1), used);
    }

    /// <summary>The events with a tag, in the order of the log.</summary>
    internal async Task<Page<StoredEvent>> TaggedAsync(
        IReadOnlyCollection<string> tags,
        long known,
        Paging paging,
        CancellationToken cancel
    )
    {
        await using var select = database.Source.CreateCommand(
            """
            select position from ledger.event_tag where tag = any($1) and position > $2 and position <= $3
            group by position having count(*) = $4 order by position limit $5
            """
        );
        var after =
            paging.After is null ? -1
            : long.TryParse(paging.After, out var p) ? p
            : throw new InvalidFieldException("paging.token", "The page token is not one that this ledger gave.");
        select.Parameters.AddRange(
            new NpgsqlParameter[]
            {
                new() { Value = tags.ToArray() },
                new() { Value = after },
                new() { Value = known },
                new() { Value = (long)tags.Count },
                new() { Value = paging.Size + 1 },
            }
        );
        var found = await PositionsAsync(select, cancel);
        var events = await database.EventsAtAsync([.. found.Take(paging.Size)], cancel);
        return new Page<StoredEvent>(events, found.Count > paging.Size ? $"{events[^1].Fact.Position}" : null);
    }

    /// <summary>Who read the traces, of one file or of all: art. 7.</summary>
    /// <param name="dossier">The file, by its pseudonym under the key of dossiers; null for all.</param>
    /// <param name="known">The position up to which the ledger may know.</param>
    /// <param name="paging">Which page.</param>
    /// <param name="cancel">Stops.</param>
    public Task<Page<StoredEvent>> TraceReadsAsync(string? dossier, long known, Paging paging, CancellationToken cancel)
    {
        var kind = Tags.Kind("traces-consulted.v1");
        return TaggedAsync(dossier is null ? [kind] : [kind, Tags.Dossier(dossier)], known, paging, cancel);
    }

    private static bool Wanted(ConsultationFound c, VerdictFilter filter) =>
        filter switch
        {
            VerdictFilter.Then => !c.Event.Verdict.Authorised,
            VerdictFilter.Now => !c.AsKnownAt.Authorised,
            VerdictFilter.Differing => c.Differs,
            _ => !c.Event.Verdict.Authorised || !c.AsKnownAt.Authorised,
        };

    private async Task<HashSet<HabilitationId>> UsedAsync(
        DateTimeOffset from,
        DateTimeOffset until,
        Siret? siret,
        long known,
        CancellationToken cancel
    )
    {
        await using var select = database.Source.CreateCommand(
            """
            select distinct habilitation from ledger.usage
            where kind = 0 and habilitation is not null and occurred_at >= $1 and occurred_at < $2 and ($3::text is null or siret = $3) and position <= $4
            """
        );
        select.Parameters.AddRange(
            new NpgsqlParameter[]
            {
                new() { Value = from.UtcDateTime },
                new() { Value = until.UtcDateTime },
                Text(siret?.Value),
                new() { Value = known },
            }
        );
        var used = new HashSet<HabilitationId>();
        await using var reader = await select.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            used.Add(HabilitationId.Parse(reader.GetString(0)));
        }

        return used;
    }

    // Only the conditions that there are: a plan that is kept then uses the index that fits them.
    private static NpgsqlCommand Select(
        NpgsqlConnection connection,
        string and,
        UsageScope scope,
        long known,
        Paging paging
    )
    {
        var select = new NpgsqlCommand { Connection = connection };
        var where = InScope(select, scope, known, paging);
        select.Parameters.Add(new() { Value = paging.Size + 1 });
        select.CommandText =
            $"select u.position, u.occurred_at from ledger.usage u where {where} and {and} order by "
            + $"u.occurred_at, u.position limit ${select.Parameters.Count}";
        return select;
    }

    private static string InScope(NpgsqlCommand command, UsageScope scope, long known, Paging paging)
    {
        var conditions = new List<string>
        {
            $"u.position <= {P(known)}",
            $"u.occurred_at >= {P(scope.From.UtcDateTime)}",
            $"u.occurred_at < {P(scope.Until.UtcDateTime)}",
        };
        foreach (
            var (column, value) in new[]
            {
                ("caf", scope.Caf?.Value),
                ("siret", scope.Siret?.Value),
                ("agent", scope.Agent?.Value),
                ("service", scope.Service?.Value),
                ("address", scope.Address),
            }
        )
        {
            if (value is not null)
            {
                conditions.Add($"u.{column} = {P(value)}");
            }
        }

        if (paging.After is not null)
        {
            var (instant, position) = Cursor(paging.After);
            conditions.Add($"(u.occurred_at, u.position) > ({P(instant.UtcDateTime)}, {P(position)})");
        }

        return string.Join(" and ", conditions);

        string P(object value)
        {
            command.Parameters.Add(new() { Value = value });
            return $"${command.Parameters.Count}";
        }
    }
}
