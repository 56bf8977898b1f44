using Ledger.Domain.Common;
using Ledger.Domain.Knowing;

namespace Ledger.Domain.Retention;

/// <summary>
/// How long the uses of a month can be tied to their files: as long as the longest of the contrats de service that were
/// in force in it says (art. 2, 7). One key serves a month, so that the longest speaks for all; and a version that is
/// recorded once the month is over lengthens what was known, and does not shorten it.
/// </summary>
/// <param name="Month">The month, <c>yyyy-MM</c>.</param>
/// <param name="Months">Calendar months from its end; null where no contract says.</param>
/// <param name="DueOn">The first day on which they are kept no longer; null where no contract says.</param>
/// <param name="Because">The positions of the contracts that say so.</param>
public sealed record RetentionTerm(string Month, int? Months, DateOnly? DueOn, IReadOnlyList<long> Because)
{
    /// <summary>The term of a month, with what is known.</summary>
    /// <exception cref="FormatException">It is no month.</exception>
    public static RetentionTerm Of(Knowledge known, string month)
    {
        var (from, until) = LegalTime.MonthOf(month);
        var said = known
            .Partenariats.Where(p => p.InForce().Between(from, until).Any(s => s.Value is null))
            .SelectMany(p => p.ContractsKnownBetween(from, until))
            .ToList();
        if (said.Count == 0)
        {
            return new RetentionTerm(month, null, null, []);
        }

        var longest = said.Max(s => s.Value!.TraceRetentionMonths);
        return new RetentionTerm(
            month,
            longest,
            LegalTime.AfterMonths(LegalTime.DayOf(until), longest),
            [.. said.Where(s => s.Value!.TraceRetentionMonths == longest).Select(s => s.Because!.Value).Order()]
        );
    }

    /// <summary>Whether nothing allows to keep them any longer.</summary>
    public bool IsDue(DateOnly today) => DueOn <= today;
}
