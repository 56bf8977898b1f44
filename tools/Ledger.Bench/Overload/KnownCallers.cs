using Ledger.Client;
using Ledger.Store.Appending;
using Ledger.Store.Knowing;

namespace Ledger.Bench.Overload;

/// <summary>What it costs to know who calls: TLS with tokens beside plain, and a flood of calls of nobody known.</summary>
internal static class KnownCallers
{
    private const int Passes = 5;
    private const int FloodConnections = 16;

    public static async Task<List<Measurement>> RunAsync(Workload workload)
    {
        var folder = Directory.CreateTempSubdirectory("ledger-bench-callers-").FullName;
        try
        {
            using var pki = new Tests.TestPki(folder);
            await using var provider = await BenchProvider.StartAsync(pki);
            await using var plain = await ServeAsync(workload, new Dictionary<string, string>());
            await using var guarded = await ServeAsync(workload, provider.Options(pki));
            var token = Path.Combine(folder, "token");
            await File.WriteAllTextAsync(token, provider.Token());
            guarded.Credentials = new LedgerCredentials { TokenFile = token, Roots = pki.Roots };
            return [.. await TlsAsync(plain, guarded), .. await FloodAsync(guarded, pki.Authority)];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<List<Measurement>> TlsAsync(ServiceUnderLoad plain, ServiceUnderLoad guarded)
    {
        var rates = new List<(double Plain, double Guarded)>();
        for (var pass = -1; pass < Passes; pass++)
        {
            var rate = (await RateAsync(plain), await RateAsync(guarded));
            if (pass >= 0)
            {
                rates.Add(rate);
            }
        }

        return
        [
            OverloadExperiment.Of(
                $"{OverloadExperiment.Writers} callers, plain",
                "events/s",
                Interleaved.Median([.. rates.Select(r => r.Plain)])
            ),
            OverloadExperiment.Of(
                "… over TLS, with tokens of a provider",
                "events/s",
                Interleaved.Median([.. rates.Select(r => r.Guarded)]),
                "plain",
                Interleaved.Median([.. rates.Select(r => r.Guarded / r.Plain)])
            ),
        ];
    }

    private static async Task<List<Measurement>> FloodAsync(ServiceUnderLoad service, string roots)
    {
        var (alone, beside, refused) = (new List<double>(), new List<double>(), new List<double>());
        for (var pass = 0; pass < Passes; pass++)
        {
            alone.Add(await RateAsync(service));
            using var flood = Pusher.StartFlood(service.Address, FloodConnections, roots);
            await RateAsync(service);
            beside.Add(await RateAsync(service));
            refused.Add(await Pusher.StopAsync(flood));
        }

        return
        [
            OverloadExperiment.Of(
                $"{OverloadExperiment.Writers} callers alone",
                "events/s",
                Interleaved.Median([.. alone])
            ),
            OverloadExperiment.Of(
                "… beside a flood of calls of nobody known",
                "events/s",
                Interleaved.Median([.. beside]),
                "alone",
                Interleaved.Median([.. beside.Zip(alone, (b, a) => b / a)])
            ),
            OverloadExperiment.Of("… the flood, refused", "calls/s", Interleaved.Median([.. refused])),
        ];
    }

    private static async Task<double> RateAsync(ServiceUnderLoad service) =>
        (
            await Callers.RunAsync(service, OverloadExperiment.Writers, OverloadExperiment.Span, Callers.RecordAsync)
        ).Rate;

    private static async Task<ServiceUnderLoad> ServeAsync(
        Workload workload,
        IReadOnlyDictionary<string, string> options
    )
    {
        var (database, connectionString) = await workload.CreateAsync();
        await using (database)
        {
            using var replica = new Replica(database);
            await using var writer = new LedgerWriter(database, replica);
            await workload.EntitleAsync(writer);
        }

        return await ServiceUnderLoad.StartAsync(connectionString, options: options);
    }
}
