using System.Diagnostics;
using Caf.Ledger.V1;
using Google.Protobuf;
using Grpc.Core;
using Ledger.Client;
using Ledger.Store.Anomalies;
using Ledger.Store.Appending;
using Ledger.Store.Knowing;
using Ledger.Store.Reading;
using Ledger.Store.Schema;
using Npgsql;
using Paging = Caf.Ledger.V1.Paging;
using VerdictFilter = Caf.Ledger.V1.VerdictFilter;

namespace Ledger.Bench.Overload;

/// <summary>
/// What others feel while one overloads the ledger: writers beside wide questions, callers beside streams that push,
/// writers beside a snapshot that stays open, and what single acts and questions cost when much is known.
/// </summary>
internal static class OverloadExperiment
{
    private const string Name = "overload";
    private const int Writers = 64;
    private const int Askers = 50;

    private static readonly TimeSpan Span = TimeSpan.FromSeconds(5);

    // Each asks about everything, as far as it can.
    private static readonly (string Name, Func<LedgerClient, CancellationToken, Task> Ask)[] Wide =
    [
        (
            "who could access",
            (c, stop) =>
                One(
                    c.History.WhoCouldAccessAsync(
                        new() { Asking = Asking, Allocataire = File },
                        cancellationToken: stop
                    )
                )
        ),
        (
            "irregular as known then",
            (c, stop) =>
                One(
                    c.History.ListIrregularConsultationsAsync(
                        new()
                        {
                            Asking = Asking,
                            Scope = new(),
                            Filter = VerdictFilter.AsKnownThen,
                            Paging = Page,
                        },
                        cancellationToken: stop
                    )
                )
        ),
        (
            "irregular as known now",
            (c, stop) =>
                One(
                    c.History.ListIrregularConsultationsAsync(
                        new()
                        {
                            Asking = Asking,
                            Scope = new(),
                            Filter = VerdictFilter.AsKnownAt,
                            Paging = Page,
                        },
                        cancellationToken: stop
                    )
                )
        ),
        (
            "use after end",
            (c, stop) =>
                One(
                    c.History.ListUseAfterEndAsync(
                        new()
                        {
                            Asking = Asking,
                            Scope = new(),
                            Paging = Page,
                        },
                        cancellationToken: stop
                    )
                )
        ),
        (
            "questionable grants",
            (c, stop) =>
                One(
                    c.History.ListQuestionableGrantsAsync(
                        new() { Asking = Asking, Paging = Page },
                        cancellationToken: stop
                    )
                )
        ),
        (
            "dormant habilitations",
            (c, stop) =>
                One(
                    c.History.ListDormantHabilitationsAsync(
                        new() { Asking = Asking, Paging = Page },
                        cancellationToken: stop
                    )
                )
        ),
        (
            "reporting delays",
            (c, stop) =>
                One(
                    c.History.ListReportingDelaysAsync(
                        new() { Asking = Asking, Paging = Page },
                        cancellationToken: stop
                    )
                )
        ),
        (
            "deadlines",
            (c, stop) =>
                One(c.History.ListDeadlinesAsync(new() { Asking = Asking, Paging = Page }, cancellationToken: stop))
        ),
        (
            "alerts",
            (c, stop) =>
                One(c.History.ListAlertsAsync(new() { Asking = Asking, Paging = Page }, cancellationToken: stop))
        ),
        (
            "replay of a service",
            (c, stop) =>
                AllAsync(c.History.Replay(new() { Asking = Asking, Service = "CDAP" }, cancellationToken: stop), stop)
        ),
    ];

    private static Asking Asking => Callers.Asking();

    private static Allocataire File => new() { Caf = "763", Matricule = "1204571" };

    private static Paging Page => new() { Size = 1000 };

    public static async Task<List<Measurement>> RunAsync(Workload workload)
    {
        var measurements = new List<Measurement>();
        await using (var ledger = await Simulated.LoadAsync(workload, consultations: 100_000))
        {
            await using var service = await ServiceUnderLoad.StartAsync(ledger.ConnectionString);
            measurements.AddRange(await BesideQuestionsAsync(service));
            measurements.AddRange(await BesideStreamsAsync(service));
            measurements.Add(Of("memory of the service, most", "MB", service.PeakMegabytes));
        }

        measurements.AddRange(await BesideSnapshotAsync(workload));
        measurements.AddRange(await MuchKnownAsync(workload));
        measurements.AddRange(await RulesAsync(workload));
        return measurements;
    }

