using System.Data;
using Ledger.Store.Appending;
using Npgsql;

namespace Ledger.Store.Reading;

/// <summary>Until when nothing can be recorded any more: a question about an earlier instant has one answer.</summary>
internal static class SettledUntil
{
    // No batch holds the head for longer, where it cannot be waited for.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    /// <summary>Waits for the batch under way, which read its clock before it commits, and reads the clock.</summary>
    public static async Task<DateTimeOffset> ReadAsync(NpgsqlDataSource source, CancellationToken cancel)
    {
        try
        {
            return Of(await LastAsync(source, wait: true, cancel));
        }
        catch (PostgresException e)
            when (e.SqlState is PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.InsufficientPrivilege)
        {
            return Of(await LastAsync(source, wait: false, cancel)) - Margin;
        }
    }

    // A later batch has a later clock, unless the clock was set back: then it is recorded at the last batch's time.
    private static DateTimeOffset Of(LastLeafRow last) => last.RecordedAt < last.Clock ? last.Clock : last.RecordedAt;

    private static async Task<LastLeafRow> LastAsync(NpgsqlDataSource source, bool wait, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancel);
        await using var batch = new NpgsqlBatch(connection, transaction) { BatchCommands = { new(LastLeafRow.Query) } };
        if (wait)
        {
            batch.BatchCommands.Insert(0, new(LogHead.LockTimeout));
            batch.BatchCommands.Insert(1, new("select one from ledger.ledger_head for key share"));
        }

        await using var reader = await batch.ExecuteReaderAsync(cancel);
        if (wait)
        {
            await reader.NextResultAsync(cancel);
        }

        await reader.ReadAsync(cancel);
        return LastLeafRow.Read(reader);
    }
}
