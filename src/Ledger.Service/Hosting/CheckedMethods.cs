using System.Reflection;
using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

namespace Ledger.Service.Hosting;

/// <summary>
/// Binds the methods of a service as its generated code describes them, with one difference: bytes that are no message
/// are the caller's mistake, told as INVALID_ARGUMENT, and not a failure of the service with a stack trace.
/// </summary>
internal sealed class CheckedMethods<TService>(MalformedMessages malformed) : IServiceMethodProvider<TService>
    where TService : class
{
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<TService> context)
    {
        var (generated, bind) = BindingOf(typeof(TService));
        generated
            .GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Single(m =>
                m.Name == bind.BindMethodName && m.GetParameters()[0].ParameterType == typeof(ServiceBinderBase)
            )
            .Invoke(null, [new Binder(context, malformed), null]);
    }

    // The attribute is of the generated base class.
    private static (Type Generated, BindServiceMethodAttribute Bind) BindingOf(Type? service) =>
        service?.GetCustomAttribute<BindServiceMethodAttribute>(inherit: false) is { } bind ? (bind.BindType, bind)
        : service is null ? throw new InvalidOperationException($"{typeof(TService)} is no gRPC service.")
        : BindingOf(service.BaseType);

    private sealed class Binder(ServiceMethodProviderContext<TService> context, MalformedMessages malformed)
        : ServiceBinderBase
    {
        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            UnaryServerMethod<TRequest, TResponse>? handler
        ) =>
            context.AddUnaryMethod(
                Checked(method),
                Metadata(method),
                Invoker<UnaryServerMethod<TService, TRequest, TResponse>>(method)
            );

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            ServerStreamingServerMethod<TRequest, TResponse>? handler
        ) =>
            context.AddServerStreamingMethod(
                Checked(method),
                Metadata(method),
                Invoker<ServerStreamingServerMethod<TService, TRequest, TResponse>>(method)
            );

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            ClientStreamingServerMethod<TRequest, TResponse>? handler
        ) =>
            context.AddClientStreamingMethod(
                Checked(method),
                Metadata(method),
                Invoker<ClientStreamingServerMethod<TService, TRequest, TResponse>>(method)
            );

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            DuplexStreamingServerMethod<TRequest, TResponse>? handler
        ) =>
            context.AddDuplexStreamingMethod(
                Checked(method),
                Metadata(method),
                Invoker<DuplexStreamingServerMethod<TService, TRequest, TResponse>>(method)
            );

        private static MethodInfo MethodOf(IMethod method) => typeof(TService).GetMethod(method.Name)!;

        private static TDelegate Invoker<TDelegate>(IMethod method)
            where TDelegate : Delegate => MethodOf(method).CreateDelegate<TDelegate>();

        private static IList<object> Metadata(IMethod method) =>
            [
                .. typeof(TService).GetCustomAttributes(inherit: true),
                .. MethodOf(method).GetCustomAttributes(inherit: true),
            ];

        private Method<TRequest, TResponse> Checked<TRequest, TResponse>(Method<TRequest, TResponse> method) =>
            new(
                method.Type,
                method.ServiceName,
                method.Name,
                Marshallers.Create(
                    method.RequestMarshaller.ContextualSerializer,
                    context => Deserialize(method, context)
                ),
                method.ResponseMarshaller
            );

        private TRequest Deserialize<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            DeserializationContext context
        )
        {
            try
            {
                return method.RequestMarshaller.ContextualDeserializer(context);
            }
            catch (InvalidProtocolBufferException e)
            {
                malformed.Count(method.FullName, e.Message);
                throw new RpcException(
                    new Status(StatusCode.InvalidArgument, $"The request is not a message of {method.FullName}.")
                );
            }
        }
    }
}

/// <summary>Tells of malformed messages in a line now and then, however many come.</summary>
internal sealed partial class MalformedMessages(TimeProvider time, ILogger<MalformedMessages> log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private long _toldAt;
    private int _untold;

    public void Count(string method, string why)
    {
        lock (_gate)
        {
            _untold++;
            if (_toldAt != 0 && time.GetElapsedTime(_toldAt) < Pause)
            {
                return;
            }

            LogMalformed(log, _untold, method, why);
            (_toldAt, _untold) = (time.GetTimestamp(), 0);
        }
    }

    [LoggerMessage(23, LogLevel.Warning, "{Count} malformed messages were refused, the last for {Method}: {Why}")]
    private static partial void LogMalformed(ILogger log, int count, string method, string why);
}
