using System.Diagnostics;
using Ledger.Domain.Common;
using Ledger.Domain.Control;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Simulation;
using Ledger.Store.Appending;
using Ledger.Store.Knowing;
using Ledger.Store.Reading;
using Ledger.Store.Schema;

namespace Ledger.Bench;

/// <summary>
/// Who could open a file at a moment as known at another, and who did: on a simulated Caf of 400 partners and 30,000
/// habilitations, with 100,000 consultations and with ten times as many. One caller; a first page of 100; moments and
/// positions at random; who did is asked of files that were opened.
/// </summary>
internal static class AskExperiment
{
    private const int Seed = 20_260_310;
    private const int Few = 100_000;
    private const int Questions = 400;

    public static async Task<List<Measurement>> RunAsync(Workload workload, int passes)
    {
        var few = await LoadAsync(workload, Few);
        var many = await LoadAsync(workload, 10 * Few);
        var measurements = new List<Measurement>();
        measurements.AddRange(
            await CompareAsync(
                "who could, as known then",
                few,
                many,
                passes,
                (ledger, chance) => ledger.CouldAsync(chance)
            )
        );
        measurements.AddRange(
            await CompareAsync("who did, first page", few, many, passes, (ledger, chance) => ledger.DidAsync(chance))
        );
        measurements.AddRange(
            await CompareAsync(
                "an agent's 100 first consultations",
                few,
                many,
                passes,
                (ledger, chance) => ledger.ConsultedAsync(chance)
            )
        );
        measurements.AddRange(
            await CompareAsync(
                "who could, the question recorded",
                few,
                many,
                passes,
                (ledger, chance) => ledger.RecordedAsync(chance)
            )
        );
        await few.DisposeAsync();
        await many.DisposeAsync();
        return measurements;
    }

    private static async Task<List<Measurement>> CompareAsync(
        string experiment,
        Loaded few,
        Loaded many,
        int passes,
        Func<Loaded, Random, Task> ask
    )
    {
        var (small, large) = (new List<double[]>(), new List<double[]>());
        for (var pass = -1; pass < passes; pass++)
        {
            // The same questions to both, in turn; pass -1 warms up and is not counted.
            var (one, other) = (
                await TimesAsync(few, new Random(pass), ask),
                await TimesAsync(many, new Random(pass), ask)
            );
            if (pass >= 0)
            {
                small.Add(one);
                large.Add(other);
            }
        }

        return
        [
            .. Percentiles(experiment, $"{Few:N0} consultations", small, null),
            .. Percentiles(experiment, $"{10 * Few:N0} consultations", large, small),
        ];
    }

    private static IEnumerable<Measurement> Percentiles(
        string experiment,
        string variant,
        List<double[]> runs,
        List<double[]>? versus
    )
    {
        foreach (var (name, share) in new[] { ("p50", 0.50), ("p99", 0.99) })
        {
            var values = runs.ConvertAll(r => Interleaved.Percentile(r, share));
            var sorted = values.Order().ToList();
            double? ratio = versus is null
                ? null
                : Interleaved.Median([
                    .. values.Zip(versus, (mine, peer) => mine / Interleaved.Percentile(peer, share)),
                ]);
            yield return new Measurement(
                experiment,
                $"{name}, {variant}",
                "ms",
                Interleaved.Median(values),
                sorted[0],
                sorted[^1],
                runs.Count,
                versus is null ? null : $"{name}, {Few:N0} consultations",
                ratio
            );
        }
    }

    private static async Task<double[]> TimesAsync(Loaded ledger, Random chance, Func<Loaded, Random, Task> ask)
    {
        var times = new double[Questions];
        for (var i = 0; i < Questions; i++)
        {
            var watch = Stopwatch.StartNew();
            await ask(ledger, chance);
            times[i] = watch.Elapsed.TotalMilliseconds;
        }

        Array.Sort(times);
        return times;
    }

