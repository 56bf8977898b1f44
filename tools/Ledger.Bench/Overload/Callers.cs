using System.Collections.Concurrent;
using System.Diagnostics;
using Caf.Ledger.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Ledger.Client;

namespace Ledger.Bench.Overload;

/// <summary>What callers saw in a time.</summary>
/// <param name="Rate">Answers per second.</param>
/// <param name="Latencies">How long each took, in ms, sorted.</param>
/// <param name="Unavailable">How many were told UNAVAILABLE.</param>
/// <param name="Told">How many were told to ask again a little later.</param>
internal sealed record Seen(double Rate, double[] Latencies, int Unavailable, int Told)
{
    public double P99 => Latencies.Length == 0 ? double.PositiveInfinity : Interleaved.Percentile(Latencies, 0.99);
}

/// <summary>Callers over gRPC, each with a connection of its own, who go on until they are stopped.</summary>
internal static class Callers
{
    /// <summary>Runs so many for a time, and counts only what was answered within it.</summary>
    public static async Task<Seen> RunAsync(
        ServiceUnderLoad service,
        int callers,
        TimeSpan time,
        Func<LedgerClient, CancellationToken, Task> call
    )
    {
        using var stop = new CancellationTokenSource(time);
        var (latencies, unavailable, told) = (new ConcurrentBag<double>(), 0, 0);
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(CallAsync)));
        var sorted = latencies.Order().ToArray();
        return new Seen(
            sorted.Length / Math.Min(watch.Elapsed.TotalSeconds, time.TotalSeconds),
            sorted,
            unavailable,
            told
        );

        async Task CallAsync()
        {
            using var client = service.Connect();
            while (!stop.IsCancellationRequested)
            {
                var one = Stopwatch.StartNew();
                try
                {
                    await call(client, stop.Token);
                    latencies.Add(one.Elapsed.TotalMilliseconds);
                }
                catch (RpcException e) when (e.StatusCode == StatusCode.ResourceExhausted)
                {
                    Interlocked.Increment(ref told);
                    await Task.WhenAny(Task.Delay(TimeSpan.FromSeconds(1), stop.Token));
                }
                catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable && !stop.IsCancellationRequested)
                {
                    Interlocked.Increment(ref unavailable);
                }
                catch (Exception e)
                    when (stop.IsCancellationRequested && e is RpcException or OperationCanceledException)
                {
                    // The time is over.
                }
            }
        }
    }

    /// <summary>A consultation by the agent whom the workload has entitled.</summary>
    public static RecordConsultationRequest Consultation() =>
        new()
        {
            Context = new RequestContext
            {
                RequestId = Guid.CreateVersion7().ToString(),
                Actor = new Actor
                {
                    Id = "agent-c3",
                    Kind = ActorKind.Human,
                    Siret = "21760575700012",
                },
            },
            Consultation = new Consultation
            {
                Consultation_ = Guid.CreateVersion7().ToString(),
                Siret = "21760575700012",
                Agent = "agent-c3",
                Habilitation = "hab-bench",
                Allocataire = new Allocataire { Caf = "763", Matricule = "1204571" },
                Service = "CDAP",
                Profil = "T2",
                Purpose = "aide-sociale",
                OccurredAt = Timestamp.FromDateTimeOffset(new DateTimeOffset(2026, 3, 10, 10, 0, 0, TimeSpan.Zero)),
            },
        };

    /// <summary>The Caf closes the service that everybody uses.</summary>
    public static CloseServiceRequest CloseService(string convention) =>
        new()
        {
            Context = new RequestContext
            {
                RequestId = Guid.CreateVersion7().ToString(),
                Actor = new Actor
                {
                    Id = "caf-admin",
                    Kind = ActorKind.Human,
                    Caf = "763",
                },
            },
            Convention = convention,
            Service = "CDAP",
            From = "2026-06-01",
            Reason = "bench",
        };

    public static Task RecordAsync(LedgerClient client, CancellationToken cancel) =>
        client.Consultations.RecordConsultationAsync(Consultation(), cancellationToken: cancel).ResponseAsync;

    /// <summary>Who asks.</summary>
    public static Asking Asking(long? position = null) =>
        new()
        {
            Context = new RequestContext
            {
                RequestId = Guid.CreateVersion7().ToString(),
                Actor = new Actor
                {
                    Id = "investigator-1",
                    Kind = ActorKind.Human,
                    Caf = "763",
                },
            },
            KnownAt = position is { } p ? new KnownAt { Position = p } : null,
        };
}
