using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Caf.Ledger.V1;
using Grpc.Core;
using Grpc.Net.Client;
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

    /// <summary>The argument that makes this program one that nobody knows.</summary>
    public const string FloodVerb = "flood";

    /// <summary>Starts one.</summary>
    public static Process Start(Uri address, int streams) => Start(Verb, $"{address}", $"{streams}");

    /// <summary>Starts one that calls without being known to anybody.</summary>
    public static Process StartFlood(Uri address, int connections, string roots) =>
        Start(FloodVerb, $"{address}", $"{connections}", roots);

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

    /// <summary>Calls as nobody until its input ends, a hundred calls at once on each connection; prints the rate.</summary>
    public static async Task FloodAsync(Uri address, int connections, string roots)
    {
        const int atOnce = 100;
        using var stop = new CancellationTokenSource();
        var trust = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        trust.CustomTrustStore.ImportFromPemFile(roots);
        var (watch, refused) = (Stopwatch.StartNew(), 0);
        var flooding = Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(FloodOneAsync)));
        await Console.In.ReadToEndAsync();
        await stop.CancelAsync();
        await flooding;
        Console.Out.Write((refused / watch.Elapsed.TotalSeconds).ToString(CultureInfo.InvariantCulture));

        async Task FloodOneAsync()
        {
            using var channel = GrpcChannel.ForAddress(
                address,
                new GrpcChannelOptions
                {
                    HttpHandler = new SocketsHttpHandler { SslOptions = new() { CertificateChainPolicy = trust } },
                }
            );
            var client = new ConsultationService.ConsultationServiceClient(channel);
            await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => CallAsync(client)));
        }

        async Task CallAsync(ConsultationService.ConsultationServiceClient client)
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    await client.RecordConsultationAsync(Callers.Consultation(), cancellationToken: stop.Token);
                }
                catch (RpcException)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        }
    }

    private static Process Start(params string[] arguments) =>
        Process.Start(
            new ProcessStartInfo("dotnet", [typeof(Pusher).Assembly.Location, .. arguments])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
}
