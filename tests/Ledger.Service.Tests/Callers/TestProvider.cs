using System.Net;
using System.Security.Claims;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ledger.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Ledger.Service.Tests.Callers;

/// <summary>Whom a token is of, and for what.</summary>
internal sealed record Token(
    string Subject,
    string[] Roles,
    string[]? Cafs = null,
    string[]? Sirets = null,
    string? Programme = null,
    string Audience = TestProvider.Audience
);

/// <summary>An OpenID Connect provider, OpenIddict's, over TLS: it gives whoever asks the token that the test wants.</summary>
internal sealed class TestProvider : IAsyncDisposable
{
    public const string Audience = "caf-ledger";

    private readonly WebApplication _app;
    private readonly HttpClient _http;
    private Token? _next;

    private TestProvider(WebApplication app, TestPki pki)
    {
        _app = app;
        _http = new HttpClient(new SocketsHttpHandler { SslOptions = new() { CertificateChainPolicy = pki.Trust() } });
    }

    /// <summary>Its clock: a token of yesterday is made yesterday.</summary>
    public FakeTimeProvider Clock { get; private init; } = null!;

    public Uri Address { get; private set; } = null!;

    public static async Task<TestProvider> StartAsync(TestPki pki, DateTimeOffset? clock = null)
    {
        TestProvider? provider = null;
        var (certificate, key) = pki.Server();
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(
                IPAddress.Loopback,
                0,
                listen => listen.UseHttps(X509Certificate2.CreateFromPemFile(certificate, key))
            )
        );
        builder
            .Services.AddOpenIddict()
            .AddServer(server =>
            {
                server.EnableDegradedMode().AllowClientCredentialsFlow().SetTokenEndpointUris("connect/token");
                server.AddEphemeralSigningKey(Algorithms.EcdsaSha256).AddEphemeralEncryptionKey();
                server.DisableAccessTokenEncryption();
                server.Configure(options => options.TimeProvider = provider!.Clock);
                server.AddEventHandler<ValidateTokenRequestContext>(handler => handler.UseInlineHandler(_ => default));
                server.AddEventHandler<HandleTokenRequestContext>(handler =>
                    handler.UseInlineHandler(context =>
                    {
                        context.Principal = PrincipalOf(provider!._next!);
                        return default;
                    })
                );
                server.UseAspNetCore();
            });
        var app = builder.Build();
        app.UseAuthentication();
        provider = new TestProvider(app, pki) { Clock = new(clock ?? TestPki.Now) };
        await app.StartAsync();
        provider.Address = new Uri(
            app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()
        );
        return provider;
    }

    /// <summary>An access token, as the provider gives it.</summary>
    public async Task<string> GiveAsync(Token token)
    {
        _next = token;
        using var answer = await _http.PostAsync(
            new Uri(Address, "connect/token"),
            new FormUrlEncodedContent(
                new Dictionary<string, string>
                {
                    ["grant_type"] = "client_credentials",
                    ["client_id"] = "tests",
                    ["client_secret"] = "tests",
                }
            )
        );
        var body = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.ShouldBeTrue(body);
        return JsonDocument.Parse(body).RootElement.GetProperty("access_token").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }

    private static ClaimsPrincipal PrincipalOf(Token token)
    {
        var identity = new ClaimsIdentity("tests", Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, token.Subject);
        identity.SetClaims("roles", [.. token.Roles]);
        identity.SetClaims("caf", [.. token.Cafs ?? []]);
        identity.SetClaims("siret", [.. token.Sirets ?? []]);
        if (token.Programme is { } programme)
        {
            identity.SetClaim("act", new JsonObject { ["sub"] = programme });
        }

        identity.SetResources(token.Audience);
        identity.SetAccessTokenLifetime(TimeSpan.FromMinutes(10));
        identity.SetDestinations(static _ => [Destinations.AccessToken]);
        return new ClaimsPrincipal(identity);
    }
}
