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
                statusCode: e.StatusCode == StatusCode.NotFound
                    ? StatusCodes.Status404NotFound
                    : StatusCodes.Status503ServiceUnavailable
            );
        }
    }
}
