using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ledger.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Ledger.Bench.Overload;

/// <summary>A provider of tokens as far as the service asks one: its configuration and its keys, over TLS.</summary>
internal sealed class BenchProvider : IAsyncDisposable
{
    private const string Audience = "caf-ledger";

    private readonly ECDsaSecurityKey _key = new(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = "bench" };
    private readonly WebApplication _app;

    private BenchProvider(WebApplication app) => _app = app;

    private string Address { get; set; } = string.Empty;

    public static async Task<BenchProvider> StartAsync(TestPki pki)
    {
        var (certificate, key) = pki.Server();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(
                IPAddress.Loopback,
                0,
                listen => listen.UseHttps(X509Certificate2.CreateFromPemFile(certificate, key))
            )
        );
        var provider = new BenchProvider(builder.Build());
        provider._app.MapGet(
            "/.well-known/openid-configuration",
            () => Results.Json(new { issuer = provider.Address, jwks_uri = $"{provider.Address}/keys" })
        );
        provider._app.MapGet("/keys", () => Results.Json(new { keys = new[] { provider.PublicKey() } }));
        await provider._app.StartAsync();
        provider.Address = provider
            ._app.Services.GetRequiredService<IServer>()
            .Features.Get<IServerAddressesFeature>()!
            .Addresses.First();
        return provider;
    }

    /// <summary>The settings of a service that believes it.</summary>
    public IReadOnlyDictionary<string, string> Options(TestPki pki)
    {
        var (certificate, key) = pki.Server();
        return new Dictionary<string, string>
        {
            ["Ledger__Certificate"] = certificate,
            ["Ledger__CertificateKey"] = key,
            ["Ledger__OidcAuthority"] = Address,
            ["Ledger__OidcAudience"] = Audience,
            ["Ledger__OidcRoots"] = pki.Authority,
        };
    }

    /// <summary>A token of the agent who consults.</summary>
    public string Token() =>
        new JsonWebTokenHandler().CreateToken(
            new SecurityTokenDescriptor
            {
                TokenType = "at+jwt",
                Issuer = Address,
                Audience = Audience,
                Expires = TestPki.Now.UtcDateTime.AddHours(2),
                SigningCredentials = new SigningCredentials(_key, SecurityAlgorithms.EcdsaSha256),
                Claims = new Dictionary<string, object>
                {
                    ["sub"] = "agent-c3",
                    ["roles"] = "portal",
                    ["caf"] = "763",
                    ["siret"] = "21760575700012",
                },
            }
        );

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.ECDsa.Dispose();
    }

    private object PublicKey()
    {
        var point = _key.ECDsa.ExportParameters(includePrivateParameters: false).Q;
        return new
        {
            kty = "EC",
            crv = "P-256",
            kid = _key.KeyId,
            use = "sig",
            x = Base64UrlEncoder.Encode(point.X),
            y = Base64UrlEncoder.Encode(point.Y),
        };
    }
}
