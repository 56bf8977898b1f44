using System.Diagnostics;

namespace Ledger.Bench.Overload;

/// <summary>What one act and one question cost where much is known.</summary>
internal static class MuchKnown
{
    public static async Task<List<Measurement>> RunAsync(Workload workload)
    {
        const int asked = 300;
        var known = await LargePartners.LoadAsync(workload);
        await using var service = await ServiceUnderLoad.StartAsync(known.ConnectionString);
        using var client = service.Connect();
        var chance = new Random(1);
        var times = new List<double>();
        for (var i = -20; i < asked; i++)
        {
            var (siret, agent) = LargePartners.Account(chance);
            var watch = Stopwatch.StartNew();
            await client.History.GetRightsTimelineAsync(
                new()
                {
                    Asking = Callers.Asking(chance.NextInt64(known.Facts)),
                    Siret = siret,
                    Agent = agent,
                }
            );
            if (i >= 0)
            {
                times.Add(watch.Elapsed.TotalMilliseconds);
            }
        }

        times.Sort();
        var close = Stopwatch.StartNew();
        await client.Conventions.CloseServiceAsync(Callers.CloseService("conv-0"));
        var closed = close.Elapsed.TotalMilliseconds;
        return
        [
            OverloadExperiment.Of(
                $"one agent's rights at a past position, {known.Facts:N0} facts, p50",
                "ms",
                Interleaved.Percentile(times, 0.50)
            ),
            OverloadExperiment.Of("… p99", "ms", Interleaved.Percentile(times, 0.99)),
            OverloadExperiment.Of(
                $"a service closed over {LargePartners.Agents:N0} agents, {LargePartners.Rights:N0} rights",
                "ms",
                closed
            ),
            OverloadExperiment.Of("memory of the service, most", "MB", service.PeakMegabytes),
        ];
    }
}
