using System.Threading.RateLimiting;
using Caf.Ledger.V1;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Ledger.Service.Callers;
using Microsoft.Extensions.Options;

namespace Ledger.Service.Hosting;

/// <summary>
/// Bounds the questions under way: so many are answered at once, some wait, and the rest are told when to ask again.
/// What they hold of memory and connections is bounded by it, and writers are not held up by askers. A stream lasts as
/// long as its reader pleases, so streams have a bound of their own, and take a turn for each part. No caller has more
/// than half of either. Evidence is made in memory, so it is made for one at a time.
/// </summary>
internal sealed class QuestionLimit(IOptions<LedgerOptions> options, LedgerNode node, TimeProvider time)
    : Interceptor,
        IDisposable
{
    private readonly PartitionedRateLimiter<ServerCallContext> _questions = Limit(
        options.Value.QuestionsAtOnce + options.Value.QuestionsWaiting
    );

    private readonly PartitionedRateLimiter<ServerCallContext> _streams = Limit(options.Value.StreamsAtOnce);

    private readonly Turns _turns = new(options.Value.QuestionsAtOnce, () => node.IsRecordingMuch, time);

    private readonly ConcurrencyLimiter _evidence = new(
        new() { PermitLimit = 1, QueueLimit = options.Value.StreamsAtOnce }
    );

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request,
        ServerCallContext context,
        UnaryServerMethod<TRequest, TResponse> continuation
    )
    {
        using var place = await _questions.AcquireAsync(context, 1, context.CancellationToken);
        if (!place.IsAcquired)
        {
            throw new TooManyQuestionsException();
        }

        using var turn = await _turns.TakeAsync(context.CancellationToken);
        return await continuation(request, context);
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation
    )
    {
        using var place = await _streams.AcquireAsync(context, 1, context.CancellationToken);
        if (!place.IsAcquired)
        {
            throw new TooManyQuestionsException();
        }

        using var alone =
            request is ExportEvidenceRequest ? await _evidence.AcquireAsync(1, context.CancellationToken) : null;
        using var writer = new TurnTakingWriter<TResponse>(responseStream, _turns, time, context);
        await writer.BeginAsync();
        await continuation(request, writer, context);
    }

    public void Dispose()
    {
        _questions.Dispose();
        _streams.Dispose();
        _evidence.Dispose();
        _turns.Dispose();
    }

    // First a caller's own share, then everybody's.
    private static PartitionedRateLimiter<ServerCallContext> Limit(int places)
    {
        return PartitionedRateLimiter.CreateChained(
            By(call => call.TurnTaker(), (places + 1) / 2),
            By(_ => string.Empty, places)
        );

        static PartitionedRateLimiter<ServerCallContext> By(Func<ServerCallContext, string> whom, int places) =>
            PartitionedRateLimiter.Create<ServerCallContext, string>(call =>
                RateLimitPartition.GetConcurrencyLimiter(
                    whom(call),
                    _ => new ConcurrencyLimiterOptions { PermitLimit = places }
                )
            );
    }
}

/// <summary>There are more questions than there is room for: ask again a little later.</summary>
internal sealed class TooManyQuestionsException()
    : Exception("Too many questions are under way. Ask again a little later.");
