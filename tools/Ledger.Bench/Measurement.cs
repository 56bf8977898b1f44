using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace Ledger.Bench;

/// <summary>What several interleaved runs of one variant gave.</summary>
/// <param name="Experiment">Which experiment.</param>
/// <param name="Variant">Which way of doing it.</param>
/// <param name="Unit">What is counted.</param>
/// <param name="Median">Of the runs.</param>
/// <param name="Min">The slowest.</param>
/// <param name="Max">The fastest.</param>
/// <param name="Runs">How many.</param>
/// <param name="Versus">The peer of the same run, or null for the peer itself.</param>
/// <param name="Ratio">Median of the ratios to the peer, pass by pass: noise that hits a pass hits both.</param>
internal sealed record Measurement(
    string Experiment,
    string Variant,
    string Unit,
    double Median,
    double Min,
    double Max,
    int Runs,
    string? Versus,
    double? Ratio
);

/// <summary>One way of doing what an experiment measures: does it once and tells how many events it did.</summary>
internal sealed record Variant(string Name, Func<Task<long>> RunAsync, string? Versus = null);

/// <summary>Runs variants in turn, pass after pass.</summary>
internal static class Interleaved
{
    public static async Task<List<Measurement>> RunAsync(string experiment, int passes, params Variant[] variants) =>
        await RunAsync(experiment, "events/s", passes, variants);

    public static async Task<List<Measurement>> RunAsync(
        string experiment,
        string unit,
        int passes,
        params Variant[] variants
    )
    {
        var rates = variants.ToDictionary(v => v.Name, _ => new List<double>());
        for (var pass = -1; pass < passes; pass++)
        {
            // The order turns, so that nobody always goes first; pass -1 warms up and is not counted.
            foreach (
                var variant in variants
                    .Skip(Math.Max(pass, 0) % variants.Length)
                    .Concat(variants.Take(Math.Max(pass, 0) % variants.Length))
            )
            {
                var watch = Stopwatch.StartNew();
                var events = await variant.RunAsync();
                if (pass >= 0)
                {
                    rates[variant.Name].Add(events / watch.Elapsed.TotalSeconds);
                }
            }
        }

        return
        [
            .. variants.Select(v => new Measurement(
                experiment,
                v.Name,
                unit,
                Median(rates[v.Name]),
                rates[v.Name].Min(),
                rates[v.Name].Max(),
                passes,
                v.Versus,
                v.Versus is null ? null : Median([.. rates[v.Name].Zip(rates[v.Versus], (mine, peer) => mine / peer)])
            )),
        ];
    }

    /// <summary>The value that a share of sorted values does not exceed.</summary>
    public static double Percentile(IReadOnlyList<double> sorted, double share) =>
        sorted[(int)Math.Ceiling(share * sorted.Count) - 1];

    public static double Median(List<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count % 2 == 1
            ? sorted[sorted.Count / 2]
            : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
    }
}

/// <summary>Shows the measurements.</summary>
internal static class Report
{
    public static void Write(List<Measurement> measurements, string? jsonFile)
    {
        var table = new Table()
            .Border(TableBorder.Rounded)
            .AddColumns("experiment", "variant", "median", "min", "max", "runs", "ratio", "versus");
        foreach (var m in measurements)
        {
            table.AddRow(
                m.Experiment,
                m.Variant,
                $"{Number(m.Median)} {m.Unit}",
                Number(m.Min),
                Number(m.Max),
                $"{m.Runs}",
                m.Ratio is { } r ? $"{r:F2}" : "—",
                m.Versus ?? "—"
            );
        }

        static string Number(double value) => value < 100 ? $"{value:N2}" : $"{value:N0}";

        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = 160;
        }

        AnsiConsole.Write(table);
        if (jsonFile is not null)
        {
            File.WriteAllText(jsonFile, JsonSerializer.Serialize(measurements, BenchJson.Default.ListMeasurement));
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(List<Measurement>))]
internal sealed partial class BenchJson : JsonSerializerContext;
