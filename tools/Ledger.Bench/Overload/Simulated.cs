using Ledger.Domain.Control;
using Ledger.Domain.Simulation;
using Ledger.Store.Appending;
using Ledger.Store.Knowing;
using Ledger.Store.Schema;

namespace Ledger.Bench.Overload;

/// <summary>The simulated history of a Caf, recorded.</summary>
internal sealed class Simulated : IAsyncDisposable
{
    private const int Seed = 20_260_310;
    private const int InFlight = 4000;

    private readonly LedgerDatabase _database;

    private Simulated(LedgerDatabase database, string connectionString, GeneratedKeys keys) =>
        (_database, ConnectionString, Keys) = (database, connectionString, keys);

    public GeneratedKeys Keys { get; }

    public string ConnectionString { get; }

    public Task PlaceKeysAsync(string folder) => Keys.PlaceAsync(_database, folder);

    public static async Task<Simulated> LoadAsync(Workload workload, int consultations)
    {
        var (database, connectionString) = await workload.CreateAsync();
        using var replica = new Replica(database);
        await using var writer = new LedgerWriter(database, replica);
        var (positions, waiting) = (
            new Dictionary<int, long>(),
            new List<(int Number, Task<Acknowledgement> Answer)>()
        );
        var caller = new object();
        var generator = new HistoryGenerator(Seed, HistorySize.WholeCaf(consultations));
        foreach (var act in generator.Acts())
        {
            // A rectification names a position: what came before must have one.
            if (waiting.Count == InFlight || act.Command is Rectify)
            {
                await SettleAsync();
            }

            var command = act.Command is Rectify r ? new Rectify(positions[(int)r.Of], r.Why) : act.Command;
            var request = AppendRequest.Of(act.Context, new byte[32], command);
            waiting.Add((act.Number, await writer.EnqueueAsync(request, caller, CancellationToken.None)));
        }

        await SettleAsync();
        await workload.EntitleAsync(writer);
        await using var vacuum = database.Source.CreateCommand("vacuum analyze");
        vacuum.CommandTimeout = 0;
        await vacuum.ExecuteNonQueryAsync();
        return new Simulated(database, connectionString, new GeneratedKeys(generator));

        async Task SettleAsync()
        {
            foreach (var (number, answer) in waiting)
            {
                positions[number] = (await answer).Position;
            }

            waiting.Clear();
        }
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
