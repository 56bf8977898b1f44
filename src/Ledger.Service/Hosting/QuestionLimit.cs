using System.Threading.RateLimiting;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Status = Google.Rpc.Status;

namespace Ledger.Service.Hosting;

/// <summary>
/// Bounds the questions under way: so many are answered at once, some wait, and the rest are told when to ask again.
/// What they hold of memory and connections is bounded by it, and writers are not held up by askers. A stream lasts as
/// long as its reader pleases, so streams have a bound of their own.
/// </summary>
internal sealed class QuestionLimit : Interceptor, IDisposable
{
    /// <summary>The most questions answered at once.</summary>
    public const int AtOnce = 16;

    /// <summary>The most that wait for their turn.</summary>
    public const int Waiting = 48;

    /// <summary>The most streams at once.</summary>
    public const int StreamsAtOnce = 32;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly ConcurrencyLimiter _questions = new(new() { PermitLimit = AtOnce, QueueLimit = Waiting });
    private readonly ConcurrencyLimiter _streams = new(new() { PermitLimit = StreamsAtOnce });

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request,
        ServerCallContext context,
        UnaryServerMethod<TRequest, TResponse> continuation
    )
    {
        using var turn = await _questions.AcquireAsync(1, context.CancellationToken);
        return turn.IsAcquired ? await continuation(request, context) : throw TooMany();
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation
    )
    {
        using var turn = await _streams.AcquireAsync(1, context.CancellationToken);
        if (!turn.IsAcquired)
        {
            throw TooMany();
        }

        await continuation(request, responseStream, context);
    }

    public void Dispose()
    {
        _questions.Dispose();
        _streams.Dispose();
    }

    private static RpcException TooMany() =>
        new Status
        {
            Code = (int)Code.ResourceExhausted,
            Message = "Too many questions are under way. Ask again a little later.",
            Details = { Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(RetryDelay) }) },
        }.ToRpcException();
}
