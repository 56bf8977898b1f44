using System.Net;
using EventStore.Client;
using Grpc.Core;

namespace Ledger.Anchors.EventStore;

/// <summary>
/// EventStoreDB through its own client, where the package can be restored: built with
/// <c>-p:EventStoreClientPackage=true</c>.
/// </summary>
public sealed class PackageEventStreams(EventStoreConnection connection) : IEventStreams
{
    private const int Moves = 3;

    private static readonly TimeSpan Ping = TimeSpan.FromSeconds(10);

    private readonly EventStoreClient _client = new(SettingsOf(connection));

    /// <inheritdoc/>
    public async Task AppendAsync(
        string stream,
        long expectedRevision,
        IReadOnlyList<StreamEvent> events,
        CancellationToken cancel
    )
    {
        var data = events
            .Select(e => new EventData(Uuid.FromGuid(e.Id), e.Type, e.Data, contentType: "application/octet-stream"))
            .ToList();
        try
        {
            // The client hands the deadline to the server, and waits for ever for one that does not answer.
            _ = await CallAsync(
                () =>
                    (
                        expectedRevision == IEventStreams.NoStream
                            ? _client.AppendToStreamAsync(
                                stream,
                                StreamState.NoStream,
                                data,
                                deadline: connection.Deadline,
                                cancellationToken: cancel
                            )
                            : _client.AppendToStreamAsync(
                                stream,
                                StreamRevision.FromInt64(expectedRevision),
                                data,
                                deadline: connection.Deadline,
                                cancellationToken: cancel
                            )
                    ).WaitAsync(connection.Deadline, cancel),
                cancel
            );
        }
        catch (WrongExpectedVersionException e)
        {
            throw new WrongRevisionException(stream, expectedRevision, e.ActualVersion);
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<RecordedStreamEvent> ReadAsync(
        string stream,
        long from,
        long count,
        CancellationToken cancel
    ) =>
        StreamPages.ReadAsync(
            from,
            count,
            (revision, most) => PageAsync(Direction.Forwards, stream, StreamPosition.FromInt64(revision), most, cancel)
        );

    /// <inheritdoc/>
    public async Task<RecordedStreamEvent?> LastAsync(string stream, CancellationToken cancel) =>
        (await PageAsync(Direction.Backwards, stream, StreamPosition.End, 1, cancel)).FirstOrDefault();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private Task<List<RecordedStreamEvent>> PageAsync(
        Direction direction,
        string stream,
        StreamPosition from,
        long count,
        CancellationToken cancel
    ) =>
        CallAsync(
            async () =>
            {
                var events = new List<RecordedStreamEvent>();
                var result = _client.ReadStreamAsync(
                    direction,
                    stream,
                    from,
                    count,
                    deadline: connection.Deadline,
                    cancellationToken: cancel
                );

                // Its messages, and never its state: that comes with the first message, and a stream whose events are
                // all truncated has none. A stream that is not found has no events either.
                await foreach (var message in result.Messages.WithCancellation(cancel))
                {
                    if (message is StreamMessage.Event { ResolvedEvent.Event: var e })
                    {
                        events.Add(
                            new RecordedStreamEvent(e.EventNumber.ToInt64(), e.EventId.ToGuid(), e.EventType, e.Data)
                        );
                    }
                }

                return events;
            },
            cancel
        );

    /// <summary>
    /// The client turns to the leader that a follower names, and leaves it to its caller to call again.
    /// </summary>
    private static async Task<T> CallAsync<T>(Func<Task<T>> call, CancellationToken cancel)
    {
        for (var moves = 0; ; moves++)
        {
            try
            {
                return await call();
            }
            catch (Exception e) when (Cause(e) is NotLeaderException && moves < Moves)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), cancel);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested && e is not WrongExpectedVersionException)
            {
                throw new MirrorUnavailableException(Explain(Cause(e)), e);
            }
        }
    }

    private static Exception Cause(Exception e) => e is AggregateException ? e.GetBaseException() : e;

    private static string Explain(Exception e) =>
        e switch
        {
            AccessDeniedException or NotAuthenticatedException => "EventStoreDB denies access to these credentials.",
            StreamDeletedException => "The mirror's stream was deleted for good (tombstoned).",
            MaximumAppendSizeExceededException => "EventStoreDB takes no batch of that size.",
            NotLeaderException => "EventStoreDB names no leader that takes writes.",
            DiscoveryException => "No node of the EventStoreDB cluster leads now.",
            RpcException r => $"EventStoreDB does not answer as it should: {r.Status.StatusCode}, {r.Status.Detail}",
            _ => $"EventStoreDB does not answer as it should: {e.Message}",
        };

    private static EventStoreClientSettings SettingsOf(EventStoreConnection connection)
    {
        var connectivity = EventStoreClientConnectivitySettings.Default;
        connectivity.TlsVerifyCert = connection.VerifyCertificate;
        connectivity.Insecure = !connection.Tls;
        if (connection.Discover)
        {
            connectivity.DnsGossipSeeds = [.. connection.Seeds.Select(s => new DnsEndPoint(s.Host, s.Port))];
        }
        else
        {
            connectivity.Address = connection.AddressOf(connection.Seeds[0].Host, connection.Seeds[0].Port);
        }

        return new EventStoreClientSettings
        {
            ConnectionName = connection.Name,
            DefaultDeadline = connection.Deadline,
            DefaultCredentials = connection.User is { } user ? new UserCredentials(user, connection.Password!) : null,
            ConnectivitySettings = connectivity,
            CreateHttpMessageHandler = () =>
                connection is { Tls: false, User: not null }
                    ? new PlainCredentials(connection) { InnerHandler = HandlerOf(connection) }
                    : HandlerOf(connection),
        };
    }

    private static SocketsHttpHandler HandlerOf(EventStoreConnection connection)
    {
        // The client pings so as to notice a server that no longer answers.
        var handler = EventStoreHandler.Of(connection);
        (handler.KeepAlivePingDelay, handler.KeepAlivePingTimeout) = (Ping, Ping);
        return handler;
    }

    /// <summary>gRPC sends the client's credentials over TLS alone: without, they are sent here.</summary>
    private sealed class PlainCredentials(EventStoreConnection connection) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
        {
            _ = request.Headers.TryAddWithoutValidation(
                "authorization",
                new UserCredentials(connection.User!, connection.Password!).ToString()
            );
            return base.SendAsync(request, cancel);
        }
    }
}
