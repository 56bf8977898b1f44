using Grpc.Core;
using Ledger.Presentation;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Ledger.Pages.Asking;

/// <summary>Tells, where something was to be taken away, why the ledger does not give it.</summary>
internal static class Refusals
{
    public static async ValueTask<object?> TellAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        try
        {
            return await next(call);
        }
        catch (RpcException e)
        {
            return Results.Text(
                call.HttpContext.RequestServices.GetRequiredService<Words>().Translated(e.Status.Detail),
                statusCode: StatusOf(e)
            );
        }
    }

    /// <summary>The status of HTTP that says what the ledger said.</summary>
    public static int StatusOf(RpcException e) =>
        e.StatusCode switch
        {
            StatusCode.PermissionDenied or StatusCode.Unauthenticated => StatusCodes.Status403Forbidden,
            StatusCode.NotFound => StatusCodes.Status404NotFound,
            StatusCode.InvalidArgument or StatusCode.OutOfRange => StatusCodes.Status400BadRequest,
            StatusCode.FailedPrecondition or StatusCode.AlreadyExists => StatusCodes.Status409Conflict,
            StatusCode.ResourceExhausted => StatusCodes.Status429TooManyRequests,
            _ => StatusCodes.Status503ServiceUnavailable,
        };
}
