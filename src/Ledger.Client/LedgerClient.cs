using Caf.Ledger.V1;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using Ledger.Integrity;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Receipts;
using Microsoft.Extensions.Logging;

namespace Ledger.Client;

/// <summary>
/// What a portal adds to log its consultations. Every call names a request id, so a call that failed as UNAVAILABLE is
/// repeated safely: by itself until its deadline, some twenty times at most, and as often as the caller likes after that.
/// <see cref="RecordAsync"/> alone is not: its caller sends again what was not answered.
/// </summary>
public sealed class LedgerClient : IDisposable
{
    private const int MostAttempts = 20;

    private readonly GrpcChannel _channel;

    /// <summary>
    /// A client of the ledger at an address, such as <c>http://127.0.0.1:5080</c>. Connects at the first call. On this
    /// machine it finds the token that the ledger left for whoever runs it.
    /// </summary>
    public LedgerClient(Uri address)
        : this(address, LedgerCredentials.LocalTo(address)) { }

    /// <summary>A client that shows who it is.</summary>
    /// <exception cref="ArgumentException">A token would be sent in clear to another machine.</exception>
    public LedgerClient(Uri address, LedgerCredentials credentials)
        : this(address, credentials, null, null) { }

    /// <summary>A client as a portal's options have it, which says in the portal's log what becomes of its calls.</summary>
    /// <exception cref="ArgumentException">A token would be sent in clear to another machine.</exception>
    public LedgerClient(LedgerClientOptions options, ILoggerFactory? log = null)
        : this(options.Address!, CredentialsOf(options), options.Deadline, log) { }

    private LedgerClient(Uri address, LedgerCredentials credentials, TimeSpan? deadline, ILoggerFactory? log)
    {
        _channel = GrpcChannel.ForAddress(
            address,
            new GrpcChannelOptions
            {
                HttpHandler = credentials.HandlerFor(address),
                LoggerFactory = log,
                DisposeHttpClient = true,
                MaxRetryAttempts = MostAttempts,
                ServiceConfig = new ServiceConfig
                {
                    MethodConfigs =
                    {
                        // A stream is not repeated by the channel: one that begins while nobody listens never ends, even
                        // when somebody does. Whoever sends it knows what was answered.
                        new MethodConfig
                        {
                            Names =
                            {
                                new MethodName
                                {
                                    Service = "caf.ledger.v1.ConsultationService",
                                    Method = "RecordConsultations",
                                },
                            },
                        },
                        new MethodConfig
                        {
                            Names = { MethodName.Default },
                            RetryPolicy = new RetryPolicy
                            {
                                MaxAttempts = MostAttempts,
                                InitialBackoff = TimeSpan.FromMilliseconds(100),
                                MaxBackoff = TimeSpan.FromSeconds(2),
                                BackoffMultiplier = 2,
                                RetryableStatusCodes = { StatusCode.Unavailable },
                            },
                        },
                    },
                },
            }
        );
        var calls = deadline is { } given
            ? _channel.Intercept(new DefaultDeadline(given, TimeProvider.System))
            : _channel.CreateCallInvoker();
        Conventions = new ConventionService.ConventionServiceClient(calls);
        Habilitations = new HabilitationService.HabilitationServiceClient(calls);
        Procedures = new ProcedureService.ProcedureServiceClient(calls);
        Consultations = new ConsultationService.ConsultationServiceClient(calls);
        Retention = new RetentionService.RetentionServiceClient(calls);
        History = new AccessHistoryService.AccessHistoryServiceClient(calls);
        Integrity = new IntegrityService.IntegrityServiceClient(calls);
        Callers = new CallerService.CallerServiceClient(calls);
    }

    /// <summary>The life of conventions.</summary>
    public ConventionService.ConventionServiceClient Conventions { get; }

    /// <summary>The life of access rights.</summary>
    public HabilitationService.HabilitationServiceClient Habilitations { get; }

    /// <summary>
    /// Notices, prestataires, meetings, audits, incidents, facts about files, rectifications, the catalogue.
    /// </summary>
    public ProcedureService.ProcedureServiceClient Procedures { get; }

    /// <summary>Consultations, one at a time or as a stream.</summary>
    public ConsultationService.ConsultationServiceClient Consultations { get; }

    /// <summary>Retention and erasure.</summary>
    public RetentionService.RetentionServiceClient Retention { get; }

    /// <summary>The investigators' questions.</summary>
    public AccessHistoryService.AccessHistoryServiceClient History { get; }

