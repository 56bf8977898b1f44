using Ledger.Domain.Common;
using Ledger.Domain.ReadModels;
using Ledger.Domain.Reviews;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store.Reading;

/// <summary>An alert, with how it was qualified last.</summary>
/// <param name="Alert">The alert.</param>
/// <param name="Outcome">What it was; null for one that waits.</param>
/// <param name="QualifiedAt">Where that was said; null for one that waits.</param>
public sealed record AlertFound(AlertRow Alert, string? Outcome, long? QualifiedAt);

/// <summary>Which alerts are asked about. What is null does not matter.</summary>
/// <param name="Siret">Of this partner.</param>
/// <param name="Agent">About this agent of it.</param>
/// <param name="Rule">Of this rule.</param>
/// <param name="Certain">Certain ones, or those only worth a look.</param>
/// <param name="Outcome">Qualified so; the empty text for those that wait.</param>
/// <param name="From">About this day or a later one.</param>
/// <param name="Until">About an earlier day.</param>
/// <param name="Caf">Of this Caf.</param>
public sealed record AlertScope(
    Siret? Siret = null,
    AgentId? Agent = null,
    string? Rule = null,
    bool? Certain = null,
    string? Outcome = null,
    DateOnly? From = null,
    DateOnly? Until = null,
    CafCode? Caf = null
);

/// <summary>The questions about alerts, which have a read model of their own.</summary>
public sealed partial class AccessHistory
{
    private const string AlertColumns = """
        select a.position, a.alert, a.rule, a.version, a.certain, a.caf, a.siret, a.agent, a.day, a.particulars, a.about,
               o.outcome, o.position
        from ledger.alert a left join lateral
            (select outcome, position from ledger.alert_outcome
             where alert = a.alert and position <= $1 order by position desc limit 1) o on true
        """;

    /// <summary>One alert, as known at a position; null for none.</summary>
    public async Task<AlertFound?> AlertAsync(AlertId alert, long known, CancellationToken cancel)
    {
        await using var select = database.Source.CreateCommand(
            $"{AlertColumns} where a.position <= $1 and a.alert = $2"
        );
        select.Parameters.Add(new() { Value = known });
        select.Parameters.Add(new() { Value = alert.Value });
        return await select.RowsAsync(ReadAlert, cancel) is [var found] ? found : null;
    }

    /// <summary>Alerts in the order in which they were raised, as known at a position.</summary>
    public async Task<Page<AlertFound>> AlertsAsync(
        AlertScope scope,
        long known,
        Paging paging,
        CancellationToken cancel
    )
    {
        await using var select = database.Source.CreateCommand(
            $"""
            {AlertColumns}
            where a.position <= $1 and a.position > $2 and ($3::text is null or a.siret = $3)
              and ($4::text is null or a.agent = $4) and ($5::text is null or a.rule = $5)
              and ($6::bool is null or a.certain = $6) and ($7::text is null or coalesce(o.outcome, '') = $7)
              and ($8::date is null or a.day >= $8) and ($9::date is null or a.day < $9)
              and ($10::text is null or a.caf = $10)
            order by a.position limit $11
            """
        );
        select.Parameters.AddRange(
            new NpgsqlParameter[]
            {
                new() { Value = known },
                new() { Value = Cursor.ParsePosition(paging.After) },
                Text(scope.Siret?.Value),
                Text(scope.Agent?.Value),
                Text(scope.Rule),
                new() { Value = scope.Certain ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Boolean },
                Text(scope.Outcome),
                new() { Value = scope.From ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Date },
                new() { Value = scope.Until ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Date },
                Text(scope.Caf?.Value),
                new() { Value = paging.Size + 1 },
            }
        );
        var found = await select.RowsAsync(ReadAlert, cancel);
        return new Page<AlertFound>(
            [.. found.Take(paging.Size)],
            found.Count > paging.Size ? $"{found[paging.Size - 1].Alert.Position}" : null
        );
    }

    /// <summary>What was used under a convention between two days, and the alerts on it.</summary>
    public async Task<YearOfUse> YearOfUseAsync(
        CafCode caf,
        Siret siret,
        DateOnly from,
        DateOnly until,
        Snapshot known,
        CancellationToken cancel
    )
    {
        var scope = new UsageScope(LegalTime.StartOf(from), LegalTime.StartOf(until), caf, siret);
        var used = await UsedAsync(scope.From, scope.Until, siret, known, cancel);
        var alerts = await AlertsAsync(
            new AlertScope(siret, From: from, Until: until, Caf: caf),
            known.At,
            new Paging(int.MaxValue - 1),
            cancel
        );
        var (consultations, irregular) = await CountAsync(scope, known, cancel);
        return new YearOfUse(
            consultations,
            irregular,
            used,
            [
                .. alerts.Items.Select(a => new ReviewedAlert(
                    a.Alert.Rule,
                    a.Outcome ?? string.Empty,
                    a.QualifiedAt is { } at ? [a.Alert.Position, at] : [a.Alert.Position]
                )),
            ]
        );
    }

    private async Task<(long Consultations, long Irregular)> CountAsync(
        UsageScope scope,
        Snapshot known,
        CancellationToken cancel
    )
    {
        await using var select = new UsageSelect(database, scope, known.At)
            .Standing(known.Then)
            .Where(UsageSelect.IsConsultation)
            .All("count(*), count(*) filter (where not u.authorised)");
        return (await select.RowsAsync(r => (r.GetInt64(0), r.GetInt64(1)), cancel)).Single();
    }

    private static AlertFound ReadAlert(NpgsqlDataReader reader) =>
        new(
            new AlertRow(
                reader.GetInt64(0),
                reader.GetString(1),
                reader.GetString(2),
                reader.GetString(3),
                reader.GetBoolean(4),
                reader.GetString(5),
                reader.GetString(6),
                reader.Text(7),
                reader.GetFieldValue<DateOnly>(8),
                Particulars.OfJson(reader.GetString(9)),
                reader.GetFieldValue<long[]>(10)
            ),
            reader.Text(11),
            reader.IsDBNull(12) ? null : reader.GetInt64(12)
        );
}
