using System.Buffers.Text;
using Ledger.Domain.Common;
using Ledger.Domain.ReadModels;
using Npgsql;

namespace Ledger.Store.ReadModels;

/// <summary>
/// What writes the rows of the read models, one statement for all rows of a table: arrays, not COPY, which would cost
/// two round trips for each table.
/// </summary>
internal static class ReadModelStatements
{
    /// <summary>What events are about.</summary>
    public static NpgsqlBatchCommand? Tags(string schema, IReadOnlyCollection<(long Position, string Tag)> tags) =>
        tags.Count == 0
            ? null
            : new($"insert into {schema}.event_tag (tag, position) select * from unnest($1, $2)")
            {
                Parameters = { RowParameters.Of(tags, t => t.Tag), RowParameters.Of(tags, t => t.Position) },
            };

    /// <summary>Facts of use.</summary>
    public static NpgsqlBatchCommand? Usage(string schema, IReadOnlyCollection<UsageRow> rows) =>
        rows.Count == 0
            ? null
            : new(
                $"""
                insert into {schema}.usage
                    (position, kind, occurred_at, caf, siret, agent, epoch, allocataire, service, habilitation, address,
                     has_file, authorised)
                select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                """
            )
            {
                Parameters =
                {
                    RowParameters.Of(rows, r => r.Position),
                    RowParameters.Of(rows, r => (short)r.Kind),
                    RowParameters.Of(rows, r => r.At),
                    RowParameters.Of(rows, r => r.Caf),
                    RowParameters.Of(rows, r => r.Siret),
                    RowParameters.Of(rows, r => r.Agent),
                    RowParameters.Numbers(rows, r => r.Epoch),
                    RowParameters.Of(rows, r => r.Allocataire is { } a ? Base64Url.DecodeFromChars(a) : null),
                    RowParameters.Texts(rows, r => r.Service),
                    RowParameters.Texts(rows, r => r.Habilitation),
                    RowParameters.Of(rows, r => r.Address is { } a ? Base64Url.DecodeFromChars(a) : null),
                    RowParameters.Of(rows, r => r.HasFile),
                    RowParameters.Of(rows, r => r.Authorised),
                },
            };

    /// <summary>Alerts.</summary>
    public static NpgsqlBatchCommand? Alerts(string schema, IReadOnlyCollection<AlertRow> rows) =>
        rows.Count == 0
            ? null
            : new(
                $"""
                insert into {schema}.alert
                    (position, alert, rule, version, certain, caf, siret, agent, day, particulars, about)
                select r.position, r.alert, r.rule, r.version, r.certain, r.caf, r.siret, r.agent, r.day,
                       r.particulars::jsonb, string_to_array(r.about, ' ')::bigint[]
                from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                    r (position, alert, rule, version, certain, caf, siret, agent, day, particulars, about)
                """
            )
            {
                Parameters =
                {
                    RowParameters.Of(rows, r => r.Position),
                    RowParameters.Of(rows, r => r.Alert),
                    RowParameters.Of(rows, r => r.Rule),
                    RowParameters.Of(rows, r => r.Version),
                    RowParameters.Of(rows, r => r.Certain),
                    RowParameters.Of(rows, r => r.Caf),
                    RowParameters.Of(rows, r => r.Siret),
                    RowParameters.Texts(rows, r => r.Agent),
                    RowParameters.Of(rows, r => r.Day),
                    RowParameters.Of(rows, r => Particulars.ToJson(r.Particulars)),
                    RowParameters.Of(rows, r => string.Join(' ', r.About)),
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
                    RowParameters.Of(rows, r => r.Position),
                    RowParameters.Of(rows, r => r.Alert),
                    RowParameters.Of(rows, r => r.Outcome),
                },
            };
}
