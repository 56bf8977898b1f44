using System.Buffers.Binary;
using Google.Protobuf;
using Grpc.Core;
using Ledger.Anchors.EventStore.Wire;

namespace Ledger.Anchors.EventStore;

/// <summary>EventStoreDB over its public gRPC contract.</summary>
public sealed class GrpcEventStreams(EventStoreConnection connection, TimeProvider time) : IEventStreams
{
    private readonly EventStoreChannel _channel = new(connection, time);

    /// <inheritdoc/>
    public async Task AppendAsync(
        string stream,
        long expectedRevision,
        IReadOnlyList<StreamEvent> events,
        CancellationToken cancel
    )
    {
        var response = await _channel.CallAsync(
            async (client, options) =>
            {
                using var call = client.Append(options);
                try
                {
                    await call.RequestStream.WriteAsync(
                        new AppendReq { Options = OptionsOf(stream, expectedRevision) },
                        cancel
                    );
                    foreach (var e in events)
                    {
                        await call.RequestStream.WriteAsync(new AppendReq { ProposedMessage = Message(e) }, cancel);
                    }

                    await call.RequestStream.CompleteAsync();
                }
                catch (Exception e)
                    when (e is RpcException or InvalidOperationException && !cancel.IsCancellationRequested)
                {
                    // The server ended the call early: its response says why.
                }

                return await call.ResponseAsync;
            },
            cancel
        );
        if (response.WrongExpectedVersion is { } wrong)
        {
            throw new WrongRevisionException(
                stream,
                expectedRevision,
                wrong.CurrentRevisionOptionCase
                == AppendResp.Types.WrongExpectedVersion.CurrentRevisionOptionOneofCase.CurrentRevision
                    ? (long)wrong.CurrentRevision
                    : null
            );
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
            (revision, most) =>
                PageAsync(
                    stream,
                    new() { StreamIdentifier = Named(stream), Revision = (ulong)revision },
                    ReadReq.Types.ReadDirection.Forwards,
                    most,
                    cancel
                )
        );

    /// <inheritdoc/>
    public async Task<RecordedStreamEvent?> LastAsync(string stream, CancellationToken cancel) =>
        (
            await PageAsync(
                stream,
                new() { StreamIdentifier = Named(stream), End = new() },
                ReadReq.Types.ReadDirection.Backwards,
                1,
                cancel
            )
        ).FirstOrDefault();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _channel.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task<List<RecordedStreamEvent>> PageAsync(
        string stream,
        ReadReq.Types.StreamOptions from,
        ReadReq.Types.ReadDirection direction,
        long count,
        CancellationToken cancel
    ) =>
        _channel.CallAsync(
            async (client, options) =>
            {
                using var call = client.Read(
                    new ReadReq
                    {
                        Options = new()
                        {
                            Stream = from,
                            ReadDirection = direction,
                            Count = (ulong)count,
                            NoFilter = new(),
                            UuidOption = new() { Structured = new() },
                            ControlOption = new() { Compatibility = 1 },
                        },
                    },
                    options
                );
                var events = new List<RecordedStreamEvent>();
                while (await call.ResponseStream.MoveNext(cancel))
                {
                    if (call.ResponseStream.Current.Event?.Event is { } e)
                    {
                        events.Add(
                            new RecordedStreamEvent(
                                (long)e.StreamRevision,
                                ToGuid(e.Id),
                                e.Metadata.GetValueOrDefault("type", string.Empty),
                                e.Data.Memory
                            )
                        );
                    }
                }

                return events;
            },
            cancel
        );

    private static AppendReq.Types.Options OptionsOf(string stream, long expectedRevision) =>
        expectedRevision == IEventStreams.NoStream
            ? new() { StreamIdentifier = Named(stream), NoStream = new() }
            : new() { StreamIdentifier = Named(stream), Revision = (ulong)expectedRevision };

    private static AppendReq.Types.ProposedMessage Message(StreamEvent e) =>
        new()
        {
            Id = ToWire(e.Id),
            Data = UnsafeByteOperations.UnsafeWrap(e.Data),
            Metadata = { ["type"] = e.Type, ["content-type"] = "application/octet-stream" },
        };

    private static StreamIdentifier Named(string stream) => new() { StreamName = ByteString.CopyFromUtf8(stream) };

    private static UUID ToWire(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return new()
        {
            Structured = new()
            {
                MostSignificantBits = BinaryPrimitives.ReadInt64BigEndian(bytes),
                LeastSignificantBits = BinaryPrimitives.ReadInt64BigEndian(bytes[8..]),
            },
        };
    }

    private static Guid ToGuid(UUID id)
    {
        if (id.ValueCase == UUID.ValueOneofCase.String)
        {
            return Guid.TryParse(id.String, out var parsed) ? parsed : Guid.Empty;
        }

        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, id.Structured?.MostSignificantBits ?? 0);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], id.Structured?.LeastSignificantBits ?? 0);
        return new Guid(bytes, bigEndian: true);
    }
}
