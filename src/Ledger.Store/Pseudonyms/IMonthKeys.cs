using Ledger.Domain.Common;
using Ledger.Domain.Pseudonyms;

namespace Ledger.Store.Pseudonyms;

/// <summary>The keys of the months, for those who may read what was recorded under them.</summary>
public interface IMonthKeys
{
    /// <summary>The keys of every month that has one and whose key was not destroyed.</summary>
    /// <exception cref="KeyUnavailableException">One is missing, or is another.</exception>
    Task<IReadOnlyList<MonthKey>> AllAsync(CancellationToken cancel);

    /// <summary>The keys of these months; of one whose key was destroyed, none.</summary>
    /// <exception cref="KeyUnavailableException">One is missing, or is another.</exception>
    ValueTask<OpenMonths> OfAsync(IEnumerable<string> months, CancellationToken cancel);
}

/// <summary>Months whose keys are at hand.</summary>
/// <param name="Keys">Of each month, its key.</param>
public sealed record OpenMonths(IReadOnlyDictionary<string, MonthKey> Keys)
{
    /// <summary>The file behind a pseudonym; null once the key of its month is destroyed.</summary>
    public string? Behind(Pseudonym pseudonym) => Of(pseudonym.Epoch)?.Behind(pseudonym);

    /// <summary>The key of the month of an instant; null once it is destroyed.</summary>
    public MonthKey? At(DateTimeOffset instant) => Of(LegalTime.EpochOf(instant));

    private MonthKey? Of(string month) => Keys.GetValueOrDefault(month);
}
