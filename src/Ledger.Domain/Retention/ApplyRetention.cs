using System.Globalization;
using Ledger.Domain.Common;
using Ledger.Domain.Control;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Knowing;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;

namespace Ledger.Domain.Retention;

/// <summary>
/// A Caf does away with months at their lawful end (art. 7; art. 5.1 e RGPD): their keys are destroyed once this is
/// recorded. It cannot be taken back, so it is checked before.
/// </summary>
/// <param name="Procedure">The procedure under which it is recorded.</param>
/// <param name="Months">The months, <c>yyyy-MM</c>, that have a key.</param>
/// <param name="Cleared">
/// The holds and months of which the log was searched: no use of the month is one that the hold names.
/// </param>
/// <param name="Searched">The position up to which it was known whose files are whose when the log was searched.</param>
/// <param name="Text">Why, for the record.</param>
public sealed record ApplyRetention(
    ProcedureId Procedure,
    IReadOnlyList<string> Months,
    IReadOnlySet<(long Hold, string Month)> Cleared,
    long Searched,
    string Text
) : ICommand
{
    /// <summary>The kind of procedure.</summary>
    public const string Kind = "retention";

    /// <summary>The step that says until which day.</summary>
    public const string Applied = "retention-applied";

    /// <summary>The step that says that a month's key was destroyed.</summary>
    public const string Destroyed = "epoch-key-destroyed";

    /// <summary>The detail that names the month: <c>yyyy-MM</c>.</summary>
    public const string Epoch = "epoch";

    /// <summary>The detail that names the last day that is done away with.</summary>
    public const string Until = "until";

    private static readonly HashSet<(long, string)> Nothing = [];

    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        if (context.Actor.Caf is null)
        {
            throw new RefusedException("caf-applies-retention", "7", "Only a Caf does away with traces.");
        }

        if (Months.Count == 0)
        {
            throw new RefusedException("retention-due", "7", "No month is at its lawful end.");
        }

        var today = LegalTime.DayOf(now);
        var holds = LegalHold.Standing(known);

        // A mutation that was recorded since tells of numbers that nobody looked for.
        var isStale = known.Facts.Reverse().TakeWhile(f => f.Position > Searched).Any(IsOfFiles);
        var cleared = isStale ? Nothing : Cleared;
        var terms = Months
            .Order(StringComparer.Ordinal)
            .Select(m => RequireEnd(known, m, today, holds, cleared))
            .ToList();
        var last = LegalTime.DayOf(LegalTime.MonthOf(terms[^1].Month).Until).AddDays(-1);
        return
        [
            new RetentionApplied(
                Step(today, Until, last.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), Everything(terms))
            ),
            .. terms.Select(t => new EpochKeyDestroyed(Step(today, Epoch, t.Month, t.Because))),
        ];
    }

    /// <summary>The holds that keep a month.</summary>
    /// <param name="holds">Those that stand.</param>
    /// <param name="month">The month.</param>
    /// <param name="cleared">What was searched, and not found.</param>
    public static IEnumerable<LegalHold> Keeping(
        IEnumerable<LegalHold> holds,
        string month,
        IReadOnlySet<(long Hold, string Month)> cleared
    ) => holds.Where(h => h.Meets(month) && !(h.NamesUses && cleared.Contains((h.Position, month))));

    private static RetentionTerm RequireEnd(
        Knowledge known,
        string month,
        DateOnly today,
        IReadOnlyList<LegalHold> holds,
        IReadOnlySet<(long Hold, string Month)> cleared
    )
    {
        var term = RetentionTerm.Of(known, month);
        if (!term.IsDue(today))
        {
            throw new RefusedException(
                "retention-due",
                "7",
                term.DueOn is { } due
                    ? $"The month {month} is kept until {due:yyyy-MM-dd}."
                    : $"No contrat de service says how long the month {month} is kept."
            );
        }

        if (known.DestroyedEpochs.Contains(month))
        {
            throw new RefusedException("destruction-once", "7", $"The key of {month} is already destroyed.");
        }

        return Keeping(holds, month, cleared).FirstOrDefault() is { } hold
            ? throw new RefusedException(
                "legal-hold-stands",
                "7",
                $"The legal hold '{hold.Id}' keeps the month {month}."
            )
            : term;
    }

    private static bool IsOfFiles(Fact fact) => fact.Event is DossierEvent or RectificationMade;

    private static List<long> Everything(IEnumerable<RetentionTerm> terms) =>
        [.. terms.SelectMany(t => t.Because).Distinct().Order()];

    private ProcedureStep Step(DateOnly on, string detail, string value, IReadOnlyList<long> because) =>
        new(
            Procedure,
            null,
            Party.Caf,
            on,
            Text,
            new SortedDictionary<string, string>(StringComparer.Ordinal) { [detail] = value },
            because
        );
}
