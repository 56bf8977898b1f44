using Grpc.Core;
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
    private const int MostWaiting = 5000;
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private DateTimeOffset _lastAnswer;
    private int _waiting;
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
        if (authorizeResult.Succeeded)
        {
            await next(context);
        }
        else if (CallerOf.TryFind(context) is { } caller)
        {
            var method = AccessPolicy.MethodOf(context);
            LogForbidden(log, caller.Id.Value, method);
            Answer(
                context,
                StatusCode.PermissionDenied,
                StatusCodes.Status403Forbidden,
                $"No role of the caller's may call {method.TrimStart('/')}."
            );
        }
        else if (await WaitAsync(context))
        {
            Answer(
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

    // Headers alone ("trailers-only"): https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
    private static void Answer(HttpContext http, StatusCode grpc, int status, string message)
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

        http.Response.StatusCode = status;
        if (grpc == StatusCode.Unauthenticated)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
        }
    }

    private async Task<bool> WaitAsync(HttpContext http)
    {
        Tell(http);
        try
        {
            if (Interlocked.Increment(ref _waiting) > MostWaiting)
            {
                return false;
            }

            await Task.Delay(UntilItsTurn(), time, http.RequestAborted);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private TimeSpan UntilItsTurn()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var (soonest, next) = (now + Wait, _lastAnswer + Between);
            _lastAnswer = soonest > next ? soonest : next;
            return _lastAnswer - now;
        }
    }

    private void Tell(HttpContext http)
    {
        lock (_gate)
        {
            _untold++;
            if (_toldAt != 0 && time.GetElapsedTime(_toldAt) < Silence)
            {
                return;
            }

            LogUnknown(log, _untold, http.Connection.RemoteIpAddress?.ToString() ?? "?");
            (_toldAt, _untold) = (time.GetTimestamp(), 0);
        }
    }

    [LoggerMessage(24, LogLevel.Warning, "{Count} calls of nobody known were refused, the last from {Address}")]
    private static partial void LogUnknown(ILogger log, int count, string address);

    [LoggerMessage(25, LogLevel.Warning, "{Caller} has no role that may call {Method}")]
    private static partial void LogForbidden(ILogger log, string caller, string method);
}
