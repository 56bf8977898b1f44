using System.Diagnostics;
using System.Globalization;
using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Client;

namespace Ledger.Bench.Overload;

/// <summary>
/// Streams that push as fast as they may, in a process of their own: what they cost their own machine is not what the
/// others wait for.
/// </summary>
internal static class Pusher
{
    /// <summary>The argument that makes this program one.</summary>
    public const string Verb = "push";

    /// <summary>Starts one.</summary>
    public static Process Start(Uri address, int streams) =>
        Process.Start(
            new ProcessStartInfo("dotnet", [typeof(Pusher).Assembly.Location, Verb, $"{address}", $"{streams}"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;

    /// <summary>Stops one.</summary>
    /// <returns>How many items were answered per second.</returns>
    public static async Task<double> StopAsync(Process pusher)
    {
        pusher.StandardInput.Close();
        var rate = await pusher.StandardOutput.ReadToEndAsync();
        await pusher.WaitForExitAsync();
        return double.Parse(rate, CultureInfo.InvariantCulture);
    }

    /// <summary>Is one: pushes until its input ends, and prints the rate.</summary>
    public static async Task RunAsync(Uri address, int streams)
    {
        using var stop = new CancellationTokenSource();
        var (watch, answered) = (Stopwatch.StartNew(), 0);
        var pushing = Task.WhenAll(Enumerable.Range(0, streams).Select(_ => Task.Run(PushAsync)));
        await Console.In.ReadToEndAsync();
        await stop.CancelAsync();
        await pushing;
        Console.Out.Write((answered / watch.Elapsed.TotalSeconds).ToString(CultureInfo.InvariantCulture));

        async Task PushAsync()
        {
            using var client = new LedgerClient(address);
            try
            {
                await foreach (var answer in client.RecordAsync(Items(), stop.Token))
                {
                    _ = answer;
                    Interlocked.Increment(ref answered);
                }
            }
            catch (Exception e) when (stop.IsCancellationRequested && e is RpcException or OperationCanceledException)
            {
                // Stopped.
            }
        }
    }

    private static IEnumerable<RecordConsultationsRequest> Items()
    {
        while (true)
        {
            var one = Callers.Consultation();
            yield return new RecordConsultationsRequest { Context = one.Context, Consultation = one.Consultation };
        }
    }
}
