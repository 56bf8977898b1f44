using Ledger.Domain.Common;
using Ledger.Domain.Rights;

namespace Ledger.Domain.Partenariats;

/// <summary>
/// The CNIL formalities of a party: art. 12. They count by reference, and are complete when there is one and the latest
/// outcome of each is favourable or that nothing is required.
/// </summary>
internal static class Formalities
{
    /// <summary>That they are complete.</summary>
    /// <param name="terms">What happened to the convention and stands.</param>
    /// <param name="party">Whose.</param>
    public static Condition Of(IEnumerable<Fact> terms, Party party)
    {
        var outcomes = terms
            .Where(f => f.Event is CnilFormalityRecorded e && e.Party == party)
            .Select(f => (f.Position, Event: (CnilFormalityRecorded)f.Event))
            .Select(o => (o.Position, o.Event, At: LegalTime.StartOf(o.Event.On)))
            .OrderBy(o => o.At)
            .ThenBy(o => o.Position)
            .ToList();
        return new Condition(
            outcomes.Select(o => o.At),
            instant =>
            {
                var latest = outcomes
                    .TakeWhile(o => o.At <= instant)
                    .GroupBy(o => o.Event.Reference, StringComparer.Ordinal)
                    .Select(reference => reference.Last())
                    .ToList();
                var complete =
                    latest.Count > 0 && latest.TrueForAll(o => o.Event.Outcome != FormalityOutcome.Unfavourable);
                return (complete ? null : Reason.FormalitiesIncomplete, latest.Select(o => o.Position));
            }
        );
    }
}
