using Ledger.Domain.Common;

namespace Ledger.Service.Callers;

/// <summary>For which organisations a caller calls. Null stands for all of a kind.</summary>
/// <param name="Cafs">Codes of Caf.</param>
/// <param name="Sirets">Partners.</param>
internal sealed record CallerScope(IReadOnlySet<string>? Cafs, IReadOnlySet<string>? Sirets)
{
    /// <summary>What a mapping file or a token writes for all of a kind.</summary>
    public const string Any = "*";

    /// <summary>Everywhere.</summary>
    public static CallerScope Everywhere { get; } = new(null, null);

    /// <summary>The scope of lists, each of which may be <see cref="Any"/>.</summary>
    /// <exception cref="FormatException">One is neither a code nor a SIRET.</exception>
    public static CallerScope Of(IEnumerable<string> cafs, IEnumerable<string> sirets) =>
        new(Set(cafs, c => CafCode.Parse(c).Value), Set(sirets, s => Siret.Parse(s).Value));

    /// <summary>Whether a Caf is in it.</summary>
    public bool Has(CafCode caf) => Cafs?.Contains(caf.Value) != false;

    /// <summary>Whether a partner is in it.</summary>
    public bool Has(Siret siret) => Sirets?.Contains(siret.Value) != false;

    private static HashSet<string>? Set(IEnumerable<string> values, Func<string, string> parse)
    {
        var all = values.ToList();
        return all.Contains(Any) ? null : [.. all.Select(parse)];
    }
}

/// <summary>Who calls, as the transport knows: a machine by its certificate, a person by her token.</summary>
/// <param name="Id">What is recorded as <c>recordedBy</c>.</param>
/// <param name="Roles">What the caller is.</param>
/// <param name="Scope">For whom.</param>
/// <param name="Person">The person who calls, or in whose name a programme does; null for a machine.</param>
/// <param name="Programme">The programme that calls in her name (art. 9.2), or null.</param>
/// <param name="Until">When that ends: the token or the certificate expires.</param>
internal sealed record Caller(
    CallerId Id,
    IReadOnlySet<Role> Roles,
    CallerScope Scope,
    AgentId? Person,
    AgentId? Programme,
    DateTimeOffset Until
)
{
    /// <summary>Whether it is whoever runs the service, on its machine: she speaks for whomever she names.</summary>
    public bool IsLocal => Id == CallerId.Local;

    /// <summary>Refuses an actor for whom this caller does not speak in a method.</summary>
    /// <exception cref="NotAllowedException">The message says why.</exception>
    public void RequireSpeaksFor(Actor actor, string method)
    {
        if (IsLocal)
        {
            return;
        }

        var roles = AccessTable.Of(method).Roles.Where(Roles.Contains).ToList();
        if (!roles.Exists(role => role.ActsForCaf() == (actor.Caf is not null)))
        {
            throw new NotAllowedException(
                "actor-of-the-role",
                $"A caller who is {Names(roles)} does not speak for "
                    + (actor.Caf is null ? "a partner here." : "a Caf here.")
            );
        }

        if (actor.Caf is { } caf ? !Scope.Has(caf) : !Scope.Has(actor.Siret!.Value))
        {
            throw new NotAllowedException("actor-in-scope", "The actor's organisation is not in the caller's scope.");
        }

        if (Person is { } person && (actor.Human != person || actor.Bearer != (Programme is null ? null : Person)))
        {
            throw new NotAllowedException("actor-is-the-caller", "A person who calls names herself, and nobody else.");
        }

        if (Programme is { } programme && actor.Id != programme)
        {
            throw new NotAllowedException("actor-is-the-caller", "A programme names itself, and its bearer.");
        }
    }

    /// <summary>Refuses a use that is not in the caller's scope, or not by the person who calls.</summary>
    /// <exception cref="NotAllowedException">It is not.</exception>
    public void RequireInScope(CafCode caf, Siret siret, AgentId agent, AgentId? programme)
    {
        if (!Scope.Has(caf) || !Scope.Has(siret))
        {
            throw new NotAllowedException("use-in-scope", "The Caf or the partner is not in the caller's scope.");
        }

        if (Person is { } person && (agent != person || programme != Programme))
        {
            throw new NotAllowedException(
                "agent-is-the-caller",
                "A person who calls records her own use, and that of the programme that calls in her name."
            );
        }
    }

    /// <summary>Refuses a caller who does not call for every Caf: what it asks for bears on all of them.</summary>
    /// <exception cref="NotAllowedException">It does not.</exception>
    public void RequireEveryCaf()
    {
        if (Scope.Cafs is not null)
        {
            throw new NotAllowedException(
                "every-caf",
                "This bears on every Caf of the ledger: it takes a caller whose scope is all of them."
            );
        }
    }

    /// <summary>Refuses a caller who is not known any longer: a stream may last longer than a token.</summary>
    /// <exception cref="CallerExpiredException">The token or the certificate has expired.</exception>
    public void RequireCurrent(DateTimeOffset now)
    {
        if (Until <= now)
        {
            throw new CallerExpiredException();
        }
    }

    /// <summary>Whether a question of this caller has to rest on an open case.</summary>
    public bool NeedsCase(string method) =>
        AccessTable.Of(method) is var row && row.Roles.Where(Roles.Contains).All(row.WithCase.Contains);

    private static string Names(IReadOnlyList<Role> roles) => string.Join(", ", roles.Select(r => r.Name()));
}

/// <summary>The caller is known, and may not do this.</summary>
/// <param name="rule">The rule, by a stable name.</param>
/// <param name="message">Why.</param>
internal sealed class NotAllowedException(string rule, string message) : Exception(message)
{
    /// <summary>The rule, by a stable name.</summary>
    public string Rule { get; } = rule;
}

/// <summary>The caller is no longer known: her token or its certificate has expired.</summary>
internal sealed class CallerExpiredException()
    : Exception("The caller's token or certificate has expired: call again with another.");
