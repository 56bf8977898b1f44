using System.Threading.Channels;
using Caf.Ledger.V1;
using Google.Protobuf;

namespace Ledger.Client.Spool;

/// <summary>
/// Consultations that are recorded even while the ledger is away: each is on this machine's disk before the call comes
/// back, and is sent from there, in the order of taking, with the request id that it was taken with. So each is recorded
/// exactly once, whatever crashes in between.
/// </summary>
public sealed class ConsultationSpool : IAsyncDisposable
{
    private const int MostAtOnce = 512;

    private readonly SpoolStore _store;
    private readonly TimeProvider _time;
    private readonly Channel<Taking> _waiting = Channel.CreateBounded<Taking>(8 * MostAtOnce);
    private readonly Task _writing;

    /// <summary>Opens the spool of a folder.</summary>
    /// <exception cref="IOException">Another process uses it, or its key is not the one that it was made with.</exception>
    public ConsultationSpool(SpoolOptions options, TimeProvider time)
    {
        (_store, _time) = (SpoolStore.Open(options), time);
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>How it stands.</summary>
    public SpoolState State => _store.State;

    /// <summary>What the ledger refused, the oldest first, at most so many.</summary>
    public IReadOnlyList<RefusedConsultation> Refused(int most = 100) => _store.Refused(most);

    /// <summary>
    /// Sends one that was refused again, behind what waits: as it was, or as it is said now. Where another consultation
    /// already has its request id (<c>ALREADY_EXISTS</c>), give it a new one.
    /// </summary>
    /// <returns>Whether it was among the refused.</returns>
    public bool SendAgain(RefusedConsultation refused, RecordConsultationRequest? instead = null)
    {
        var there = _store.TakeAgain(refused.Place, Named(instead ?? refused.Request).ToByteArray());
        Taken.Set();
        return there;
    }

    internal SpoolStore Store => _store;

    /// <summary>Set whenever something was taken: the sender need not look.</summary>
    internal Signal Taken { get; } = new();

    /// <summary>
    /// Takes a consultation, and comes back once it is on the disk. A request id and a consultation id are given to one
    /// that has none: they go with it for ever.
    /// </summary>
    /// <returns>The request id, by which the ledger can be asked for its receipt.</returns>
    /// <exception cref="SpoolFullException">There is no room: the consultation is not taken. Show no file.</exception>
    public async ValueTask<Guid> TakeAsync(RecordConsultationRequest request, CancellationToken cancel = default)
    {
        var whole = Named(request);
        var taking = new Taking(whole.ToByteArray());
        await _waiting.Writer.WriteAsync(taking, cancel);
        await taking.Done.Task;
        return Guid.Parse(whole.Context.RequestId);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _writing;
        _store.Dispose();
    }

    private RecordConsultationRequest Named(RecordConsultationRequest request)
    {
        var whole = request.Clone();
        whole.Context ??= new RequestContext();
        if (whole.Context.RequestId.Length == 0)
        {
            whole.Context.RequestId = Guid.CreateVersion7(_time.GetUtcNow()).ToString();
        }

        if (whole.Consultation is { Consultation_.Length: 0 } consultation)
        {
            consultation.Consultation_ = whole.Context.RequestId;
        }

        return whole;
    }

    // Whatever came while the disk was busy is written in one turn.
    private async Task WriteAsync()
    {
        var batch = new List<Taking>();
        while (await _waiting.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < MostAtOnce && _waiting.Reader.TryRead(out var taking))
            {
                batch.Add(taking);
            }

            try
            {
                _store.Take(batch.ConvertAll(t => t.Content), _time.GetUtcNow());
                batch.ForEach(t => t.Done.SetResult());
                Taken.Set();
            }
            catch (Exception e)
            {
                batch.ForEach(t => t.Done.SetException(e));
            }
        }
    }

    private sealed record Taking(byte[] Content)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