    private static async Task<List<Measurement>> BesideQuestionsAsync(ServiceUnderLoad service)
    {
        await Callers.RunAsync(service, Writers, Span, Callers.RecordAsync);
        var measurements = new List<Measurement>();
        foreach (var (name, ask) in Wide)
        {
            // Alone each time: the ledger grows, and so does what a question costs.
            var alone = await Callers.RunAsync(service, Writers, Span, Callers.RecordAsync);
            var asking = Callers.RunAsync(service, Askers, Span, ask);
            var beside = await Callers.RunAsync(service, Writers, Span, Callers.RecordAsync);
            var asked = await asking;
            measurements.Add(Of($"{Writers} writers alone", "events/s", alone.Rate));
            measurements.Add(
                Of($"… beside {Askers} × {name}", "events/s", beside.Rate, "alone", beside.Rate / alone.Rate)
            );
            measurements.Add(
                Of($"… {name}: answered, told to wait {asked.Told}, p99 {asked.P99:N0} ms", "answers/s", asked.Rate)
            );
            measurements.Add(
                Of("… told UNAVAILABLE", "callers", beside.Unavailable + asked.Unavailable + alone.Unavailable)
            );
        }

        return measurements;
    }

    private static async Task<List<Measurement>> BesideStreamsAsync(ServiceUnderLoad service)
    {
        const int callers = 16;
        var alone = await Callers.RunAsync(service, callers, Span, Callers.RecordAsync);
        using var stop = new CancellationTokenSource();
        var pushing = Callers.PushAsync(service, Askers, stop.Token);
        await Task.Delay(TimeSpan.FromSeconds(1));
        var beside = await Callers.RunAsync(service, callers, Span, Callers.RecordAsync);
        await stop.CancelAsync();
        await pushing;
        return
        [
            Of($"{callers} callers alone", "events/s", alone.Rate),
            Of($"… beside {Askers} streams", "events/s", beside.Rate, "alone", beside.Rate / alone.Rate),
            Of($"{callers} callers alone, p99", "ms", alone.P99),
            Of($"… beside {Askers} streams, p99", "ms", beside.P99, "alone", beside.P99 / alone.P99),
        ];
    }

    private static async Task<List<Measurement>> BesideSnapshotAsync(Workload workload)
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
                Of($"{Writers} writers before", "events/s", before),
                Of($"… after {batches:N0} batches beside a snapshot", "events/s", after, "before", after / before),
            ];

            async Task<double> RateAsync(int events)
            {
                var (watch, left) = (Stopwatch.StartNew(), events);
                await Task.WhenAll(
                    Enumerable
                        .Range(0, Writers)
                        .Select(_ =>
                            Task.Run(async () =>
                            {
                                while (Interlocked.Decrement(ref left) >= 0)
                                {
                                    await writer.AppendAsync(workload.Request(), CancellationToken.None);
                                }
                            })
                        )
                );
                return events / watch.Elapsed.TotalSeconds;
            }
        }
    }

    private static async Task<List<Measurement>> MuchKnownAsync(Workload workload)
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
            Of($"one agent's rights at a past position, {known.Facts:N0} facts, p50", "ms", times[asked / 2]),
            Of($"… p99", "ms", times[(int)(asked * 0.99)]),
            Of(
                $"a service closed over {LargePartners.Agents:N0} agents, {LargePartners.Rights:N0} rights",
                "ms",
                closed
            ),
            Of("memory of the service, most", "MB", service.PeakMegabytes),
        ];
    }

    private static async Task<List<Measurement>> RulesAsync(Workload workload)
    {
        await using var ledger = await Simulated.LoadAsync(workload, consultations: 880_000);
        await using var database = new LedgerDatabase(ledger.ConnectionString);
        using var replica = new Replica(database);
        await using var writer = new LedgerWriter(database, replica);
        var history = new AccessHistory(database, replica);
        var node = new Guid(1, 0, 0, new byte[8]);
        var watch = Stopwatch.StartNew();
        var alerts = await new AnomalyWatcher(database, replica, writer, history, node).ObserveAsync(
            CancellationToken.None
        );
        var first = watch.Elapsed.TotalSeconds;

        // As after a kill: nothing is saved beyond what was saved on the way.
        watch.Restart();
        var watcher = new AnomalyWatcher(database, replica, writer, history, node);
        await watcher.ObserveAsync(CancellationToken.None);
        return
        [
            Of($"the rules over {watcher.Position + 1:N0} events, {alerts:N0} alerts", "s", first),
            Of("… after a restart", "s", watch.Elapsed.TotalSeconds),
        ];
    }

    private static async Task One<T>(AsyncUnaryCall<T> call)
        where T : IMessage => await call;

    private static async Task AllAsync<T>(AsyncServerStreamingCall<T> call, CancellationToken stop)
    {
        using (call)
        {
            await foreach (var part in call.ResponseStream.ReadAllAsync(stop))
            {
                _ = part;
            }
        }
    }

    // Told as it comes: the whole takes minutes.
    private static Measurement Of(
        string variant,
        string unit,
        double value,
        string? versus = null,
        double? ratio = null
    )
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
