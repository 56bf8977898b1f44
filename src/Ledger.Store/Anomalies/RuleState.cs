using Ledger.Store.Schema;

namespace Ledger.Store.Anomalies;

/// <summary>
/// How far the anomaly rules have come and what they remember, in the database: a restart costs what is new. One node
/// holds the lease and runs them; another takes over when it has run out.
/// </summary>
internal sealed class RuleState(LedgerDatabase database, Guid node)
{
    /// <summary>How long a lease lasts.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    /// <summary>Takes or renews the lease.</summary>
    /// <returns>Whether this node runs the rules.</returns>
    public async Task<bool> LeaseAsync(CancellationToken cancel)
    {
        await using var update = database.Writing.CreateCommand(
            """
            update ledger.rule_state set node = $1, leased_until = clock_timestamp() + $2
            where node = $1 or leased_until < clock_timestamp()
            """
        );
        update.Parameters.Add(new() { Value = node });
        update.Parameters.Add(new() { Value = Lease });
        return await update.ExecuteNonQueryAsync(cancel) == 1;
    }

    /// <summary>Where the rules stopped, and what they remembered; null before the first time.</summary>
    public async Task<(long Position, byte[]? State)> LoadAsync(CancellationToken cancel)
    {
        await using var select = database.Source.CreateCommand("select position, state from ledger.rule_state");
        await using var reader = await select.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel)
            ? (reader.GetInt64(0), await reader.IsDBNullAsync(1, cancel) ? null : reader.GetFieldValue<byte[]>(1))
            : (-1, null);
    }

    /// <summary>Saves where the rules are. Nothing is saved once another node holds the lease.</summary>
    /// <returns>Whether it was saved.</returns>
    public async Task<bool> SaveAsync(long position, byte[] state, CancellationToken cancel)
    {
        await using var update = database.Writing.CreateCommand(
            "update ledger.rule_state set position = $2, state = $3 where node = $1"
        );
        update.Parameters.Add(new() { Value = node });
        update.Parameters.Add(new() { Value = position });
        update.Parameters.Add(new() { Value = state });
        return await update.ExecuteNonQueryAsync(cancel) == 1;
    }

    /// <summary>Gives the lease back, so that another node need not wait.</summary>
    public async Task ReleaseAsync(CancellationToken cancel)
    {
        await using var update = database.Writing.CreateCommand(
            "update ledger.rule_state set leased_until = '-infinity' where node = $1"
        );
        update.Parameters.Add(new() { Value = node });
        await update.ExecuteNonQueryAsync(cancel);
    }
}
