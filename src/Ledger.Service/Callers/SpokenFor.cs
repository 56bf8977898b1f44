using Caf.Ledger.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Ledger.Service.Mapping;

namespace Ledger.Service.Callers;

/// <summary>
/// Holds the actor of every request against its caller, before anything else of the request is looked at. Of a stream
/// of requests, whoever reads them does it for each.
/// </summary>
internal sealed class SpokenFor : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request,
        ServerCallContext context,
        UnaryServerMethod<TRequest, TResponse> continuation
    )
    {
        Require((IMessage)request, context);
        return continuation(request, context);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation
    )
    {
        Require((IMessage)request, context);
        return continuation(request, responseStream, context);
    }

    private static void Require(IMessage request, ServerCallContext call)
    {
        var fields = request.Descriptor.FindFieldByName;
        if (fields("context") is { } own && own.MessageType == RequestContext.Descriptor)
        {
            call.SetAsker(call.Context((RequestContext?)own.Accessor.GetValue(request)));
        }
        else if (fields("asking") is { } asking && asking.MessageType == Asking.Descriptor)
        {
            call.SetAsker(
                Read.Under("asking", () => call.Context(((Asking?)asking.Accessor.GetValue(request))?.Context))
            );
        }
    }
}
