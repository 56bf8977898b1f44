using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Ledger.Domain.Common;
using Ledger.Files;
using Ledger.Service.Hosting;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Ledger.Service.Callers;

/// <summary>
/// Access tokens of an OpenID Connect provider (RFC 9068): of people, and of webservices in a person's name, which the
/// <c>act</c> claim names (RFC 8693, section 4.1; art. 9.2).
/// </summary>
internal static class OidcTokens
{
    /// <summary>How far the provider's clock may be from this one.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // A provider's keys are public: what is signed with a shared secret is signed by nobody.
    private static readonly string[] Asymmetric =
    [
        SecurityAlgorithms.EcdsaSha256,
        SecurityAlgorithms.EcdsaSha384,
        SecurityAlgorithms.EcdsaSha512,
        SecurityAlgorithms.RsaSha256,
        SecurityAlgorithms.RsaSha384,
        SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256,
        SecurityAlgorithms.RsaSsaPssSha384,
        SecurityAlgorithms.RsaSsaPssSha512,
    ];

    /// <summary>Has tokens of the provider of the options accepted.</summary>
    public static void Configure(
        JwtBearerOptions bearer,
        LedgerOptions options,
        X509Certificate2Collection roots,
        TimeProvider time
    )
    {
        bearer.Authority = options.OidcAuthority;
        bearer.Audience = options.OidcAudience;
        bearer.MapInboundClaims = false;
        bearer.SaveToken = false;
        bearer.IncludeErrorDetails = false;
        bearer.TokenHandlers.Clear();
        bearer.TokenHandlers.Add(new CallerTokens(CallerIn, time));
        bearer.TokenValidationParameters.ClockSkew = Skew;
        bearer.TokenValidationParameters.ValidAlgorithms = Asymmetric;

        // RFC 9068, section 4: an ID token or a logout token is no access token.
        bearer.TokenValidationParameters.ValidTypes = ["at+jwt", "application/at+jwt"];
        bearer.BackchannelTimeout = Patience;
        if (roots.Count > 0)
        {
            bearer.BackchannelHttpHandler = new SocketsHttpHandler
            {
                SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = ServerTrust.Under(roots) },
            };
        }
    }

    private static Caller CallerIn(JsonWebToken token)
    {
        var roles = All(token, "roles").Select(RoleNames.TryParse).OfType<Role>().ToHashSet();
        return new Caller(
            CallerId.Parse($"oidc.{token.Subject}"),
            roles,
            CallerScope.Of(All(token, "caf"), All(token, "siret")),
            AgentId.Parse(token.Subject),
            ProgrammeIn(token),
            token.ValidTo
        );
    }

    private static AgentId? ProgrammeIn(JsonWebToken token) =>
        !token.TryGetClaim("act", out _) ? null
        : token.TryGetPayloadValue<JsonElement>("act", out var act)
        && act.ValueKind == JsonValueKind.Object
        && act.TryGetProperty("sub", out var sub)
        && sub.ValueKind == JsonValueKind.String
            ? AgentId.Parse(sub.GetString()!)
        : throw new FormatException("The act claim names nobody.");

    private static IEnumerable<string> All(JsonWebToken token, string claim) =>
        token.Claims.Where(c => c.Type == claim).Select(c => c.Value);
}
