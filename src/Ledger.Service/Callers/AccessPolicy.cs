using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Authorization;

namespace Ledger.Service.Callers;

/// <summary>Which row of <see cref="AccessTable"/> an endpoint is under, where it is no method of gRPC.</summary>
/// <param name="Method">The row.</param>
internal sealed record AccessRowOf(string Method);

/// <summary>A role of the caller's may call the method.</summary>
internal sealed class AccessRequirement : IAuthorizationRequirement
{
    /// <summary>The policy of every endpoint, and of what is no endpoint: nothing is open.</summary>
    public static AuthorizationPolicy Policy { get; } =
        new AuthorizationPolicyBuilder().RequireAuthenticatedUser().AddRequirements(new AccessRequirement()).Build();
}

/// <summary>Looks the method up in the table. Where there is nothing, whoever is known is told so.</summary>
internal sealed class AccessPolicy : AuthorizationHandler<AccessRequirement>
{
    /// <summary>What a call calls; nothing that has a row where it calls nothing that is here.</summary>
    public static string MethodOf(HttpContext http)
    {
        var called = http.GetEndpoint()?.Metadata;
        return called?.GetMetadata<GrpcMethodMetadata>()?.Method.FullName
            ?? called?.GetMetadata<AccessRowOf>()?.Method
            ?? string.Empty;
    }

    /// <inheritdoc/>
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, AccessRequirement requirement)
    {
        if (
            context.Resource is HttpContext http
            && CallerOf.TryFind(http) is { } caller
            && (http.GetEndpoint() is null || AccessTable.Of(MethodOf(http)).Roles.Any(caller.Roles.Contains))
        )
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}
