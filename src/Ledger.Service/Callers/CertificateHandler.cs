using System.Security.Claims;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Encodings.Web;
using Ledger.Service.Hosting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Ledger.Service.Callers;

/// <summary>
/// Knows machines by their certificates: under the authorities of the options, for clients (extended key usage), in
/// their time, not revoked, and in the mapping file. ASP.NET's own handler fetches whatever a stranger's certificate
/// names as its issuer's address, and waits for it; this one asks no network.
/// </summary>
internal sealed class CertificateHandler(
    ClientCertificates certificates,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <summary>The name of the scheme.</summary>
    public const string SchemeName = "certificate";

    /// <inheritdoc/>
    protected override Task<AuthenticateResult> HandleAuthenticateAsync() =>
        Task.FromResult(
            Context.Connection.ClientCertificate is not { } shown ? AuthenticateResult.NoResult()
            : certificates.CallerOf(shown) is { } caller
                ? AuthenticateResult.Success(
                    new AuthenticationTicket(new ClaimsPrincipal(new CallerIdentity(caller, Scheme.Name)), Scheme.Name)
                )
            : AuthenticateResult.Fail("The certificate is that of no client.")
        );
}

/// <summary>Which certificate is which client's.</summary>
internal sealed class ClientCertificates : IDisposable
{
    private const string ForClients = "1.3.6.1.5.5.7.3.2";
    private const int Most = 10_000;

    // For so long a certificate that was revoked may still call.
    private static readonly TimeSpan AWhile = TimeSpan.FromSeconds(30);

    private readonly MemoryCache _judged = new(new MemoryCacheOptions { SizeLimit = Most });
    private readonly ClientMap _clients;
    private readonly X509Certificate2Collection _authorities;
    private readonly RevocationList? _revoked;
    private readonly TimeProvider _time;

    /// <exception cref="SetupException">A file that the options name is not what they say.</exception>
    public ClientCertificates(LedgerOptions options, TimeProvider time)
    {
        _time = time;
        _clients = ClientMap.Read(options.Clients);
        _authorities = PemFiles.Certificates("Ledger:ClientAuthorities", options.ClientAuthorities);
        _revoked = options.RevocationList.Length > 0 ? new RevocationList(options.RevocationList, time) : null;
    }

    /// <summary>The client that a certificate is of; null where it is nobody's, or does not hold.</summary>
    public Caller? CallerOf(X509Certificate2 certificate)
    {
        var key = certificate.GetCertHashString(HashAlgorithmName.SHA256);
        if (_judged.TryGetValue(key, out Caller? known))
        {
            return known is not null && known.Until > _time.GetUtcNow() ? known : null;
        }

        var judged = Holds(certificate) ? _clients.Find(certificate) : null;
        _judged.Set(key, judged, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = AWhile });
        return judged;
    }

    /// <inheritdoc/>
    public void Dispose() => _judged.Dispose();

    private bool Holds(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ForClients));
        chain.ChainPolicy.VerificationTime = _time.GetUtcNow().UtcDateTime;
        return chain.Build(certificate)
            && chain.ChainElements.Count > 1
            && _revoked?.IsAnyRevoked([.. chain.ChainElements.Select(e => e.Certificate)]) != true;
    }
}
