using Caf.Ledger.V1;
using Google.Protobuf;
using Grpc.Core;
using Ledger.Client;
using Paging = Caf.Ledger.V1.Paging;
using VerdictFilter = Caf.Ledger.V1.VerdictFilter;

namespace Ledger.Bench.Overload;

/// <summary>Writers beside many who ask, each about everything, as far as one can.</summary>
internal static class WideQuestions
{
    private const int Writers = OverloadExperiment.Writers;
    private const int Askers = OverloadExperiment.Crowd;

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
        ("irregular as known then", Irregular(VerdictFilter.AsKnownThen)),
        ("irregular as known now", Irregular(VerdictFilter.AsKnownAt)),
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
                    c.History.ListQuestionableActsAsync(
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

    public static async Task<List<Measurement>> RunAsync(ServiceUnderLoad service)
    {
        await Callers.RunAsync(service, Writers, OverloadExperiment.Span, Callers.RecordAsync);
        var measurements = new List<Measurement>();
        foreach (var (name, ask) in Wide)
        {
            // Alone each time: the ledger grows, and so does what a question costs.
            var alone = await Callers.RunAsync(service, Writers, OverloadExperiment.Span, Callers.RecordAsync);
            var asking = Callers.RunAsync(service, Askers, OverloadExperiment.Span, ask);
            var beside = await Callers.RunAsync(service, Writers, OverloadExperiment.Span, Callers.RecordAsync);
            var asked = await asking;
            measurements.Add(OverloadExperiment.Of($"{Writers} writers alone", "events/s", alone.Rate));
            measurements.Add(
                OverloadExperiment.Of(
                    $"… beside {Askers} × {name}",
                    "events/s",
                    beside.Rate,
                    "alone",
                    beside.Rate / alone.Rate
                )
            );
            measurements.Add(
                OverloadExperiment.Of(
                    $"… {name}: answered, told to wait {asked.Told}, p99 {asked.P99:N0} ms",
                    "answers/s",
                    asked.Rate
                )
            );
            measurements.Add(
                OverloadExperiment.Of(
                    "… told UNAVAILABLE",
                    "callers",
                    beside.Unavailable + asked.Unavailable + alone.Unavailable
                )
            );
        }

        return measurements;
    }

    private static Func<LedgerClient, CancellationToken, Task> Irregular(VerdictFilter filter) =>
        (c, stop) =>
            One(
                c.History.ListIrregularConsultationsAsync(
                    new()
                    {
                        Asking = Asking,
                        Scope = new(),
                        Filter = filter,
                        Paging = Page,
                    },
                    cancellationToken: stop
                )
            );

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
}
