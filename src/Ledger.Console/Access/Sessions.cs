using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Ledger.Pages.Access;

/// <summary>Somebody who is signed in: who asks, and what her questions are about.</summary>
/// <param name="Caf">Her Caf.</param>
/// <param name="Person">Her identifier.</param>
internal sealed record Session(string Caf, string Person)
{
    private readonly ConcurrentDictionary<string, OpenedFile> _files = new();
    private readonly ConcurrentDictionary<long, bool> _acts = new();
    private string? _told;

    /// <summary>What she was answered, so that moving within an answer asks nothing.</summary>
    public Asking.Answers Answers { get; } = new();

    /// <summary>The case that her questions rest on (art. 7); empty for none.</summary>
    public string Case { get; set; } = string.Empty;

    /// <summary>One question at a time on her files, so that none is asked twice.</summary>
    public SemaphoreSlim Turn { get; } = new(1);

    /// <summary>This act was asked for by this session, and shown.</summary>
    public void Show(long position) => _acts[position] = true;

    /// <summary>Whether it was: what proves an act holds its content, and is given to nobody else.</summary>
    public bool WasShown(long position) => _acts.ContainsKey(position);

    /// <summary>Says something on the next page: what became of what was asked for on this one.</summary>
    public void Tell(string text) => _told = text;

    /// <summary>What was said, once.</summary>
    public string? Hear() => Interlocked.Exchange(ref _told, null);

    /// <summary>A reference to a file that stands in addresses in the place of its number.</summary>
    public string HandleOf(string matricule, string request)
    {
        var handle = Sessions.Random(9);
        _files[handle] = new OpenedFile(matricule, request);
        return handle;
    }

    /// <summary>The file of a handle; null where this session has given none of that name.</summary>
    public OpenedFile? FileOf(string handle) => _files.GetValueOrDefault(handle);
}

/// <summary>A file that a session asks about.</summary>
/// <param name="Matricule">Its number at the session's Caf.</param>
/// <param name="Request">The request for traces or the control that the questions rest on; empty for none.</param>
internal sealed record OpenedFile(string Matricule, string Request)
{
    /// <summary>The case that its questions name; null where they rest on the one that she works in.</summary>
    public string? Case => Request.Length > 0 ? Request : null;
}

/// <summary>Who is signed in. Sessions are in memory: they end with the pages, and half an hour after the last of them.</summary>
internal sealed class Sessions(TimeProvider time)
{
    private const string Claim = "session";
    private static readonly TimeSpan Longest = TimeSpan.FromHours(10);

    private readonly ConcurrentDictionary<string, (Session Session, DateTimeOffset Begun)> _all = new();

    /// <summary>Whoever is signed in, in a session that is still there.</summary>
    public static AuthorizationPolicy Policy { get; } =
        new AuthorizationPolicyBuilder(CookieAuthenticationDefaults.AuthenticationScheme)
            .RequireAuthenticatedUser()
            .RequireAssertion(context =>
                context.Resource is HttpContext http
                && ((Sessions)http.RequestServices.GetService(typeof(Sessions))!).Of(http) is not null
            )
            .Build();

    /// <summary>Begins one.</summary>
    public ClaimsPrincipal Begin(string caf, string person)
    {
        foreach (var (id, old) in _all)
        {
            if (time.GetUtcNow() - old.Begun > Longest)
            {
                _all.TryRemove(id, out _);
            }
        }

        var name = Random(24);
        _all[name] = (new Session(caf, person), time.GetUtcNow());
        return new ClaimsPrincipal(
            new ClaimsIdentity([new Claim(Claim, name)], CookieAuthenticationDefaults.AuthenticationScheme)
        );
    }

    /// <summary>Ends the one of a call.</summary>
    public void End(HttpContext http) => _all.TryRemove(http.User.FindFirstValue(Claim) ?? string.Empty, out _);

    /// <summary>The one of a call; null where nobody is signed in.</summary>
    public Session? Of(HttpContext http) =>
        http.User.FindFirstValue(Claim) is { } name
        && _all.TryGetValue(name, out var found)
        && time.GetUtcNow() - found.Begun <= Longest
            ? found.Session
            : null;

    /// <summary>A name that nobody guesses, as it stands in an address.</summary>
    public static string Random(int bytes) =>
        Convert.ToBase64String(RandomNumberGenerator.GetBytes(bytes)).Replace('+', '-').Replace('/', '_').TrimEnd('=');
}
