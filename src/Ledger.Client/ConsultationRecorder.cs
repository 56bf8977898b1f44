using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Client.Spool;

namespace Ledger.Client;

/// <summary>
/// Records consultations, in the way that the portal has chosen: before the file is shown, or on this machine's disk and
/// from there as soon as the ledger answers.
/// </summary>
public sealed class ConsultationRecorder
{
    private readonly LedgerClient _client;
    private readonly SpoolHolder _holder;
    private readonly LedgerClientMetrics _metrics;

    internal ConsultationRecorder(LedgerClient client, SpoolHolder holder, LedgerClientMetrics metrics) =>
        (_client, _holder, _metrics) = (client, holder, metrics);

    /// <summary>
    /// Records a consultation in the ledger, and comes back once it is durable there: show the file then, and only
    /// then. An irregular one is recorded as well, and its verdict says why.
    /// </summary>
    /// <exception cref="RpcException">It is not known to be recorded: show no file, or take it to the spool.</exception>
    public async Task<RecordConsultationResponse> RecordBeforeAsync(
        RecordConsultationRequest request,
        CancellationToken cancel = default
    )
    {
        try
        {
            var recorded = await _client.Consultations.RecordConsultationAsync(request, cancellationToken: cancel);
            _metrics.Count(recorded.Verdict.Authorised ? "authorised" : "irregular");
            return recorded;
        }
        catch (RpcException)
        {
            _metrics.Count("failed");
            throw;
        }
    }

    /// <summary>
    /// Takes a consultation to the spool, and comes back once it is on this machine's disk: it will be recorded exactly
    /// once, in order, whatever becomes of the ledger, the network or this process.
    /// </summary>
    /// <returns>The request id.</returns>
    /// <exception cref="SpoolFullException">There is no room: the consultation is not taken. Show no file.</exception>
    /// <exception cref="InvalidOperationException">The portal has set up no spool.</exception>
    public async ValueTask<Guid> SpoolAsync(RecordConsultationRequest request, CancellationToken cancel = default)
    {
        try
        {
            var id = await Spool.TakeAsync(request, cancel);
            _metrics.Count("spooled");
            return id;
        }
        catch (SpoolFullException)
        {
            _metrics.Count("spool-full");
            throw;
        }
    }

    /// <inheritdoc cref="ConsultationSpool.Refused"/>
    /// <exception cref="InvalidOperationException">The portal has set up no spool.</exception>
    public IReadOnlyList<RefusedConsultation> Refused(int most = 100) => Spool.Refused(most);

    /// <inheritdoc cref="ConsultationSpool.SendAgain"/>
    /// <exception cref="InvalidOperationException">The portal has set up no spool.</exception>
    public bool SendAgain(RefusedConsultation refused, RecordConsultationRequest? instead = null) =>
        Spool.SendAgain(refused, instead);

    /// <summary>How the spool stands.</summary>
    /// <exception cref="InvalidOperationException">The portal has set up no spool.</exception>
    public SpoolState State => Spool.State;

    private ConsultationSpool Spool =>
        _holder.Spool
        ?? throw new InvalidOperationException("The portal has set up no spool: LedgerClientOptions.Spool.");
}
