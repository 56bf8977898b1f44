using Ledger.Store.Appending;
using Ledger.Store.Knowing;
using Npgsql;

namespace Ledger.Bench;

/// <summary>What a consultation takes: its content, and on disk each table and each index.</summary>
internal static class BytesExperiment
{
    private const int Consultations = 100_000;
    private const string Total = "everything";

    public static async Task<List<Measurement>> RunAsync(Workload workload)
    {
        var (database, _) = await workload.CreateAsync();
        await using var ledger = database;
        using var replica = new Replica(database);
        await using var writer = new LedgerWriter(database, replica);
        await workload.EntitleAsync(writer);
        var before = await SizesAsync(database.Source);
        await AppendExperiment.ByCallersAsync(
            256,
            Consultations,
            () => writer.AppendAsync(workload.Request(), CancellationToken.None)
        );
        var after = await SizesAsync(database.Source);
        var grown = after
            .Select(a => (Name: a.Key, Bytes: a.Value - before.GetValueOrDefault(a.Key)))
            .Where(a => a.Bytes > 0)
            .OrderByDescending(a => a.Bytes)
            .ToList();
        return
        [
            Of("content", await ContentAsync(database.Source)),
            Of(Total, (double)grown.Sum(g => g.Bytes) / Consultations),
            .. grown.Select(g => Of(g.Name, (double)g.Bytes / Consultations)),
        ];
    }

    private static Measurement Of(string what, double bytes) =>
        new("bytes per consultation", what, "B", bytes, bytes, bytes, 1, null, null);

    private static async Task<double> ContentAsync(NpgsqlDataSource source)
    {
        await using var select = source.CreateCommand(
            "select avg(length(bdata))::float8 from ledger.mt_events where type = 'consultation-recorded.v1'"
        );
        return (double)(await select.ExecuteScalarAsync())!;
    }

    private static async Task<Dictionary<string, long>> SizesAsync(NpgsqlDataSource source)
    {
        await using var select = source.CreateCommand(
            """
            select c.relname, pg_relation_size(c.oid) from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'ledger' and c.relkind in ('r', 'i')
            """
        );
        var sizes = new Dictionary<string, long>();
        await using var reader = await select.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            sizes.Add(reader.GetString(0), reader.GetInt64(1));
        }

        return sizes;
    }
}
