using Caf.Ledger.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Options;

namespace Ledger.Service.Hosting;

/// <summary>
/// Ends a page by its bytes as well as by its count: an answer that is too large for a message is made again with half
/// the items. The question is the same one, recorded once, and the next page goes on from where this one ends.
/// </summary>
internal sealed class PageBytes(IOptions<LedgerOptions> options) : Interceptor
{
    private const int Usual = 100;

    private static readonly object Key = new();

    /// <summary>How many items at most the page of a call may have.</summary>
    public static int? MostItems(ServerCallContext call) =>
        call.UserState.TryGetValue(Key, out var most) ? (int)most : null;

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request,
        ServerCallContext context,
        UnaryServerMethod<TRequest, TResponse> continuation
    )
    {
        var response = await continuation(request, context);
        for (
            var size = SizeOf(request);
            size > 1 && response is IMessage message && message.CalculateSize() > options.Value.PageBytes;

        )
        {
            context.UserState[Key] = size /= 2;
            response = await continuation(request, context);
        }

        return response;
    }

    // 1 where the answer has no pages, or cannot have a smaller one.
    private static int SizeOf(object request) =>
        (request as IMessage)?.Descriptor.FindFieldByName("paging") is { } field
            ? ((Paging?)field.Accessor.GetValue((IMessage)request))?.Size is > 0 and var size
                ? size
                : Usual
            : 1;
}
