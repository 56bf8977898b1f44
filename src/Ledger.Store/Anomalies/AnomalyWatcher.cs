using Ledger.Domain.Anomalies;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;
using Ledger.Store.Appending;
using Ledger.Store.Knowing;
using Ledger.Store.Reading;
using Ledger.Store.Schema;

namespace Ledger.Store.Anomalies;

/// <summary>
/// Runs the anomaly rules behind the log, on what each event says and on the uses that it makes irregular in hindsight.
/// Any number of nodes may watch: the one that holds the lease runs the rules, and goes on where they stopped. What was
/// seen after the last save is seen again, and no alert is recorded twice.
/// </summary>
public sealed class AnomalyWatcher
{
    private const int Chunk = 1000;
    private const int SavedEvery = 20_000;

    private readonly LedgerDatabase _database;
    private readonly LedgerWriter _writer;
    private readonly AccessHistory _history;
    private readonly RuleState _state;
    private readonly Hindsight _hindsight;
    private AnomalyDetector? _detector;
    private long _saved = -1;

    /// <summary>Watches a ledger.</summary>
    /// <param name="database">The ledger's database.</param>
    /// <param name="replica">What is known.</param>
    /// <param name="writer">What records alerts.</param>
    /// <param name="history">What reads the log.</param>
    /// <param name="node">What tells this node from the others.</param>
    public AnomalyWatcher(
        LedgerDatabase database,
        Replica replica,
        LedgerWriter writer,
        AccessHistory history,
        Guid node
    )
    {
        (_database, _writer, _history) = (database, writer, history);
        (_state, _hindsight) = (new RuleState(database, node), new Hindsight(database, replica, history));
    }

    /// <summary>The position up to which the rules have run here: -1 before the first.</summary>
    public long Position { get; private set; } = -1;

    /// <summary>The alerts that could not be recorded since the last time, and why.</summary>
    public List<(Alert Alert, Exception Why)> Failed { get; } = [];

    /// <summary>
    /// Runs the rules on what was recorded since, if this node holds the lease. After a failure they go on from where
    /// they were saved.
    /// </summary>
    /// <returns>The number of alerts recorded.</returns>
    public async Task<int> ObserveAsync(CancellationToken cancel)
    {
        try
        {
            return await TryObserveAsync(cancel);
        }
        catch
        {
            // The rules have seen part of a chunk: what they remember is of no position.
            _detector = null;
            throw;
        }
    }

    /// <summary>Saves how far the rules have come, and gives the lease back.</summary>
    public async Task StopAsync(CancellationToken cancel)
    {
        if (_detector is not null)
        {
            await SaveAsync(cancel);
        }

        await _state.ReleaseAsync(cancel);
        _detector = null;
    }

    private async Task<int> TryObserveAsync(CancellationToken cancel)
    {
        if (!await _state.LeaseAsync(cancel))
        {
            _detector = null;
            return 0;
        }

        await ResumeAsync(cancel);
        var (recorded, known) = (0, await _history.SnapshotAsync(null, cancel));
        while (Position < known.At)
        {
            var last = Math.Min(known.At, Position + Chunk);
            var events = await _database.EventsBetweenAsync(Position + 1, last, cancel);
            recorded += await RecordAsync(await FindAsync(events, known.Latest, cancel), cancel);
            Position = last;
            if (Position - _saved >= SavedEvery && (!await SaveAsync(cancel) || !await _state.LeaseAsync(cancel)))
            {
                return recorded;
            }
        }

        return recorded;
    }

    private async Task ResumeAsync(CancellationToken cancel)
    {
        if (_detector is not null)
        {
            return;
        }

        // Rules that say they are ahead of the log see all of it again: no alert is recorded twice.
        var (position, state) = await _state.LoadAsync(cancel);
        var resumes = state is not null && position <= await _history.LastPositionAsync(cancel);
        _detector = resumes ? AnomalyDetector.Resume(state!) : new AnomalyDetector();
        Position = _saved = resumes ? position : -1;
    }

    private async Task<bool> SaveAsync(CancellationToken cancel)
    {
        if (_saved == Position)
        {
            return true;
        }

        var saved = await _state.SaveAsync(Position, _detector!.Save(), cancel);
        (_saved, _detector) = (Position, saved ? _detector : null);
        return saved;
    }

    private async Task<List<Alert>> FindAsync(List<StoredEvent> events, Knowledge known, CancellationToken cancel)
    {
        var found = new List<Alert>();
        foreach (var (fact, _) in events)
        {
            found.AddRange(_detector!.Observe(fact, known));
            if (!Knowledge.Bears(fact.Event) || fact.Event is HabilitationGranted)
            {
                continue;
            }

            await foreach (var fallen in _hindsight.MadeIrregularByAsync(fact, known, cancel))
            {
                found.AddRange(AnomalyRules.On(fallen.Fact.Position, fallen.Use, fallen.AsKnownAt, fact.Position));
            }
        }

        return found;
    }

    // Each by itself: one that cannot be recorded stops no other.
    private async Task<int> RecordAsync(List<Alert> found, CancellationToken cancel)
    {
        var recorded = 0;
        foreach (var some in found.Chunk(LedgerWriter.MaxBatch))
        {
            var answers = await Task.WhenAll(some.Select(alert => RecordAsync(alert, cancel)));
            recorded += answers.Count(isNew => isNew);
        }

        return recorded;
    }

    private async Task<bool> RecordAsync(Alert alert, CancellationToken cancel)
    {
        try
        {
            var raise = new RaiseAlert(alert);
            // One line for all alerts: the rules are one caller among the others.
            var ack = await _writer.AppendAsync(AppendRequest.Of(raise.Context(), [], raise), cancel, this);
            return !ack.Repeated;
        }
        catch (Exception e) when (e is not (StoreUnavailableException or OperationCanceledException))
        {
            lock (Failed)
            {
                Failed.Add((alert, e));
            }

            return false;
        }
    }
}
