using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Microsoft.AspNetCore.Grpc.JsonTranscoding;

namespace Ledger.Service.Json;

/// <summary>
/// Refuses a request that is not ProtoJSON of its message, and says where: a field that the message has not is a
/// mistake of the caller's, which the endpoint itself would leave out.
/// </summary>
internal sealed class StrictJson(RequestDelegate next)
{
    private static readonly UTF8Encoding Strict = new(
        encoderShouldEmitUTF8Identifier: false,
        throwOnInvalidBytes: true
    );

    /// <summary>Reads the body, and gives it on as it was.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<GrpcJsonTranscodingMetadata>() is not { } called)
        {
            await next(http);
            return;
        }

        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        if (WrongIn(body, called.MethodDescriptor.InputType) is { } wrong)
        {
            await JsonErrors.WriteAsync(http, StatusCode.InvalidArgument, StatusCodes.Status400BadRequest, wrong);
            return;
        }

        body.Position = 0;
        http.Request.Body = body;
        await next(http);
    }

    private static string? WrongIn(MemoryStream body, MessageDescriptor message)
    {
        try
        {
            JsonParser.Default.Parse(Strict.GetString(body.GetBuffer(), 0, (int)body.Length), message);
            return null;
        }
        catch (DecoderFallbackException)
        {
            return "The request is not UTF-8.";
        }
        catch (Exception e) when (e is InvalidJsonException or InvalidProtocolBufferException)
        {
            return $"The request is not the JSON of {message.FullName}: {e.Message}";
        }
    }
}
