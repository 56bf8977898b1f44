using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Ledger.Anchors.EventStore.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ledger.Tests;

/// <summary>
/// EventStoreDB's Streams and Gossip services in memory, over real gRPC on loopback: expected revisions, idempotent
/// appends, reads both ways, credentials, a follower that names its leader. Its conflicts come in-band, its refusals as
/// trailers, as EventStoreDB's. It plays what a real one (23.10) was seen to do: writes that cannot be read at once,
/// success for events of a stream that was deleted since, truncated beginnings, a limit for appends, duplicates that
/// are dropped.
/// </summary>
internal sealed class InProcessEventStore : IAsyncDisposable
{
    private const int MaxAppendSize = 1024 * 1024;

    private readonly ConcurrentDictionary<string, int> _truncated = new();
    private readonly ConcurrentDictionary<string, (int Reads, int Shown)> _behind = new();
    private readonly WebApplication _app;

    private InProcessEventStore(WebApplication app) => _app = app;

    public ConcurrentDictionary<string, List<ReadResp.Types.RecordedEvent>> Streams { get; } = new();

    public int Port { get; private set; }

    /// <summary>When set, every call is refused for the leader at this port.</summary>
    public int? LeaderPort { get; set; }

    /// <summary>When set, calls need these credentials, as <c>user:password</c>.</summary>
    public string? Credentials { get; set; }

    /// <summary>When set, every call fails, as that of a server that is going down.</summary>
    public bool IsDown { get; set; }

    /// <summary>The appends that were taken.</summary>
    public int Appends { get; set; }

    /// <summary>When set, an append is taken, and the answer is lost, once.</summary>
    public bool LoseOneAnswer { get; set; }

    /// <summary>How many reads do not show yet what was appended last.</summary>
    public int ReadsBehind { get; set; }

    /// <summary>When set, an append is dropped as the duplicate of one in flight, once.</summary>
    public bool DropOneDuplicate { get; set; }

    public string ConnectionString => $"esdb://127.0.0.1:{Port}?tls=false";