    private static async Task<Loaded> LoadAsync(Workload workload, int consultations)
    {
        var size = HistorySize.WholeCaf(consultations);
        var generator = new HistoryGenerator(Seed, size);
        var (database, _) = await workload.CreateAsync();
        var replica = new Replica(database);
        var writer = new LedgerWriter(database, replica);
        var (positions, waiting) = (
            new Dictionary<int, long>(),
            new List<(int Number, Task<Acknowledgement> Answer)>()
        );
        var (watch, opened) = (Stopwatch.StartNew(), new List<int>());
        foreach (var act in generator.Acts())
        {
            // A rectification names a position: what came before must have one.
            if (waiting.Count == 4000 || act.Command is Rectify)
            {
                await SettleAsync();
            }

            if (act.Command is Domain.Consultations.RecordConsultation && act.Number % (consultations / 10_000) == 0)
            {
                opened.Add(act.Files[0]);
            }

            var command = act.Command is Rectify r ? new Rectify(positions[(int)r.Of], r.Why) : act.Command;
            waiting.Add(
                (
                    act.Number,
                    await writer.EnqueueAsync(
                        AppendRequest.Of(act.Context, new byte[32], command),
                        generator,
                        CancellationToken.None
                    )
                )
            );
        }

        await SettleAsync();
        await using (var vacuum = database.Source.CreateCommand("vacuum analyze"))
        {
            await vacuum.ExecuteNonQueryAsync();
        }

        var keys = new GeneratedKeys(generator);
        var history = new AccessHistory(database, replica, keys);
        var now = await history.SnapshotAsync(null, CancellationToken.None);
        Console.Error.WriteLine(
            $"{now.At + 1:N0} events with {consultations:N0} consultations loaded in {watch.Elapsed.TotalSeconds:N0} s"
        );
        var agents = now.Latest.Habilitations.Select(h => (h.Granted.Agent, now.Latest.SiretOf(h))).Distinct().ToList();
        return new Loaded(database, replica, writer, history, generator, keys, size, now, agents, opened);

        async Task SettleAsync()
        {
            foreach (var (number, answer) in waiting)
            {
                positions[number] = (await answer).Position;
            }

            waiting.Clear();
        }
    }

    private sealed record Loaded(
        LedgerDatabase Database,
        Replica Replica,
        LedgerWriter Writer,
        AccessHistory History,
        HistoryGenerator Generator,
        GeneratedKeys Keys,
        HistorySize Size,
        Snapshot Now,
        IReadOnlyList<(AgentId Agent, Siret Siret)> Agents,
        IReadOnlyList<int> Opened
    ) : IAsyncDisposable
    {
        private static readonly Actor Investigator = new(AgentId.Parse("investigator-1"), HistoryGenerator.Caf, null);
        private int _questions;

        public async Task CouldAsync(Random chance)
        {
            var file = new DossierIdentity(Generator.DossierOf(chance.Next(Size.Allocataires)), HistoryGenerator.Caf);
            await History.WhoCouldAsync(
                file,
                Moment(chance),
                await History.SnapshotAsync((long)(chance.NextDouble() * Now.At), CancellationToken.None),
                null,
                new Paging(100),
                CancellationToken.None
            );
        }

        public Task<Page<ConsultationFound>> DidAsync(Random chance)
        {
            // Every month of the three years has a pseudonym of its own: all of them are looked for.
            var file = Opened[chance.Next(Opened.Count)];
            var dossier = Generator.DossierOf(file);
            var pseudonyms = Generator.Months.Select(month => Keys.Of(month, dossier)).ToList();
            return History.WhoDidAsync(
                pseudonyms,
                LegalTime.Earliest,
                LegalTime.StartOf(HistoryGenerator.FirstDay.AddYears(Size.Years + 1)),
                Now,
                new Paging(100),
                CancellationToken.None
            );
        }

        public Task<Page<ConsultationFound>> ConsultedAsync(Random chance)
        {
            var (agent, siret) = Agents[chance.Next(Agents.Count)];
            var scope = new UsageScope(
                LegalTime.Earliest,
                LegalTime.StartOf(HistoryGenerator.FirstDay.AddYears(Size.Years + 1)),
                Siret: siret,
                Agent: agent
            );
            return History.ConsultationsAsync(
                scope,
                onlyWithoutFile: false,
                Now,
                new Paging(100),
                CancellationToken.None
            );
        }

        public async Task RecordedAsync(Random chance)
        {
            var context = new EventContext(
                Investigator,
                new Guid(Interlocked.Increment(ref _questions), 9, 9, new byte[8])
            );
            await Writer.AppendAsync(
                AppendRequest.Of(
                    context,
                    new byte[32],
                    new ConsultTraces("who-could-access", "{}", null, null, Now.At)
                ),
                CancellationToken.None
            );
            await CouldAsync(chance);
        }

        public async ValueTask DisposeAsync()
        {
            await Writer.DisposeAsync();
            Replica.Dispose();
            await Database.DisposeAsync();
        }

        private DateTimeOffset Moment(Random chance) =>
            LegalTime.StartOf(HistoryGenerator.FirstDay).AddMinutes(chance.Next(Size.Years * 365 * 1440));
    }
}
