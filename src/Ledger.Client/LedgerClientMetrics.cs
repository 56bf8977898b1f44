using System.Diagnostics.Metrics;
using Ledger.Client.Spool;

namespace Ledger.Client;

/// <summary>How deep the spool is, and how old what waits.</summary>
internal sealed class LedgerClientMetrics(TimeProvider time) : IDisposable
{
    private readonly Meter _meter = new("Ledger.Client");

    public void Dispose() => _meter.Dispose();

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
            () => spool.State.OldestAt is { } at ? (time.GetUtcNow() - at).TotalSeconds : 0,
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
