using Ledger.Domain.Anomalies;
using Ledger.Domain.Common;
using Ledger.Domain.Knowing;
using Ledger.Domain.ReadModels;

namespace Ledger.Store.ReadModels;

/// <summary>
/// What an event changes in the read models, by the pure functions of the domain: worked out whole before any of it is
/// taken.
/// </summary>
internal sealed record ReadModelChange(long Position)
{
    /// <summary>What the event is about.</summary>
    public IReadOnlyCollection<string> Tags { get; private init; } = [];

    /// <summary>The row of a fact of use.</summary>
    public UsageRow? Usage { get; private init; }

    /// <summary>The row of an alert.</summary>
    public AlertRow? Alert { get; private init; }

    /// <summary>The row of an alert's qualification.</summary>
    public AlertOutcomeRow? Outcome { get; private init; }

    /// <summary>The rows of rights, before it was known and since.</summary>
    public IReadOnlyList<(RightKey Key, IReadOnlyList<RightRow> Had, IReadOnlyList<RightRow> Wanted)> Rights
    {
        get;
        private init;
    } = [];

    /// <summary>What an event changes that was learnt, or that nobody has to know.</summary>
    /// <param name="position">Where it stands.</param>
    /// <param name="event">The event.</param>
    /// <param name="before">What was known before it.</param>
    /// <param name="learnt">What it leads to; null for an event that bears on no right.</param>
    public static ReadModelChange Of(long position, LedgerEvent @event, Knowledge before, Learnt? learnt)
    {
        if (UsageRow.Takes(@event))
        {
            return new ReadModelChange(position) { Usage = UsageRow.Of(position, @event) };
        }

        var known = learnt?.Known ?? before;
        return new ReadModelChange(position)
        {
            Tags = [.. Domain.ReadModels.Tags.Of(@event, known)],
            Alert = @event is AnomalyDetected detected ? AlertRow.Of(position, detected) : null,
            Outcome = @event is AnomalyQualified qualified ? AlertOutcomeRow.Of(position, qualified) : null,
            Rights =
            [
                .. RightKey
                    .Reached(learnt?.Reach ?? Reach.None, known)
                    .Select(key => (key, key.RowsIn(before), key.RowsIn(known))),
            ],
        };
    }
}
