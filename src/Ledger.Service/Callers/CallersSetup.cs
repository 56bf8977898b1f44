using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Ledger.Service.Hosting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Ledger.Service.Callers;

/// <summary>How callers are known, and what they may: from the options.</summary>
internal static class CallersSetup
{
    private const string Scheme = "caller";

    /// <summary>Checks the options against each other.</summary>
    /// <exception cref="SetupException">They do not fit: the message says which.</exception>
    public static void Require(LedgerOptions options)
    {
        Needs(nameof(options.Certificate), options.Certificate, nameof(options.CertificateKey), options.CertificateKey);
        Needs(nameof(options.CertificateKey), options.CertificateKey, nameof(options.Certificate), options.Certificate);
        Needs(nameof(options.Clients), options.Clients, nameof(options.Certificate), options.Certificate);
        Needs(nameof(options.Clients), options.Clients, nameof(options.ClientAuthorities), options.ClientAuthorities);
        Needs(nameof(options.ClientAuthorities), options.ClientAuthorities, nameof(options.Clients), options.Clients);
        Needs(nameof(options.RevocationList), options.RevocationList, nameof(options.Clients), options.Clients);
        Needs(nameof(options.OidcAuthority), options.OidcAuthority, nameof(options.OidcAudience), options.OidcAudience);
        Needs(nameof(options.OidcAudience), options.OidcAudience, nameof(options.OidcAuthority), options.OidcAuthority);
        Needs(nameof(options.OidcRoots), options.OidcRoots, nameof(options.OidcAuthority), options.OidcAuthority);
        if (!IPAddress.TryParse(options.Address, out var address))
        {
            throw new SetupException("Ledger:Address is an address of this machine, such as 127.0.0.1.");
        }

        if (!IPAddress.IsLoopback(address) && (options.Certificate.Length == 0 || options.CallersAreLocal))
        {
            throw new SetupException(
                $"Ledger:Address is {options.Address}: on any address but loopback, a certificate (Ledger:Certificate) "
                    + "and callers (Ledger:Clients or Ledger:OidcAuthority) are required."
            );
        }

        if (
            options.OidcAuthority.Length > 0
            && !(
                Uri.TryCreate(options.OidcAuthority, UriKind.Absolute, out var authority) && authority.Scheme == "https"
            )
        )
        {
            throw new SetupException("Ledger:OidcAuthority is an https address.");
        }

        static void Needs(string name, string value, string other, string others)
        {
            if (value.Length > 0 && others.Length == 0)
            {
                throw new SetupException($"Ledger:{name} is given without Ledger:{other}.");
            }
        }
    }

    /// <summary>Adds who may call, and what.</summary>
    /// <exception cref="SetupException">A file that the options name is not what they say.</exception>
    public static void AddCallers(this IServiceCollection services, LedgerOptions options)
    {
        Require(options);
        services.AddSingleton<LocalTokens>();

        var others = services.Where(s => s.ServiceType == typeof(IHostedService)).ToHashSet();
        var schemes = services
            .AddAuthentication(Scheme)
            .AddPolicyScheme(Scheme, null, choose => choose.ForwardDefaultSelector = http => SchemeOf(http, options));

        // It starts what makes keys for cookies, in a file: nothing here has cookies.
        foreach (var added in services.Where(s => s.ServiceType == typeof(IHostedService)).Except(others).ToList())
        {
            services.Remove(added);
        }

        AddSchemes(schemes, options);
        services.AddSingleton<IAuthorizationHandler, AccessPolicy>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, RefusedCalls>();
        services.AddAuthorizationBuilder().SetFallbackPolicy(AccessRequirement.Policy);
    }

    /// <summary>How to listen: with TLS, where there is a certificate to show.</summary>
    /// <exception cref="SetupException">The certificate or its key is not what the options say.</exception>
    public static Action<ListenOptions> Secure(LedgerOptions options)
    {
        if (options.Certificate.Length == 0)
        {
            return _ => { };
        }

        var (own, chain) = PemFiles.Server(options);
        return listen =>
            listen.UseHttps(tls =>
            {
                tls.ServerCertificate = own;
                tls.ServerCertificateChain = chain;
                tls.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
                tls.ClientCertificateMode =
                    options.Clients.Length > 0
                        ? ClientCertificateMode.AllowCertificate
                        : ClientCertificateMode.NoCertificate;

                // Certificates are judged where callers are: a bad one is told so by the protocol that it speaks.
                tls.AllowAnyClientCertificate();

                // Whatever address a stranger's certificate names is not asked for more certificates.
                tls.OnAuthenticate = (_, handshake) =>
                    handshake.CertificateChainPolicy = new X509ChainPolicy
                    {
                        DisableCertificateDownloads = true,
                        RevocationMode = X509RevocationMode.NoCheck,
                    };
            });
    }

    private static void AddSchemes(AuthenticationBuilder schemes, LedgerOptions options)
    {
        if (options.Clients.Length > 0)
        {
            schemes.Services.AddSingleton(new ClientCertificates(options, TimeProvider.System));
            schemes.AddScheme<AuthenticationSchemeOptions, CertificateHandler>(CertificateHandler.SchemeName, null);
        }

        if (options.OidcAuthority.Length > 0)
        {
            var roots =
                options.OidcRoots.Length > 0 ? PemFiles.Certificates("Ledger:OidcRoots", options.OidcRoots) : [];
            schemes.AddJwtBearer(bearer => OidcTokens.Configure(bearer, options, roots, TimeProvider.System));
        }
        else if (options.CallersAreLocal)
        {
            schemes.AddJwtBearer();
            schemes
                .Services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
                .Configure<LocalTokens>((bearer, tokens) => tokens.Configure(bearer));
        }
    }

    // A token says who calls, whatever machine she calls from.
    private static string SchemeOf(HttpContext http, LedgerOptions options) =>
        options.Clients.Length > 0
        && (options.OidcAuthority.Length == 0 || http.Request.Headers.Authorization.Count == 0)
            ? CertificateHandler.SchemeName
            : JwtBearerDefaults.AuthenticationScheme;
}