    /// <summary>Proofs.</summary>
    public IntegrityService.IntegrityServiceClient Integrity { get; }

    /// <summary>As whom this client calls.</summary>
    public CallerService.CallerServiceClient Callers { get; }

    /// <summary>
    /// Records many consultations over one stream, and yields an answer an item, in order. Items are sent while answers
    /// come in; the server says when it has enough. Cut in the middle, send the rest again with the same request ids.
    /// </summary>
    /// <exception cref="RpcException">The stream broke. What was answered is durable.</exception>
    /// <remarks>What the items' own enumeration throws ends the call, and is thrown.</remarks>
    public async IAsyncEnumerable<RecordConsultationsResponse> RecordAsync(
        IEnumerable<RecordConsultationsRequest> items,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel = default
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var call = Consultations.RecordConsultations(cancellationToken: stop.Token);
        var sending = SendAsync(call.RequestStream, items, stop);
        try
        {
            await foreach (var answer in call.ResponseStream.ReadAllAsync(cancel))
            {
                yield return answer;
            }
        }
        finally
        {
            // Whoever gives the items failed: that is what went wrong, not the call that was given up for it.
            if (sending is { IsFaulted: true, Exception.InnerException: ItemsException failed })
            {
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failed.InnerException!);
            }
        }

        await sending;
    }

    /// <summary>
    /// The receipt of what was acknowledged, checked with the pinned key against the acknowledgement's own leaf hash:
    /// from then on the proof needs neither the service nor its database. Waits, up to the deadline, until a checkpoint
    /// covers the event.
    /// </summary>
    /// <exception cref="FormatException">
    /// The receipt does not hold: what was acknowledged is not what was signed. Keep
    /// both, and call.
    /// </exception>
    /// <exception cref="RpcException">The ledger did not answer.</exception>
    public async Task<ReceiptBundle> ReceiptAsync(
        Acknowledgement acknowledgement,
        NoteVerifier key,
        DateTime? deadline = null,
        CancellationToken cancel = default
    )
    {
        var answer = await Integrity.GetReceiptAsync(
            new() { Position = acknowledgement.Position },
            deadline: deadline,
            cancellationToken: cancel
        );
        var receipt = ReceiptBundle.Parse(answer.Bundle);
        // The ledger cannot name a key that the pinned one, or its followers, have not named.
        var (entry, _) = receipt.Verify(LogKeys.Following(key, receipt.Successions));
        return
            entry.Position == acknowledgement.Position
            && entry.LeafHash() == new Hash256(acknowledgement.LeafHash.ToByteArray())
            ? receipt
            : throw new FormatException(
                $"The receipt is of position {entry.Position} and of another entry than was acknowledged at "
                    + $"{acknowledgement.Position}."
            );
    }

    /// <summary>Writes evidence: a page that a person reads and <c>ledger-verify evidence</c> proves.</summary>
    /// <exception cref="RpcException">The ledger refused, or did not answer.</exception>
    public async Task ExportEvidenceAsync(
        ExportEvidenceRequest request,
        Stream into,
        CancellationToken cancel = default
    )
    {
        using var call = History.ExportEvidence(request, cancellationToken: cancel);
        await foreach (var part in call.ResponseStream.ReadAllAsync(cancel))
        {
            await into.WriteAsync(part.Chunk.Memory, cancel);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _channel.Dispose();

    // On this machine a portal that says nothing else shows the token that the ledger left for whoever runs it.
    private static LedgerCredentials CredentialsOf(LedgerClientOptions o)
    {
        var found = o is { Certificate: null, TokenFile: null }
            ? LedgerCredentials.LocalTo(o.Address!).TokenFile
            : null;
        return new()
        {
            Certificate = o.Certificate,
            TokenFile = o.TokenFile ?? found,
            Roots = o.Roots,
            Language = o.Language,
        };
    }

    private static async Task SendAsync(
        IClientStreamWriter<RecordConsultationsRequest> stream,
        IEnumerable<RecordConsultationsRequest> items,
        CancellationTokenSource stop
    )
    {
        using var next = items.GetEnumerator();
        while (await MovedAsync())
        {
            await stream.WriteAsync(next.Current, stop.Token);
        }

        await stream.CompleteAsync();

        async Task<bool> MovedAsync()
        {
            try
            {
                return next.MoveNext();
            }
            catch (Exception e)
            {
                await stop.CancelAsync();
                throw new ItemsException(e);
            }
        }
    }

    private sealed class ItemsException(Exception cause) : Exception(cause.Message, cause);
}
