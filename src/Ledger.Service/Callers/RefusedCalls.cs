using Grpc.Core;
using Ledger.Service.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Connections.Features;

namespace Ledger.Service.Callers;

/// <summary>
/// Answers who is not let in, before anything of the request is read. Who is not known waits for the answer: so many are
/// answered in a second, so that a flood costs those who are known little. When too many wait, connections are closed.
/// </summary>
internal sealed partial class RefusedCalls(TimeProvider time, ILogger<RefusedCalls> log)
    : IAuthorizationMiddlewareResultHandler
{
    private const string Known = "ledger-known";
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private DateTimeOffset _lastAnswer;
    private int _untold;
    private long _toldAt;

    /// <inheritdoc/>
    public async Task HandleAsync(
        RequestDelegate next,
        HttpContext context,
        AuthorizationPolicy policy,
        PolicyAuthorizationResult authorizeResult
    )
    {
        if (CallerOf.TryFind(context) is { } caller)
        {
            IsShared(context, note: true);
            if (authorizeResult.Succeeded)
            {
                await next(context);
                return;
            }

            Tell(count => LogForbidden(log, count, caller.Id.Value, AccessPolicy.MethodOf(context)));
            await AnswerAsync(
                context,
                StatusCode.PermissionDenied,
                StatusCodes.Status403Forbidden,
                "No role of the caller's may call this method."
            );
        }
        else if (await WaitAsync(context) || IsShared(context, note: false))
        {
            // What is shared with somebody known is not closed.
            await AnswerAsync(
                context,
                StatusCode.Unauthenticated,
                StatusCodes.Status401Unauthorized,
                "Who calls is not known: a valid token or client certificate is required."
            );
        }
        else
        {
            context.Features.Get<IConnectionLifetimeFeature>()?.Abort();
            context.Abort();
        }
    }

    // Whether a connection carries somebody known. Its streams look and note side by side.
    private static bool IsShared(HttpContext http, bool note)
    {
        if (http.Features.Get<IConnectionItemsFeature>()?.Items is not { } connection)
        {
            return note;
        }

        lock (connection)
        {
            return note ? connection.TryAdd(Known, Known) : connection.ContainsKey(Known);
        }
    }

    // Headers alone ("trailers-only"): https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
    private static async Task AnswerAsync(HttpContext http, StatusCode grpc, int status, string message)
    {
        if (http.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true)
        {
            http.Response.ContentType = "application/grpc";
            http.Response.Headers["grpc-status"] = ((int)grpc).ToString(
                System.Globalization.CultureInfo.InvariantCulture
            );
            http.Response.Headers["grpc-message"] = message;
            return;
        }

        if (grpc == StatusCode.Unauthenticated)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
        }

        await JsonErrors.WriteAsync(http, grpc, status, message);
    }

    private async Task<bool> WaitAsync(HttpContext http)
    {
        Tell(count => LogUnknown(log, count, http.Connection.RemoteIpAddress?.ToString() ?? "?"));
        if (UntilItsTurn() is not { } wait)
        {
            return false;
        }

        try
        {
            await Task.Delay(wait, time, http.RequestAborted);
            return true;
        }
        catch (OperationCanceledException)
        {
            // Its place is another's.
            lock (_gate)
            {
                _lastAnswer -= Between;
            }

            return false;
        }
    }

    // Null where too many wait.
    private TimeSpan? UntilItsTurn()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var (soonest, next) = (now + Wait, _lastAnswer + Between);
            if (next - now > Longest)
            {
                return null;
            }

            _lastAnswer = soonest > next ? soonest : next;
            return _lastAnswer - now;
        }
    }

    private void Tell(Action<int> tell)
    {
        lock (_gate)
        {
            _untold++;
            if (_toldAt != 0 && time.GetElapsedTime(_toldAt) < Silence)
            {
                return;
            }

            tell(_untold);
            (_toldAt, _untold) = (time.GetTimestamp(), 0);
        }
    }

    [LoggerMessage(24, LogLevel.Warning, "{Count} calls of nobody known were refused, the last from {Address}")]
    private static partial void LogUnknown(ILogger log, int count, string address);

    [LoggerMessage(
        25,
        LogLevel.Warning,
        "{Count} calls were refused, the last because {Caller} has no role that may call {Method}"
    )]
    private static partial void LogForbidden(ILogger log, int count, string caller, string method);
}
