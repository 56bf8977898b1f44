namespace Ledger.Bench.Overload;

/// <summary>Callers of one record at a time, beside streams that push as fast as they may.</summary>
internal static class PushingStreams
{
    private static readonly TimeSpan WarmUp = 4 * OverloadExperiment.Span;

    public static async Task<List<Measurement>> RunAsync(ServiceUnderLoad service)
    {
        const int callers = 16;
        // A service that has just started compiles, and its rules look at what they have not seen.
        await Callers.RunAsync(service, callers, WarmUp, Callers.RecordAsync);
        var alone = await Callers.RunAsync(service, callers, OverloadExperiment.Span, Callers.RecordAsync);
        using var pusher = Pusher.Start(service.Address, OverloadExperiment.Crowd);
        await Callers.RunAsync(service, callers, WarmUp, Callers.RecordAsync);
        var beside = await Callers.RunAsync(service, callers, OverloadExperiment.Span, Callers.RecordAsync);
        var pushed = await Pusher.StopAsync(pusher);
        return
        [
            OverloadExperiment.Of($"{callers} callers alone", "events/s", alone.Rate),
            OverloadExperiment.Of(
                $"… beside {OverloadExperiment.Crowd} streams",
                "events/s",
                beside.Rate,
                "alone",
                beside.Rate / alone.Rate
            ),
            OverloadExperiment.Of("… the streams", "events/s", pushed),
            OverloadExperiment.Of($"{callers} callers alone, p99", "ms", alone.P99),
            OverloadExperiment.Of(
                $"… beside {OverloadExperiment.Crowd} streams, p99",
                "ms",
                beside.P99,
                "alone",
                beside.P99 / alone.P99
            ),
        ];
    }
}
