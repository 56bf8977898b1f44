using System.Security.Claims;
using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Service.Mapping;

namespace Ledger.Service.Callers;

/// <summary>An identity of ASP.NET's that says who the caller is to the ledger.</summary>
internal sealed class CallerIdentity(Caller caller, string scheme) : ClaimsIdentity(scheme)
{
    /// <summary>Who calls.</summary>
    public Caller Caller { get; } = caller;

    /// <inheritdoc/>
    public override ClaimsIdentity Clone() => new CallerIdentity(Caller, AuthenticationType!);
}

/// <summary>The caller of a call.</summary>
internal static class CallerOf
{
    private static readonly object AskerKey = new();

    /// <summary>Who calls, if that is known.</summary>
    public static Caller? TryFind(HttpContext http) => (http.User.Identity as CallerIdentity)?.Caller;

    /// <summary>Who calls. Nothing gets as far as a service without being known.</summary>
    public static Caller Caller(this ServerCallContext call) =>
        TryFind(call.GetHttpContext()) ?? throw new InvalidOperationException("Nobody calls.");

    /// <summary>
    /// Whom turns are shared out to: a caller, however many connections it has; of whoever is on this machine, each
    /// connection.
    /// </summary>
    public static string TurnTaker(this ServerCallContext call) =>
        call.Caller() is { IsLocal: false } caller ? caller.Id.Value : call.Peer;

    /// <summary>Who asks in the request of a call, held against its caller by <see cref="SpokenFor"/>.</summary>
    public static EventContext Asker(this ServerCallContext call) => (EventContext)call.UserState[AskerKey];

    /// <summary>Says who asks in the request of a call.</summary>
    public static void SetAsker(this ServerCallContext call, EventContext asker) => call.UserState[AskerKey] = asker;

    /// <summary>Who asks, under which request id, and who says so.</summary>
    /// <exception cref="InvalidFieldException">A field breaks its rule.</exception>
    /// <exception cref="NotAllowedException">The caller does not speak for that actor.</exception>
    public static EventContext Context(this ServerCallContext call, RequestContext? context)
    {
        var (caller, read) = (call.Caller(), Read.Context(context));
        caller.RequireSpeaksFor(read.Actor, AccessPolicy.MethodOf(call.GetHttpContext()));
        return read with { RecordedBy = caller.Id };
    }
}
