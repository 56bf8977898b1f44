using Ledger.Domain.Pseudonyms;
using Ledger.Domain.Simulation;
using Ledger.Files;
using Ledger.Store.Knowing;
using Ledger.Store.Pseudonyms;
using Ledger.Store.Schema;

namespace Ledger.Bench;

/// <summary>The keys of the months of a simulated history.</summary>
internal sealed class GeneratedKeys(HistoryGenerator generator) : IMonthKeys
{
    private readonly Dictionary<string, MonthKey> _keys = generator.Months.ToDictionary(m => m, generator.KeyOf);

    public Task<IReadOnlyList<MonthKey>> AllAsync(CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<MonthKey>>([.. _keys.Values]);

    public ValueTask<OpenMonths> OfAsync(IEnumerable<string> months, CancellationToken cancel) =>
        ValueTask.FromResult(new OpenMonths(_keys));

    /// <summary>A file's pseudonym in a month.</summary>
    public Pseudonym Of(string month, string dossier) => _keys[month].Of(dossier);

    /// <summary>Puts them where a service finds them, and has its ledger use them.</summary>
    public async Task PlaceAsync(LedgerDatabase database, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var month in generator.Months)
        {
            await OwnFile.WriteAsync(
                Path.Combine(folder, $"{month}.key"),
                generator.SecretOf(month),
                CancellationToken.None
            );
        }

        using var replica = new Replica(database);
        using var keys = new PseudonymKeys(
            database,
            replica,
            folder,
            new Ledger.Store.Keys.FileVault(),
            TimeProvider.System
        );
        foreach (var month in generator.Months)
        {
            var (from, _) = Domain.Common.LegalTime.MonthOf(month);
            await keys.InAsync(from, CancellationToken.None);
        }
    }
}
