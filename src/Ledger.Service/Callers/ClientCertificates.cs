using System.Security.Claims;
using System.Security.Cryptography.X509Certificates;
using Ledger.Service.Hosting;
using Microsoft.AspNetCore.Authentication.Certificate;

namespace Ledger.Service.Callers;

/// <summary>
/// Certificates of machines: under the authorities of the options, for clients (extended key usage), in their time, not
/// revoked, and in the mapping file.
/// </summary>
internal sealed class ClientCertificates(LedgerOptions options, TimeProvider time)
{
    private readonly ClientMap _clients = ClientMap.Read(options.Clients);

    private readonly X509Certificate2Collection _authorities = PemFiles.Certificates(
        "Ledger:ClientAuthorities",
        options.ClientAuthorities
    );

    private readonly RevocationList? _revoked =
        options.RevocationList.Length > 0 ? new RevocationList(options.RevocationList, time) : null;

    /// <summary>Has the certificates of the options accepted.</summary>
    public void Configure(CertificateAuthenticationOptions certificates)
    {
        certificates.AllowedCertificateTypes = CertificateTypes.Chained;
        certificates.ChainTrustValidationMode = X509ChainTrustMode.CustomRootTrust;
        certificates.CustomTrustStore = _authorities;
        certificates.ValidateCertificateUse = true;
        certificates.ValidateValidityPeriod = true;

        // The library asks the network for lists; the ledger reads its own file, and needs nobody.
        certificates.RevocationMode = X509RevocationMode.NoCheck;
        certificates.Events = new CertificateAuthenticationEvents
        {
            OnCertificateValidated = context =>
            {
                if (_revoked?.WhyNot(context.ClientCertificate, _authorities) is { } why)
                {
                    context.Fail(why);
                }
                else if (_clients.Find(context.ClientCertificate) is not { } caller)
                {
                    context.Fail("The certificate is that of no client.");
                }
                else
                {
                    context.Principal = new ClaimsPrincipal(new CallerIdentity(caller, context.Scheme.Name));
                    context.Success();
                }

                return Task.CompletedTask;
            },
        };
    }
}
