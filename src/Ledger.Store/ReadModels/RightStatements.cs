using Ledger.Domain.ReadModels;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store.ReadModels;

/// <summary>What writes the rows of rights, one statement for all of a kind. Lists go as texts: identifiers have no space.</summary>
internal static class RightStatements
{
    public static NpgsqlBatchCommand? Close(
        string schema,
        IReadOnlyList<(HabilitationKey Key, RightRow Row, long At)> rows
    ) =>
        rows.Count == 0
            ? null
            : new(
                $"""
                update {schema}.habilitation_right r set known = int8range(lower(r.known), c.at)
                from unnest($1, $2, $3, $4) c (habilitation, valid_from, valid_until, at)
                where r.habilitation = c.habilitation and upper_inf(r.known) and r.valid = tstzrange(c.valid_from, c.valid_until)
                """
            )
            {
                Parameters =
                {
                    Texts(rows, r => r.Key.Habilitation),
                    Instants(rows, r => r.Row.From),
                    Instants(rows, r => r.Row.Until),
                    Numbers(rows, r => r.At),
                },
            };

    public static NpgsqlBatchCommand? Close(
        string schema,
        IReadOnlyList<(PartnerKey Key, RightRow Row, long At)> rows
    ) =>
        rows.Count == 0
            ? null
            : new(
                $"""
                update {schema}.partner_right r set known = int8range(lower(r.known), c.at)
                from unnest($1, $2, $3, $4, $5, $6) c (convention, service, profil, valid_from, valid_until, at)
                where r.convention = c.convention and r.service = c.service and r.profil = c.profil and upper_inf(r.known)
                  and r.valid = tstzrange(c.valid_from, c.valid_until)
                """
            )
            {
                Parameters =
                {
                    Texts(rows, r => r.Key.Common.Convention.Value),
                    Texts(rows, r => r.Key.Common.Service.Value),
                    Texts(rows, r => r.Key.Common.Profil.Value),
                    Instants(rows, r => r.Row.From),
                    Instants(rows, r => r.Row.Until),
                    Numbers(rows, r => r.At),
                },
            };

    public static NpgsqlBatchCommand? Insert(
        string schema,
        IReadOnlyList<(HabilitationKey Key, RightRows<HabilitationKey>.Row Row)> rows
    ) =>
        rows.Count == 0
            ? null
            : With(
                new(
                    $"""
                    insert into {schema}.habilitation_right
                        (purposes, communes, dossiers, valid, known, because,
                         holder, habilitation, convention, agent, siret, caf, service, profil)
                    select {Row}, r.siret || '/' || r.agent || '/' || r.habilitation,
                           r.habilitation, r.convention, r.agent, r.siret, r.caf, r.service, r.profil
                    from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) r ({Columns},
                         habilitation, convention, agent, siret, caf, service, profil)
                    """
                ),
                [.. rows.Select(r => (r.Row.Right, r.Row.From, r.Row.Until))],
                Texts(rows, r => r.Key.Habilitation),
                Texts(rows, r => r.Key.Convention),
                Texts(rows, r => r.Key.Agent),
                Texts(rows, r => r.Key.Siret),
                Texts(rows, r => r.Key.Caf),
                Texts(rows, r => r.Key.Service),
                Texts(rows, r => r.Key.Profil)
            );

    public static NpgsqlBatchCommand? Insert(
        string schema,
        IReadOnlyList<(PartnerKey Key, RightRows<PartnerKey>.Row Row)> rows
    ) =>
        rows.Count == 0
            ? null
            : With(
                new(
                    $"""
                    insert into {schema}.partner_right
                        (purposes, communes, dossiers, valid, known, because, convention, siret, caf, service, profil)
                    select {Row}, r.convention, r.siret, r.caf, r.service, r.profil
                    from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) r ({Columns},
                         convention, siret, caf, service, profil)
                    """
                ),
                [.. rows.Select(r => (r.Row.Right, r.Row.From, r.Row.Until))],
                Texts(rows, r => r.Key.Common.Convention.Value),
                Texts(rows, r => r.Key.Siret),
                Texts(rows, r => r.Key.Caf),
                Texts(rows, r => r.Key.Common.Service.Value),
                Texts(rows, r => r.Key.Common.Profil.Value)
            );

    private const string Columns =
        "purposes, communes, dossiers, because, valid_from, valid_until, known_from, known_until";

    private const string Row =
        "string_to_array(r.purposes, ' '), string_to_array(r.communes, ' '), string_to_array(r.dossiers, ' '), "
        + "tstzrange(r.valid_from, r.valid_until), int8range(r.known_from, r.known_until), "
        + "string_to_array(r.because, ' ')::bigint[]";

    private static NpgsqlBatchCommand With(
        NpgsqlBatchCommand command,
        IReadOnlyList<(RightRow Right, long From, long? Until)> rows,
        params NpgsqlParameter[] key
    )
    {
        command.Parameters.Add(Texts(rows, r => string.Join(' ', r.Right.Purposes)));
        command.Parameters.Add(Texts(rows, r => List(r.Right.Communes)));
        command.Parameters.Add(Texts(rows, r => List(r.Right.Dossiers)));
        command.Parameters.Add(Texts(rows, r => string.Join(' ', r.Right.Because)));
        command.Parameters.Add(Instants(rows, r => r.Right.From));
        command.Parameters.Add(Instants(rows, r => r.Right.Until));
        command.Parameters.Add(Numbers(rows, r => r.From));
        command.Parameters.Add(
            new()
            {
                Value = rows.Select(r => r.Until).ToArray(),
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint,
            }
        );
        foreach (var parameter in key)
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }

    // A list without members stays one: it is told from no list.
    private static string? List(IReadOnlyList<string>? texts) => texts is null ? null : string.Join(' ', texts);

    private static NpgsqlParameter Texts<T>(IEnumerable<T> rows, Func<T, string?> column) =>
        new() { Value = rows.Select(column).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private static NpgsqlParameter Numbers<T>(IEnumerable<T> rows, Func<T, long> column) =>
        new() { Value = rows.Select(column).ToArray() };

    private static NpgsqlParameter Instants<T>(IEnumerable<T> rows, Func<T, DateTimeOffset> column) =>
        new()
        {
            Value = rows.Select(column).Select(Bound).ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
        };

    private static DateTime? Bound(DateTimeOffset instant) =>
        instant == DateTimeOffset.MinValue || instant == DateTimeOffset.MaxValue ? null : instant.UtcDateTime;
}
