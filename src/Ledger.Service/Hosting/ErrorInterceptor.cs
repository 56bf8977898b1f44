using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Ledger.Domain.Common;
using Ledger.Service.Callers;
using Ledger.Store.Appending;
using Ledger.Store.Schema;
using Status = Google.Rpc.Status;

namespace Ledger.Service.Hosting;

/// <summary>
/// Turns what went wrong into a gRPC status that says which field or rule, with <c>google.rpc</c> details.
/// </summary>
internal sealed partial class ErrorInterceptor(ILogger<ErrorInterceptor> log) : Interceptor
{
    private const int MostText = 400;

    private static readonly RetryInfo AskAgain = new() { RetryDelay = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)) };

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request,
        ServerCallContext context,
        UnaryServerMethod<TRequest, TResponse> continuation
    )
    {
        try
        {
            return await continuation(request, context);
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw Translate(e).ToRpcException();
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation
    ) => await StreamAsync(() => continuation(request, responseStream, context), context);

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation
    ) => await StreamAsync(() => continuation(requestStream, responseStream, context), context);

    /// <summary>The status of a failure.</summary>
    public Status Translate(Exception e)
    {
        switch (e)
        {
            case InvalidFieldException invalid:
                var (field, rule) = (Short(invalid.Field), Short(invalid.Message));
                return Of(
                    Code.InvalidArgument,
                    $"{field}: {rule}",
                    new BadRequest
                    {
                        FieldViolations =
                        {
                            new BadRequest.Types.FieldViolation { Field = field, Description = rule },
                        },
                    }
                );
            case RefusedException refused:
                return Of(
                    Code.FailedPrecondition,
                    $"{refused.Message} (art. {refused.Article})",
                    new ErrorInfo
                    {
                        Reason = refused.Rule,
                        Domain = "caf-ledger",
                        Metadata = { ["article"] = refused.Article },
                    }
                );
            case NotAllowedException forbidden:
                return Of(
                    Code.PermissionDenied,
                    forbidden.Message,
                    new ErrorInfo { Reason = forbidden.Rule, Domain = "caf-ledger" }
                );
            case CallerExpiredException:
                return Of(Code.Unauthenticated, e.Message, null);
            case UnknownException unknown:
                return Of(
                    Code.NotFound,
                    unknown.Message,
                    new ErrorInfo
                    {
                        Reason = "unknown",
                        Domain = "caf-ledger",
                        Metadata = { ["field"] = unknown.What },
                    }
                );
            case RequestIdReusedException:
                return Of(
                    Code.AlreadyExists,
                    e.Message,
                    new ErrorInfo { Reason = "request-id-reused", Domain = "caf-ledger" }
                );
            case Domain.Retention.FileKeysChangedException:
                return Of(Code.Unavailable, e.Message, AskAgain);
            case NodeStoppingException:
                return Of(Code.Unavailable, e.Message, AskAgain);
            case StoreUnavailableException:
            case Npgsql.NpgsqlException when StoreUnavailableException.Is(e):
                LogUnavailable(log, (e.InnerException ?? e).Message);
                return Of(Code.Unavailable, new StoreUnavailableException(e).Message, AskAgain);
            case ReadOnlyNodeException:
                return Of(
                    Code.FailedPrecondition,
                    e.Message,
                    new ErrorInfo { Reason = "read-only", Domain = "caf-ledger" }
                );
            case QueueFullException or TooManyQuestionsException:
                return Of(Code.ResourceExhausted, e.Message, AskAgain);
            case Store.Pseudonyms.KeyDestroyedException:
                return Of(
                    Code.FailedPrecondition,
                    e.Message,
                    new ErrorInfo { Reason = "month-forgotten", Domain = "caf-ledger" }
                );
            case Store.Pseudonyms.KeyUnavailableException:
                LogKey(log, e.Message);
                return Of(Code.Unavailable, e.Message, null);
            case LedgerStateException or Store.Publishing.RestoredCopyException:
                return Of(Code.DataLoss, e.Message, null);
            case OperationCanceledException:
                return Of(Code.Cancelled, "The call was cancelled.", null);
            default:
                LogUnexpected(log, e);
                return Of(Code.Internal, "The ledger failed to do this; its own log says why.", null);
        }
    }

    // A stream that its caller has left fails for that: nobody hears why.
    private async Task StreamAsync(Func<Task> stream, ServerCallContext context)
    {
        try
        {
            await stream();
        }
        catch (Exception e) when (e is not RpcException && !context.CancellationToken.IsCancellationRequested)
        {
            throw Translate(e).ToRpcException();
        }
    }

    // A status travels in the headers of HTTP/2: one that is too long ends every call on the connection.
    private static string Short(string text) => text.Length <= MostText ? text : $"{text[..MostText]}…";

    private static Status Of(Code code, string message, Google.Protobuf.IMessage? detail)
    {
        var status = new Status { Code = (int)code, Message = Short(message) };
        if (detail is not null)
        {
            status.Details.Add(Any.Pack(detail));
        }

        return status;
    }

    [LoggerMessage(20, LogLevel.Warning, "A call failed because the database is away: {Why}")]
    private static partial void LogUnavailable(ILogger log, string why);

    [LoggerMessage(22, LogLevel.Critical, "A call failed for want of a pseudonym key: {Why}")]
    private static partial void LogKey(ILogger log, string why);

    [LoggerMessage(21, LogLevel.Error, "A call failed unexpectedly")]
    private static partial void LogUnexpected(ILogger log, Exception e);
}
