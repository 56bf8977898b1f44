using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Ledger.Anchors.EventStore.Wire;

namespace Ledger.Anchors.EventStore;

/// <summary>
/// The way to the node that takes writes: found by gossip where the connection string says so, and followed when it
/// moves.
/// </summary>
internal sealed class EventStoreChannel(EventStoreConnection connection, TimeProvider time) : IDisposable
{
    private const int Moves = 3;
    private const string ExceptionTrailer = "exception";
    private const string NotLeader = "not-leader";

    private readonly SemaphoreSlim _turn = new(1);
    private GrpcChannel? _channel;

    /// <summary>Makes a call, elsewhere when this node is not the leader.</summary>
    /// <exception cref="MirrorUnavailableException">No node answers, or one refuses.</exception>
    public async Task<T> CallAsync<T>(Func<Streams.StreamsClient, CallOptions, Task<T>> call, CancellationToken cancel)
    {
        for (var moves = 0; ; moves++)
        {
            var channel = await ChannelAsync(cancel);
            try
            {
                return await call(new Streams.StreamsClient(channel), Options(cancel));
            }
            catch (RpcException e) when (LeaderOf(e) is var (host, port) && moves < Moves)
            {
                await MoveAsync(Open(host, port), cancel);
            }
            catch (RpcException e) when (!cancel.IsCancellationRequested)
            {
                // The next call finds its way anew.
                await MoveAsync(null, cancel);
                throw new MirrorUnavailableException(Explain(e), e);
            }
        }
    }

    public void Dispose()
    {
        _channel?.Dispose();
        _turn.Dispose();
    }

    private static (string Host, int Port)? LeaderOf(RpcException e) =>
        e.Trailers.GetValue(ExceptionTrailer) == NotLeader
        && e.Trailers.GetValue("leader-endpoint-host") is { } host
        && int.TryParse(e.Trailers.GetValue("leader-endpoint-port"), out var port)
            ? (host, port)
            : null;

    private static string Explain(RpcException e) =>
        e.Trailers.GetValue(ExceptionTrailer) switch
        {
            "access-denied" => "EventStoreDB denies access to these credentials.",
            "stream-deleted" => "The mirror's stream was deleted for good (tombstoned).",
            "maximum-append-size-exceeded" => "EventStoreDB takes no batch of that size.",
            null when e.StatusCode == StatusCode.Unauthenticated => "EventStoreDB does not accept these credentials.",
            NotLeader => "EventStoreDB names no leader that takes writes.",
            _ => $"EventStoreDB does not answer as it should: {e.Status.StatusCode}, {e.Status.Detail}",
        };

    private async Task<GrpcChannel> ChannelAsync(CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            return _channel ??= connection.Discover
                ? await DiscoverAsync(cancel)
                : Open(connection.Seeds[0].Host, connection.Seeds[0].Port);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task MoveAsync(GrpcChannel? to, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        _channel?.Dispose();
        _channel = to;
        _turn.Release();
    }

    private async Task<GrpcChannel> DiscoverAsync(CancellationToken cancel)
    {
        RpcException? last = null;
        foreach (var (host, port) in connection.Seeds)
        {
            using var seed = Open(host, port);
            try
            {
                var cluster = await new Gossip.GossipClient(seed).ReadAsync(new Empty(), Options(cancel));
                if (
                    cluster.Members.FirstOrDefault(m => m.IsAlive && m.State == MemberInfo.Types.VNodeState.Leader) is
                    { } leader
                )
                {
                    return Open(leader.HttpEndPoint.Address, (int)leader.HttpEndPoint.Port);
                }
            }
            catch (RpcException e) when (!cancel.IsCancellationRequested)
            {
                last = e;
            }
        }

        throw new MirrorUnavailableException(
            last is null ? "No node of the EventStoreDB cluster leads now." : Explain(last),
            last
        );
    }

    private CallOptions Options(CancellationToken cancel)
    {
        var headers = new Metadata { { "connection-name", connection.Name }, { "requires-leader", bool.TrueString } };
        if (connection.User is { } user)
        {
            headers.Add(
                "authorization",
                $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{connection.Password}"))}"
            );
        }

        return new CallOptions(headers, (time.GetUtcNow() + connection.Deadline).UtcDateTime, cancel);
    }

    private GrpcChannel Open(string host, int port) =>
        GrpcChannel.ForAddress(
            connection.AddressOf(host, port),
            new GrpcChannelOptions
            {
                HttpHandler = EventStoreHandler.Of(connection),
                DisposeHttpClient = true,
                MaxReceiveMessageSize = 64 * 1024 * 1024,
            }
        );
}
