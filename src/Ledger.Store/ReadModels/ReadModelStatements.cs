using Ledger.Domain.ReadModels;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store.ReadModels;

/// <summary>What writes the rows of the read models, one statement for all rows of a table: arrays, not COPY, which would cost
/// two round trips for each table.</summary>
internal static class ReadModelStatements
{
    /// <summary>What events are about.</summary>
    public static NpgsqlBatchCommand? Tags(string schema, IReadOnlyCollection<(long Position, string Tag)> tags) =>
        tags.Count == 0
            ? null
            : new($"insert into {schema}.event_tag (tag, position) select * from unnest($1, $2)")
            {
                Parameters = { Column(tags, t => t.Tag), Column(tags, t => t.Position) },
            };

    /// <summary>Facts of use.</summary>
    public static NpgsqlBatchCommand? Usage(string schema, IReadOnlyCollection<UsageRow> rows) =>
        rows.Count == 0
            ? null
            : new(
                $"""
                insert into {schema}.usage
                    (position, kind, occurred_at, caf, siret, agent, epoch, allocataire, service, habilitation, session, address,
                     has_file, authorised)
                select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
                """
            )
            {
                Parameters =
                {
                    Column(rows, r => r.Position),
                    Column(rows, r => (short)r.Kind),
                    Column(rows, r => r.At),
                    Column(rows, r => r.Caf),
                    Column(rows, r => r.Siret),
                    Column(rows, r => r.Agent),
                    new()
                    {
                        Value = rows.Select(r => r.Epoch).ToArray(),
                        NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer,
                    },
                    Column(rows, r => r.Allocataire is { } a ? Convert.FromBase64String(a) : null),
                    Text(rows, r => r.Service),
                    Text(rows, r => r.Habilitation),
                    Text(rows, r => r.Session),
                    Text(rows, r => r.Address),
                    Column(rows, r => r.HasFile),
                    Column(rows, r => r.Authorised),
                },
            };

    /// <summary>Alerts.</summary>
    public static NpgsqlBatchCommand? Alerts(string schema, IReadOnlyCollection<AlertRow> rows) =>
        rows.Count == 0
            ? null
            : new(
                $"""
                insert into {schema}.alert
                    (position, alert, rule, version, certain, caf, siret, agent, day, why, about)
                select r.position, r.alert, r.rule, r.version, r.certain, r.caf, r.siret, r.agent, r.day, r.why,
                       string_to_array(r.about, ' ')::bigint[]
                from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                    r (position, alert, rule, version, certain, caf, siret, agent, day, why, about)
                """
            )
            {
                Parameters =
                {
                    Column(rows, r => r.Position),
                    Column(rows, r => r.Alert),
                    Column(rows, r => r.Rule),
                    Column(rows, r => r.Version),
                    Column(rows, r => r.Certain),
                    Column(rows, r => r.Caf),
                    Column(rows, r => r.Siret),
                    Text(rows, r => r.Agent),
                    Column(rows, r => r.Day),
                    Column(rows, r => r.Why),
                    Column(rows, r => string.Join(' ', r.About)),
                },
            };

    /// <summary>Qualifications of alerts.</summary>
    public static NpgsqlBatchCommand? Outcomes(string schema, IReadOnlyCollection<AlertOutcomeRow> rows) =>
        rows.Count == 0
            ? null
            : new($"insert into {schema}.alert_outcome (position, alert, outcome) select * from unnest($1, $2, $3)")
            {
                Parameters =
                {
                    Column(rows, r => r.Position),
                    Column(rows, r => r.Alert),
                    Column(rows, r => r.Outcome),
                },
            };

    private static NpgsqlParameter Column<TRow, T>(IEnumerable<TRow> rows, Func<TRow, T> column) =>
        new() { Value = rows.Select(column).ToArray() };

    private static NpgsqlParameter Text<TRow>(IEnumerable<TRow> rows, Func<TRow, string?> column) =>
        new() { Value = rows.Select(column).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
}
