using Ledger.Domain.Pseudonyms;
using Ledger.Store.Pseudonyms;

namespace Ledger.Tests;

/// <summary>Keys of the months that nobody has to make: those of the samples, unless others are given.</summary>
internal sealed class FixedKeys : IMonthKeys
{
    private static readonly string[] Months =
    [
        .. Enumerable.Range(0, 72).Select(i => new DateOnly(2022, 1, 1).AddMonths(i).ToString("yyyy-MM")),
    ];

    /// <summary>The key of a month.</summary>
    public Func<string, MonthKey> KeyOf { get; set; } = SampleHistory.KeyOf;

    /// <summary>The months whose key was destroyed.</summary>
    public HashSet<string> Destroyed { get; } = [];

    public Task<IReadOnlyList<MonthKey>> AllAsync(CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<MonthKey>>([.. Months.Where(m => !Destroyed.Contains(m)).Select(KeyOf)]);

    public ValueTask<OpenMonths> OfAsync(IEnumerable<string> months, CancellationToken cancel) =>
        ValueTask.FromResult(
            new OpenMonths(months.Distinct().Where(m => !Destroyed.Contains(m)).ToDictionary(m => m, KeyOf))
        );
}

internal static class Pseudonyms
{
    /// <summary>The pseudonym of the sample's file in the month of an instant.</summary>
    public static async Task<Pseudonym> OfAsync(this PseudonymKeys keys, DateTimeOffset at) =>
        (await keys.InAsync(at, CancellationToken.None)).Of(SampleHistory.TheDossier.Pseudonym);
}
