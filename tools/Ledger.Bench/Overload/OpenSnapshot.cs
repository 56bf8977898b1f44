using System.Diagnostics;
using Ledger.Store.Appending;
using Ledger.Store.Knowing;
using Npgsql;

namespace Ledger.Bench.Overload;

/// <summary>Writers beside a dump: a snapshot that stays open.</summary>
internal static class OpenSnapshot
{
    public static async Task<List<Measurement>> RunAsync(Workload workload)
    {
        const int batches = 50_000;
        var (database, connectionString) = await workload.CreateAsync();
        using var replica = new Replica(database);
        await using (var writer = new LedgerWriter(database, replica))
        {
            await workload.EntitleAsync(writer);
            await RateAsync(4000);
            var before = await RateAsync(12_000);
            await using var dump = new NpgsqlConnection(connectionString);
            await dump.OpenAsync();
            await using var snapshot = await dump.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
            await using (var look = new NpgsqlCommand("select count(*) from ledger.ledger_leaf", dump, snapshot))
            {
                await look.ExecuteScalarAsync();
            }

            for (var i = 0; i < batches; i++)
            {
                await writer.AppendAsync(workload.Request(), CancellationToken.None);
            }

            var after = await RateAsync(12_000);
            await snapshot.RollbackAsync();
            await database.DisposeAsync();
            return
            [
                OverloadExperiment.Of($"{OverloadExperiment.Writers} writers before", "events/s", before),
                OverloadExperiment.Of(
                    $"… after {batches:N0} batches beside a snapshot",
                    "events/s",
                    after,
                    "before",
                    after / before
                ),
            ];

            async Task<double> RateAsync(int events)
            {
                var watch = Stopwatch.StartNew();
                await AppendExperiment.ByCallersAsync(
                    OverloadExperiment.Writers,
                    events,
                    () => writer.AppendAsync(workload.Request(), CancellationToken.None)
                );
                return events / watch.Elapsed.TotalSeconds;
            }
        }
    }
}
