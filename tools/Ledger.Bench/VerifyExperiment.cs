using Ledger.Store.Appending;
using Ledger.Store.Publishing;
using Ledger.Verify;
using Ledger.Verify.Scanning;
using Npgsql;

namespace Ledger.Bench;

/// <summary>A full verification of a ledger, against reading the same columns of the same rows and doing nothing with them.</summary>
internal static class VerifyExperiment
{
    private const int Events = 300_000;

    public static async Task<List<Measurement>> RunAsync(Workload workload, int passes)
    {
        var (database, connectionString) = await workload.CreateAsync();
        await using (var writer = new LedgerWriter(database))
        {
            await workload.EntitleAsync(writer);
            var waiting = new List<Task>();
            for (var i = 0; i < Events; i++)
            {
                waiting.Add(await writer.EnqueueAsync(workload.Request(), CancellationToken.None));
                if (waiting.Count == 4000)
                {
                    await Task.WhenAll(waiting);
                    waiting.Clear();
                }
            }

            await Task.WhenAll(waiting);
        }

        await new CheckpointPublisher(database, Workload.Signer).PublishAsync(CancellationToken.None);
        await using (var vacuum = database.Source.CreateCommand("vacuum analyze"))
        {
            await vacuum.ExecuteNonQueryAsync();
        }

        var read = new Variant("reading the same rows", () => ReadAsync(connectionString));
        var verify = new Variant("verifying", async () =>
        {
            var verification = await DatabaseVerifier.RunAsync(connectionString, new Trust(Workload.Signer.Verifier), logOnly: true, null, CancellationToken.None);
            return verification.IsWhole && verification.Covered == verification.Entries
                ? verification.Entries
                : throw new InvalidOperationException($"The bench's own ledger is not whole: {verification.Findings[0].Message}");
        }, read.Name);
        var measurements = await Interleaved.RunAsync("verify", passes, read, verify);
        await database.DisposeAsync();
        return measurements;
    }

    private static async Task<long> ReadAsync(string connectionString)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        var rows = await Task.WhenAll(
            CountAsync(source, "select position, event_id, seq_id, salt, content_hash, leaf_hash, recorded_at from ledger.ledger_leaf order by position"),
            CountAsync(source, "select seq_id, id, stream_id, version, type, bdata, timestamp from ledger.mt_events order by seq_id"));
        return rows[0];
    }

    private static async Task<long> CountAsync(NpgsqlDataSource source, string sql)
    {
        await using var select = source.CreateCommand(sql);
        await using var reader = await select.ExecuteReaderAsync();
        var (rows, values) = (0L, new object[reader.FieldCount]);
        while (await reader.ReadAsync())
        {
            reader.GetValues(values);
            rows++;
        }

        return rows;
    }
}
