using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Domain.ReadModels;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store.ReadModels;

/// <summary>
/// Keeps <c>access_right</c>: effective rights over valid and known time. New knowledge closes the known time of the
/// rows that
/// it changes and inserts new ones; nothing else is ever updated. The rights come from the one pure function.
/// </summary>
internal static class AccessRightProjection
{
    public static async Task ApplyAsync(
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        Fact fact,
        IReadOnlyList<Habilitation> affected,
        Knowledge known,
        CancellationToken cancel
    )
    {
        var position = fact.Position;
        await using var batch = new NpgsqlBatch(connection, transaction);
        batch.BatchCommands.Add(TagIndex.Insert(Tags.Of(fact.Event, known).Select(tag => (position, tag))));
        var open = await OpenRowsAsync(connection, transaction, affected, cancel);
        foreach (var habilitation in affected)
        {
            var partenariat = known.Require(habilitation.Granted.Convention);
            var id = habilitation.Granted.Event.Habilitation.Value;
            var (noMore, fromNow) = AccessRight.Change(
                open.GetValueOrDefault(id, []),
                [.. AccessRight.Of(habilitation, known)]
            );
            foreach (var gone in noMore)
            {
                batch.BatchCommands.Add(
                    new(
                        "update ledger.access_right set known = int8range(lower(known), $1) where habilitation = "
                            + "$2 and valid = $3 and upper_inf(known)"
                    )
                    {
                        Parameters = { P(position), P(id), P(Range(gone), NpgsqlDbType.TimestampTzRange) },
                    }
                );
            }

            foreach (var added in fromNow)
            {
                batch.BatchCommands.Add(Insert(position, partenariat, habilitation, added));
            }
        }

        await batch.ExecuteNonQueryAsync(cancel);
    }

    private static NpgsqlBatchCommand Insert(
        long position,
        Partenariat partenariat,
        Habilitation habilitation,
        AccessRight row
    ) =>
        new(
            """
            insert into ledger.access_right
                (holder, habilitation, convention, agent, siret, caf, service, profil, purposes, communes, dossiers, valid, known, because)
            values ($4 || '/' || $3 || '/' || $1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, int8range($12, null), $13)
            """
        )
        {
            Parameters =
            {
                P(habilitation.Granted.Event.Habilitation.Value),
                P(habilitation.Granted.Convention.Value),
                P(habilitation.Granted.Agent.Value),
                P(partenariat.Convention.Siret.Value),
                P(partenariat.Convention.Caf.Value),
                P(habilitation.Granted.Service.Value),
                P(habilitation.Granted.Profil.Value),
                P(row.Purposes.ToArray()),
                Texts(row.Communes),
                Texts(row.Dossiers),
                P(Range(row), NpgsqlDbType.TimestampTzRange),
                P(position),
                P(row.Because.ToArray()),
            },
        };

    private static async Task<Dictionary<string, List<AccessRight>>> OpenRowsAsync(
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        IReadOnlyList<Habilitation> affected,
        CancellationToken cancel
    )
    {
        var open = new Dictionary<string, List<AccessRight>>();
        if (affected.Count == 0)
        {
            return open;
        }

        await using var select = new NpgsqlCommand(
            "select habilitation, valid, purposes, communes, dossiers, because from ledger.access_right where "
                + "habilitation = any($1) and upper_inf(known)",
            connection,
            transaction
        );
        select.Parameters.Add(P(affected.Select(h => h.Granted.Event.Habilitation.Value).ToArray()));
        await using var reader = await select.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var id = reader.GetString(0);
            if (!open.TryGetValue(id, out var rows))
            {
                open[id] = rows = [];
            }

            var valid = reader.GetFieldValue<NpgsqlRange<DateTime>>(1);
            rows.Add(
                new AccessRight(
                    valid.LowerBoundInfinite ? DateTimeOffset.MinValue : valid.LowerBound,
                    valid.UpperBoundInfinite ? DateTimeOffset.MaxValue : valid.UpperBound,
                    reader.GetFieldValue<string[]>(2),
                    await TextsAsync(reader, 3, cancel),
                    await TextsAsync(reader, 4, cancel),
                    reader.GetFieldValue<long[]>(5)
                )
            );
        }

        return open;
    }

    private static NpgsqlRange<DateTime> Range(AccessRight of) =>
        new(
            of.From.UtcDateTime,
            lowerBoundIsInclusive: true,
            lowerBoundInfinite: of.From == DateTimeOffset.MinValue,
            of.Until == DateTimeOffset.MaxValue ? default : of.Until.UtcDateTime,
            upperBoundIsInclusive: false,
            upperBoundInfinite: of.Until == DateTimeOffset.MaxValue
        );

    private static async Task<string[]?> TextsAsync(NpgsqlDataReader reader, int column, CancellationToken cancel) =>
        await reader.IsDBNullAsync(column, cancel) ? null : reader.GetFieldValue<string[]>(column);

    private static NpgsqlParameter Texts(IReadOnlyList<string>? texts) =>
        P(texts?.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);

    private static NpgsqlParameter P(object value) => new() { Value = value };

    private static NpgsqlParameter P(object? value, NpgsqlDbType type) =>
        new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };
}
