using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ledger.Tests;

/// <summary>The test authority over HTTP on loopback (RFC 3161, section 3.4).</summary>
internal sealed class TestAuthorityServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestAuthorityServer(WebApplication app) => _app = app;

    public TestAuthority Authority { get; } = new();

    public Uri Url { get; private set; } = null!;

    /// <summary>How far its clock is ahead.</summary>
    public TimeSpan Ahead { get; set; }

    /// <summary>When set, it answers bytes that are no timestamp.</summary>
    public bool Babbles { get; set; }

    public int Asked { get; private set; }

    public static async Task<TestAuthorityServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var server = new TestAuthorityServer(app);
        app.MapPost("/tsa", (Delegate)server.AnswerAsync);
        await app.StartAsync();
        server.Url = new Uri(
            new Uri(
                app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()
            ),
            "tsa"
        );
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Authority.Dispose();
    }

    private async Task<IResult> AnswerAsync(HttpContext http)
    {
        Asked++;
        using var query = new MemoryStream();
        await http.Request.Body.CopyToAsync(query);
        return http.Request.ContentType != "application/timestamp-query"
            ? Results.StatusCode(415)
            : Results.Bytes(
                Babbles ? [1, 2, 3] : Authority.Answer(query.ToArray(), TimeProvider.System.GetUtcNow() + Ahead),
                "application/timestamp-reply"
            );
    }
}
