using System.Runtime.CompilerServices;
using EventStore.Client;
using Grpc.Core;

namespace Ledger.Anchors.EventStore;

/// <summary>
/// EventStoreDB through its own client, where the package can be restored: built with
/// <c>-p:EventStoreClientPackage=true</c>.
/// </summary>
public sealed class PackageEventStreams(string connectionString) : IEventStreams
{
    private readonly EventStoreClient _client = new(EventStoreClientSettings.Create(connectionString));

    /// <inheritdoc/>
    public async Task AppendAsync(
        string stream,
        long expectedRevision,
        IReadOnlyList<StreamEvent> events,
        CancellationToken cancel
    )
    {
        var data = events.Select(e => new EventData(
            Uuid.FromGuid(e.Id),
            e.Type,
            e.Data,
            contentType: "application/octet-stream"
        ));
        try
        {
            _ =
                expectedRevision == IEventStreams.NoStream
                    ? await _client.AppendToStreamAsync(stream, StreamState.NoStream, data, cancellationToken: cancel)
                    : await _client.AppendToStreamAsync(
                        stream,
                        StreamRevision.FromInt64(expectedRevision),
                        data,
                        cancellationToken: cancel
                    );
        }
        catch (WrongExpectedVersionException e)
        {
            throw new WrongRevisionException(
                stream,
                expectedRevision,
                e.ActualStreamRevision == StreamRevision.None ? null : e.ActualStreamRevision.ToInt64()
            );
        }
        catch (Exception e) when (IsAway(e))
        {
            throw new MirrorUnavailableException($"EventStoreDB does not answer as it should: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RecordedStreamEvent> ReadAsync(
        string stream,
        long from,
        long count,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        var page = await PageAsync(Direction.Forwards, stream, StreamPosition.FromInt64(from), count, cancel);
        foreach (var e in page)
        {
            yield return e;
        }
    }

    /// <inheritdoc/>
    public async Task<RecordedStreamEvent?> LastAsync(string stream, CancellationToken cancel) =>
        (await PageAsync(Direction.Backwards, stream, StreamPosition.End, 1, cancel)).FirstOrDefault();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private async Task<List<RecordedStreamEvent>> PageAsync(
        Direction direction,
        string stream,
        StreamPosition from,
        long count,
        CancellationToken cancel
    )
    {
        try
        {
            var events = new List<RecordedStreamEvent>();
            var result = _client.ReadStreamAsync(direction, stream, from, count, cancellationToken: cancel);
            if (await result.ReadState == ReadState.StreamNotFound)
            {
                return events;
            }

            await foreach (var resolved in result)
            {
                var e = resolved.Event;
                events.Add(new RecordedStreamEvent(e.EventNumber.ToInt64(), e.EventId.ToGuid(), e.EventType, e.Data));
            }

            return events;
        }
        catch (Exception e) when (IsAway(e))
        {
            throw new MirrorUnavailableException($"EventStoreDB does not answer as it should: {e.Message}", e);
        }
    }

    private static bool IsAway(Exception e) =>
        e
            is RpcException
                or AccessDeniedException
                or NotAuthenticatedException
                or NotLeaderException
                or DiscoveryException
                or StreamDeletedException;
}