    public static async Task<InProcessEventStore> StartAsync(X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(
                IPAddress.Loopback,
                0,
                listen =>
                {
                    listen.Protocols = HttpProtocols.Http2;
                    if (certificate is not null)
                    {
                        listen.UseHttps(certificate);
                    }
                }
            )
        );
        builder.Services.AddGrpc(o => o.MaxReceiveMessageSize = null);
        InProcessEventStore? store = null;
        builder.Services.AddSingleton(_ => store!);
        var app = builder.Build();
        app.MapGrpcService<StreamsService>();
        app.MapGrpcService<GossipService>();
        store = new InProcessEventStore(app);
        await app.StartAsync();
        store.Port = new Uri(
            app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()
        ).Port;
        return store;
    }

    /// <summary>What the server's administrator can do: a stream is deleted (softly), its revisions go on.</summary>
    public void Delete(string stream) => Truncate(stream, int.MaxValue);

    /// <summary>What the server's administrator can do: <c>$tb</c>, or <c>$maxCount</c>, hides the beginning.</summary>
    public void Truncate(string stream, int before) => _truncated[stream] = before;

    /// <summary>What the server's administrator can do: another event in the place of one.</summary>
    public void Edit(string stream, int revision, Func<byte[], byte[]> change) =>
        Streams[stream][revision].Data = ByteString.CopyFrom(change(Streams[stream][revision].Data.ToByteArray()));

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private void Admit(ServerCallContext context)
    {
        if (IsDown)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "Server is shutting down"));
        }

        if (
            Credentials is { } wanted
            && context.RequestHeaders.GetValue("authorization") is var given
            && given != $"Basic {Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(wanted))}"
        )
        {
            // Wrong ones are another thing than none.
            throw given is null
                ? new RpcException(
                    new Status(StatusCode.PermissionDenied, "Access Denied."),
                    new Metadata { { "exception", "access-denied" } }
                )
                : new RpcException(new Status(StatusCode.Unauthenticated, "Not Authenticated."));
        }

        if (LeaderPort is { } leader && context.RequestHeaders.GetValue("requires-leader") == "True")
        {
            throw new RpcException(
                new Status(StatusCode.NotFound, "Leader info available"),
                new Metadata
                {
                    { "exception", "not-leader" },
                    { "leader-endpoint-host", "127.0.0.1" },
                    { "leader-endpoint-port", $"{leader}" },
                }
            );
        }
    }

    private AppendResp Append(AppendReq.Types.Options options, List<AppendReq.Types.ProposedMessage> proposed)
    {
        var name = options.StreamIdentifier.StreamName.ToStringUtf8();
        if (proposed.Sum(p => p.Data.Length) > MaxAppendSize)
        {
            throw new RpcException(
                new Status(StatusCode.InvalidArgument, $"Maximum Append Size of {MaxAppendSize} Exceeded."),
                new Metadata { { "exception", "maximum-append-size-exceeded" } }
            );
        }

        if (DropOneDuplicate)
        {
            DropOneDuplicate = false;
            throw new RpcException(new Status(StatusCode.Aborted, "Operation timed out: Commit phase timeout."));
        }

        var stream = Streams.GetOrAdd(name, _ => []);
        lock (stream)
        {
            var current = stream.Count - 1L;
            if (
                _truncated.ContainsKey(name)
                && options.ExpectedStreamRevisionCase
                    is AppendReq.Types.Options.ExpectedStreamRevisionOneofCase.NoStream
            )
            {
                // To a stream that was deleted, its own events are there already; others go on after its last revision.
                var before = stream.Select(e => e.Id).ToHashSet();
                if (proposed.All(m => before.Contains(m.Id)))
                {
                    return new()
                    {
                        Success = new() { CurrentRevision = (ulong)current, NoPosition = new() },
                    };
                }

                _truncated[name] = stream.Count;
                options = options.Clone();
                options.Any = new();
            }

            if (ReadsBehind > 0)
            {
                _behind[name] = (ReadsBehind, stream.Count);
            }

            var expected = options.ExpectedStreamRevisionCase switch
            {
                AppendReq.Types.Options.ExpectedStreamRevisionOneofCase.Revision => (long)options.Revision,
                AppendReq.Types.Options.ExpectedStreamRevisionOneofCase.NoStream => -1,
                AppendReq.Types.Options.ExpectedStreamRevisionOneofCase.StreamExists when current >= 0 => current,
                AppendReq.Types.Options.ExpectedStreamRevisionOneofCase.Any => current,
                _ => -2,
            };
            if (expected != current)
            {
                var standing =
                    expected < -1 ? [] : stream.Skip((int)expected + 1).Take(proposed.Count).Select(e => e.Id).ToList();
                return standing.Count == proposed.Count && standing.SequenceEqual(proposed.Select(p => p.Id))
                    ? Success(expected + proposed.Count)
                    : Wrong(options, current);
            }

            foreach (var message in proposed)
            {
                var position = (ulong)(stream.Count + 1) * 100;
                stream.Add(
                    new()
                    {
                        Id = message.Id,
                        StreamIdentifier = options.StreamIdentifier,
                        StreamRevision = (ulong)stream.Count,
                        PreparePosition = position,
                        CommitPosition = position,
                        Data = message.Data,
                        CustomMetadata = message.CustomMetadata,
                        Metadata =
                        {
                            message.Metadata.Append(KeyValuePair.Create("created", "17670000000000000")).ToDictionary(),
                        },
                    }
                );
            }

            Appends++;
            return Success(stream.Count - 1);
        }
    }

    // What was appended last is shown after some reads.
    private int Shown(string stream, int count)
    {
        if (!_behind.TryGetValue(stream, out var behind) || behind.Reads == 0)
        {
            return count;
        }

        _behind[stream] = (behind.Reads - 1, behind.Shown);
        return behind.Shown;
    }

    private static AppendResp Success(long revision) =>
        new()
        {
            Success = new()
            {
                CurrentRevision = (ulong)revision,
                Position = new()
                {
                    CommitPosition = (ulong)(revision + 1) * 100,
                    PreparePosition = (ulong)(revision + 1) * 100,
                },
            },
        };

    private static AppendResp Wrong(AppendReq.Types.Options options, long current)
    {
        var wrong = new AppendResp.Types.WrongExpectedVersion();
        if (current < 0)
        {
            wrong.CurrentNoStream = new();
        }
        else
        {
            wrong.CurrentRevision = (ulong)current;
        }

        switch (options.ExpectedStreamRevisionCase)
        {
            case AppendReq.Types.Options.ExpectedStreamRevisionOneofCase.Revision:
                wrong.ExpectedRevision = options.Revision;
                break;
            case AppendReq.Types.Options.ExpectedStreamRevisionOneofCase.StreamExists:
                wrong.ExpectedStreamExists = new();
                break;
            default:
                wrong.ExpectedNoStream = new();
                break;
        }

        return new() { WrongExpectedVersion = wrong };
    }

    private sealed class StreamsService(InProcessEventStore store) : Anchors.EventStore.Wire.Streams.StreamsBase
    {
        public override async Task<AppendResp> Append(
            IAsyncStreamReader<AppendReq> requestStream,
            ServerCallContext context
        )
        {
            store.Admit(context);
            AppendReq.Types.Options? options = null;
            var proposed = new List<AppendReq.Types.ProposedMessage>();
            while (await requestStream.MoveNext())
            {
                if (requestStream.Current.ContentCase == AppendReq.ContentOneofCase.Options)
                {
                    options = requestStream.Current.Options;
                }
                else
                {
                    proposed.Add(requestStream.Current.ProposedMessage);
                }
            }

            var response = store.Append(
                options ?? throw new RpcException(new Status(StatusCode.InvalidArgument, "No options.")),
                proposed
            );
            if (store.LoseOneAnswer)
            {
                store.LoseOneAnswer = false;
                throw new RpcException(new Status(StatusCode.Unavailable, "The connection was lost."));
            }

            return response;
        }

        public override async Task Read(
            ReadReq request,
            IServerStreamWriter<ReadResp> responseStream,
            ServerCallContext context
        )
        {
            store.Admit(context);
            var from = request.Options.Stream;
            List<ReadResp.Types.RecordedEvent>? events = null;
            var name = from.StreamIdentifier.StreamName.ToStringUtf8();
            var hidden = store._truncated.GetValueOrDefault(name);
            if (store.Streams.TryGetValue(name, out var stream))
            {
                lock (stream)
                {
                    events = [.. stream.Take(store.Shown(name, stream.Count))];
                }
            }

            if (events is null or [] || hidden == int.MaxValue)
            {
                await responseStream.WriteAsync(
                    new() { StreamNotFound = new() { StreamIdentifier = from.StreamIdentifier } }
                );
                return;
            }

            var backwards = request.Options.ReadDirection == ReadReq.Types.ReadDirection.Backwards;
            var start = from.RevisionOptionCase switch
            {
                ReadReq.Types.StreamOptions.RevisionOptionOneofCase.Revision => (long)from.Revision,
                ReadReq.Types.StreamOptions.RevisionOptionOneofCase.End => events.Count - 1,
                _ => 0,
            };
            events.RemoveAll(e => (long)e.StreamRevision < hidden);
            var wanted = backwards
                ? events.Where(e => (long)e.StreamRevision <= start).Reverse()
                : events.Where(e => (long)e.StreamRevision >= start);
            foreach (var e in wanted.Take((int)Math.Min(request.Options.Count, int.MaxValue)))
            {
                var copy = e.Clone();
                if (request.Options.UuidOption?.ContentCase == ReadReq.Types.UUIDOption.ContentOneofCase.String)
                {
                    copy.Id = new() { String = Text(e.Id) };
                }

                await responseStream.WriteAsync(
                    new()
                    {
                        Event = new() { Event = copy, CommitPosition = e.CommitPosition },
                    }
                );
            }
        }

        private static string Text(UUID id)
        {
            if (id.ValueCase == UUID.ValueOneofCase.String)
            {
                return id.String;
            }

            Span<byte> bytes = stackalloc byte[16];
            System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes, id.Structured.MostSignificantBits);
            System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes[8..], id.Structured.LeastSignificantBits);
            return new Guid(bytes, bigEndian: true).ToString();
        }
    }

    private sealed class GossipService(InProcessEventStore store) : Gossip.GossipBase
    {
        public override Task<ClusterInfo> Read(Empty request, ServerCallContext context) =>
            Task.FromResult(
                new ClusterInfo
                {
                    Members =
                    {
                        new MemberInfo
                        {
                            InstanceId = new() { Structured = new() { MostSignificantBits = 1 } },
                            State = MemberInfo.Types.VNodeState.Follower,
                            IsAlive = true,
                            HttpEndPoint = new() { Address = "127.0.0.1", Port = 1 },
                        },
                        new MemberInfo
                        {
                            InstanceId = new() { Structured = new() { MostSignificantBits = 1 } },
                            State = MemberInfo.Types.VNodeState.Leader,
                            IsAlive = true,
                            HttpEndPoint = new()
                            {
                                Address = "127.0.0.1",
                                Port = (uint)(store.LeaderPort ?? store.Port),
                            },
                        },
                    },
                }
            );
    }
}
