using Ledger.Domain.Consultations;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store.Appending;

/// <summary>The index of consultations by file and by agent, written in the transaction that records them; a partition a month.</summary>
internal static class ConsultationIndex
{
    public static async Task WriteAsync(NpgsqlConnection connection, List<(long Position, ConsultationRecorded Event)> consultations, CancellationToken cancel)
    {
        if (consultations.Count == 0)
        {
            return;
        }

        foreach (var month in consultations.Select(c => new DateOnly(c.Event.OccurredAt.Year, c.Event.OccurredAt.Month, 1)).Distinct())
        {
            await EnsurePartitionAsync(connection, month, cancel);
        }

        await using var rows = await connection.BeginBinaryImportAsync(
            "copy ledger.consultation (position, occurred_at, caf, siret, agent, allocataire, service, authorised) from stdin (format binary)", cancel);
        foreach (var (position, e) in consultations)
        {
            await rows.StartRowAsync(cancel);
            await rows.WriteAsync(position, NpgsqlDbType.Bigint, cancel);
            await rows.WriteAsync(e.OccurredAt.UtcDateTime, NpgsqlDbType.TimestampTz, cancel);
            await rows.WriteAsync(e.Caf.Value, NpgsqlDbType.Text, cancel);
            await rows.WriteAsync(e.Siret.Value, NpgsqlDbType.Text, cancel);
            await rows.WriteAsync(e.Agent.Value, NpgsqlDbType.Text, cancel);
            await rows.WriteAsync(Convert.FromBase64String(e.Allocataire.Value), NpgsqlDbType.Bytea, cancel);
            await rows.WriteAsync(e.Service.Value, NpgsqlDbType.Text, cancel);
            await rows.WriteAsync(e.Verdict.Authorised, NpgsqlDbType.Boolean, cancel);
        }

        await rows.CompleteAsync(cancel);
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
