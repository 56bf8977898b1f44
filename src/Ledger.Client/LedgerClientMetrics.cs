using System.Diagnostics.Metrics;
using Ledger.Client.Spool;

namespace Ledger.Client;

/// <summary>What became of consultations, how deep the spool is, and how old what waits.</summary>
internal sealed class LedgerClientMetrics : IDisposable
{
    private readonly TimeProvider _time;
    private readonly Meter _meter = new("Ledger.Client");
    private readonly Counter<long> _consultations;

    public LedgerClientMetrics(TimeProvider time)
    {
        _time = time;
        _consultations = _meter.CreateCounter<long>(
            "ledger.client.consultations",
            "{consultation}",
            "Consultations by outcome: authorised, irregular, spooled, spool-full, failed."
        );
    }

    public void Dispose() => _meter.Dispose();

    public void Count(string outcome) => _consultations.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Watch(ConsultationSpool spool)
    {
        _meter.CreateObservableGauge(
            "ledger.client.spool.depth",
            () => spool.State.Depth,
            "{consultation}",
            "Consultations that wait to be sent."
        );
        _meter.CreateObservableGauge(
            "ledger.client.spool.age",
            () => spool.State.OldestAt is { } at ? (_time.GetUtcNow() - at).TotalSeconds : 0,
            "s",
            "The age of the oldest consultation that waits."
        );
        _meter.CreateObservableGauge(
            "ledger.client.spool.refused",
            () => spool.State.Refused,
            "{consultation}",
            "Consultations that the ledger refused, kept for somebody to look at."
        );
    }
}
