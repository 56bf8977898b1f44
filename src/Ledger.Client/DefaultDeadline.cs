using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Ledger.Client;

/// <summary>Gives a call that names no deadline one, so that none waits for ever. Streams go on as long as they like.</summary>
internal sealed class DefaultDeadline(TimeSpan deadline, TimeProvider time) : Interceptor
{
    /// <inheritdoc/>
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request,
        ClientInterceptorContext<TRequest, TResponse> context,
        AsyncUnaryCallContinuation<TRequest, TResponse> continuation
    ) =>
        continuation(
            request,
            context.Options.Deadline is null
                ? new ClientInterceptorContext<TRequest, TResponse>(
                    context.Method,
                    context.Host,
                    context.Options.WithDeadline((time.GetUtcNow() + deadline).UtcDateTime)
                )
                : context
        );
}
