using Grpc.Core;

namespace Ledger.Service.Json;

/// <summary>Answers with the JSON of a <c>google.rpc.Status</c>, as the methods themselves do.</summary>
internal static class JsonErrors
{
    /// <summary>Writes the answer.</summary>
    public static async Task WriteAsync(HttpContext http, StatusCode code, int status, string message)
    {
        http.Response.StatusCode = status;
        await http.Response.WriteAsJsonAsync(
            new
            {
                code = (int)code,
                message,
                details = Array.Empty<object>(),
            },
            http.RequestAborted
        );
    }
}
