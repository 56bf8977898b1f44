using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Ledger.Service.Hosting;

/// <summary>
/// Lets the streams of a node that stops end before its connections are closed. A caller who is still sending when
/// hers is closed may lose what was sent to her and she had not read: that the node stops, and the last answers.
/// </summary>
internal sealed class OpenStreams(TimeProvider time) : Interceptor, IHostedLifecycleService
{
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Reading = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open;
    private bool _stopping;

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation
    ) => CountAsync(() => continuation(request, responseStream, context));

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation
    ) => CountAsync(() => continuation(requestStream, responseStream, context));

    /// <summary>Waits, within bounds, until the streams have ended and their callers had time to read so.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _stopping = true;
            if (_open == 0)
            {
                return;
            }
        }

        await Task.WhenAny(_ended.Task, Task.Delay(Most, time, cancellationToken));
        await Task.WhenAny(Task.Delay(Reading, time, cancellationToken));
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task CountAsync(Func<Task> stream)
    {
        Add(1);
        try
        {
            await stream();
        }
        finally
        {
            Add(-1);
        }
    }

    private void Add(int streams)
    {
        lock (_gate)
        {
            _open += streams;
            if (_open == 0 && _stopping)
            {
                _ended.TrySetResult();
            }
        }
    }
}
