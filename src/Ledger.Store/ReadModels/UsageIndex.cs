using Ledger.Domain.Common;
using Ledger.Domain.ReadModels;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store.ReadModels;

/// <summary>
/// The index of facts of use by file, agent and address, written in the transaction that records them; a partition a
/// month.
/// </summary>
internal sealed class UsageIndex
{
    // The months whose partition is known to be there. Whoever holds one of these forgets it when a transaction fails.
    private readonly HashSet<DateOnly> _months = [];

    public async Task AddToAsync(
        NpgsqlBatch batch,
        NpgsqlConnection connection,
        IReadOnlyCollection<(long Position, LedgerEvent Event)> events,
        CancellationToken cancel
    )
    {
        var rows = events.Where(e => UsageRow.Takes(e.Event)).Select(e => UsageRow.Of(e.Position, e.Event)).ToList();
        if (rows.Count == 0)
        {
            return;
        }

        foreach (var month in rows.Select(r => new DateOnly(r.At.Year, r.At.Month, 1)).Distinct())
        {
            if (_months.Add(month))
            {
                await EnsurePartitionAsync(connection, month, cancel);
            }
        }

        batch.BatchCommands.Add(
            new(
                """
                insert into ledger.usage (position, kind, occurred_at, caf, siret, agent, allocataire, service, habilitation, session, address, has_file, authorised)
                select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                """
            )
            {
                Parameters =
                {
                    Array(r => r.Position),
                    Array(r => (short)r.Kind),
                    Array(r => r.At),
                    Array(r => r.Caf),
                    Array(r => r.Siret),
                    Array(r => r.Agent),
                    Array(r => r.Allocataire is { } a ? Convert.FromBase64String(a) : null),
                    Text(r => r.Service),
                    Text(r => r.Habilitation),
                    Text(r => r.Session),
                    Text(r => r.Address),
                    Array(r => r.HasFile),
                    Array(r => r.Authorised),
                },
            }
        );

        NpgsqlParameter Array<T>(Converter<UsageRow, T> column) => new() { Value = rows.ConvertAll(column).ToArray() };
        NpgsqlParameter Text(Converter<UsageRow, string?> column) =>
            new() { Value = rows.ConvertAll(column).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
    }

    // Only the holder of the head's lock writes, so no two processes make the same partition at once.
    private static async Task EnsurePartitionAsync(
        NpgsqlConnection connection,
        DateOnly month,
        CancellationToken cancel
    )
    {
        var name = $"ledger.usage_{month:yyyy_MM}";
        await using var exists = new NpgsqlCommand("select to_regclass($1) is not null", connection)
        {
            Parameters = { new() { Value = name } },
        };
        if (await exists.ExecuteScalarAsync(cancel) is true)
        {
            return;
        }

        await using var create = new NpgsqlCommand(
            $"create table {name} partition of ledger.usage for values from ('{month:yyyy-MM-dd} 00:00:00+00') to "
                + $"('{month.AddMonths(1):yyyy-MM-dd} 00:00:00+00')",
            connection
        );
        await create.ExecuteNonQueryAsync(cancel);
    }
}
