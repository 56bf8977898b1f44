namespace Ledger.Bench.Overload;

/// <summary>
/// What others feel while one overloads the ledger: writers beside wide questions, callers beside streams that push,
/// writers beside a snapshot that stays open, what it costs to know who calls, and what single acts and questions cost
/// when much is known.
/// </summary>
internal static class OverloadExperiment
{
    private const string Name = "overload";

    /// <summary>How many record at once.</summary>
    public const int Writers = 64;

    /// <summary>How many ask or push at once.</summary>
    public const int Crowd = 50;

    /// <summary>How long each is looked at.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromSeconds(5);

    /// <summary>Runs a part, or all in one run.</summary>
    public static async Task<List<Measurement>> RunAsync(Workload workload, string part)
    {
        var measurements = new List<Measurement>();
        if (Wants("questions") || Wants("streams"))
        {
            await using var ledger = await Simulated.LoadAsync(workload, consultations: 100_000);
            await using var service = await ServiceUnderLoad.StartAsync(ledger.ConnectionString, ledger.PlaceKeysAsync);
            if (Wants("questions"))
            {
                measurements.AddRange(await WideQuestions.RunAsync(service));
            }

            if (Wants("streams"))
            {
                measurements.AddRange(await PushingStreams.RunAsync(service));
            }

            measurements.Add(Of("memory of the service, most", "MB", service.PeakMegabytes));
        }

        if (Wants("snapshot"))
        {
            measurements.AddRange(await OpenSnapshot.RunAsync(workload));
        }

        if (Wants("callers"))
        {
            measurements.AddRange(await KnownCallers.RunAsync(workload));
        }

        if (Wants("known"))
        {
            measurements.AddRange(await MuchKnown.RunAsync(workload));
        }

        if (Wants("rules"))
        {
            measurements.AddRange(await RulesCatchUp.RunAsync(workload));
        }

        return measurements;

        bool Wants(string one) => part == Name || part == one;
    }

    /// <summary>A figure, told as it comes: the whole takes minutes.</summary>
    public static Measurement Of(string variant, string unit, double value, string? versus = null, double? ratio = null)
    {
        Console.Error.WriteLine(
            string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"{variant}: {value:N1} {unit}{(ratio is { } r ? $" ({r:N2} of {versus})" : string.Empty)}"
            )
        );
        return new Measurement(Name, variant, unit, value, value, value, 1, versus, ratio);
    }
}
