using Ledger.Domain.Anomalies;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Habilitations;
using Ledger.Store.Appending;
using Ledger.Store.Reading;
using Ledger.Store.Schema;

namespace Ledger.Store.Anomalies;

/// <summary>
/// Runs the anomaly rules behind the log, on what each event says and on the uses that it makes irregular in hindsight.
/// What it has seen is in memory only: after a restart it reads the log again, and finds the
/// same alerts, which are not recorded twice. Any number of processes may watch.
/// </summary>
public sealed class AnomalyWatcher(LedgerDatabase database, LedgerWriter writer, AccessHistory history)
{
    private const int Chunk = 2000;

    private readonly AnomalyDetector _detector = new();
    private readonly Knowledge _known = new();

    /// <summary>The position up to which the rules have run: -1 before the first.</summary>
    public long Position { get; private set; } = -1;

    /// <summary>Runs the rules on what was recorded since.</summary>
    /// <returns>The number of alerts recorded.</returns>
    public async Task<int> ObserveAsync(CancellationToken cancel)
    {
        var (recorded, last) = (0, await history.LastPositionAsync(cancel));
        while (Position < last)
        {
            var events = await database.EventsBetweenAsync(Position + 1, Math.Min(last, Position + Chunk), cancel);
            var found = new List<(Alert Alert, Fact Fact)>();
            foreach (var (fact, _) in events)
            {
                var affected = _known.Apply(fact);
                found.AddRange(_detector.Observe(fact, _known).Select(alert => (alert, fact)));
                if (affected.Count > 0 && fact.Event is not HabilitationGranted)
                {
                    var irregular = await history.MadeIrregularByAsync(affected, fact.Position, cancel);
                    found.AddRange(
                        irregular
                            .SelectMany(c =>
                                AnomalyRules.On(c.Fact.Position, Use.Of(c.Event), c.AsKnownAt, fact.Position)
                            )
                            .Select(alert => (alert, fact))
                    );
                }
            }

            recorded += await RecordAsync(found, cancel);
            Position = events[^1].Fact.Position;
        }

        return recorded;
    }

    private async Task<int> RecordAsync(List<(Alert Alert, Fact Fact)> found, CancellationToken cancel)
    {
        if (found.Count == 0)
        {
            return 0;
        }

        var raised = found.ConvertAll(f => RaiseAlert.Of(f.Alert, f.Fact));
        var missing = await history.AskAsync(
            long.MaxValue,
            known => raised.FindAll(r => !known.TryFind(r.Command.Step.Procedure, out _)),
            cancel
        );
        await Task.WhenAll(missing.Select(r => writer.AppendAsync(AppendRequest.Of(r.Context, [], r.Command), cancel)));
        return missing.Count;
    }
}
