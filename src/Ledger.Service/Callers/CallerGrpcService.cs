using Caf.Ledger.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Ledger.Service.Callers;

/// <summary>Says as whom a caller is known.</summary>
internal sealed class CallerGrpcService : CallerService.CallerServiceBase
{
    public override Task<GetCallerResponse> GetCaller(GetCallerRequest request, ServerCallContext context)
    {
        var caller = context.Caller();
        return Task.FromResult(
            new GetCallerResponse
            {
                Id = caller.Id.Value,
                Person = caller.Person?.Value ?? string.Empty,
                Programme = caller.Programme?.Value ?? string.Empty,
                Roles = { caller.Roles.Order().Select(r => r.Name()) },
                Cafs = { Sorted(caller.Scope.Cafs) },
                EveryCaf = caller.Scope.Cafs is null,
                Sirets = { Sorted(caller.Scope.Sirets) },
                EverySiret = caller.Scope.Sirets is null,
                Until = caller.Until == DateTimeOffset.MaxValue ? null : caller.Until.ToTimestamp(),
            }
        );
    }

    private static IEnumerable<string> Sorted(IReadOnlySet<string>? scope) =>
        scope is null ? [] : scope.Order(StringComparer.Ordinal);
}
