using Ledger.Domain.Consultations;
using Npgsql;

namespace Ledger.Store.Appending;

/// <summary>The index of consultations by file and by agent, written in the transaction that records them; a partition a month.</summary>
internal sealed class ConsultationIndex
{
    // The months whose partition is known to be there. Whoever holds one of these forgets it when a transaction fails.
    private readonly HashSet<DateOnly> _months = [];

    public async Task AddToAsync(
        NpgsqlBatch batch, NpgsqlConnection connection, List<(long Position, ConsultationRecorded Event)> consultations, CancellationToken cancel)
    {
        if (consultations.Count == 0)
        {
            return;
        }

        foreach (var month in consultations.Select(c => new DateOnly(c.Event.OccurredAt.Year, c.Event.OccurredAt.Month, 1)).Distinct())
        {
            if (_months.Add(month))
            {
                await EnsurePartitionAsync(connection, month, cancel);
            }
        }

        batch.BatchCommands.Add(new(
            """
            insert into ledger.consultation (position, occurred_at, caf, siret, agent, allocataire, service, authorised)
            select * from unnest($1, $2, $3, $4, $5, $6, $7, $8)
            """)
        {
            Parameters =
            {
                Array(c => c.Position), Array(c => c.Event.OccurredAt.UtcDateTime), Array(c => c.Event.Caf.Value), Array(c => c.Event.Siret.Value),
                Array(c => c.Event.Agent.Value), Array(c => Convert.FromBase64String(c.Event.Allocataire.Value)), Array(c => c.Event.Service.Value),
                Array(c => c.Event.Verdict.Authorised),
            },
        });

        NpgsqlParameter Array<T>(Converter<(long Position, ConsultationRecorded Event), T> column) => new() { Value = consultations.ConvertAll(column).ToArray() };
    }

    // Only the holder of the head's lock writes, so no two processes make the same partition at once.
    private static async Task EnsurePartitionAsync(NpgsqlConnection connection, DateOnly month, CancellationToken cancel)
    {
        var name = $"ledger.consultation_{month:yyyy_MM}";
        await using var exists = new NpgsqlCommand("select to_regclass($1) is not null", connection) { Parameters = { new() { Value = name } } };
        if (await exists.ExecuteScalarAsync(cancel) is true)
        {
            return;
        }

        await using var create = new NpgsqlCommand(
            $"create table {name} partition of ledger.consultation for values from ('{month:yyyy-MM-dd} 00:00:00+00') to ('{month.AddMonths(1):yyyy-MM-dd} 00:00:00+00')",
            connection);
        await create.ExecuteNonQueryAsync(cancel);
    }
}
