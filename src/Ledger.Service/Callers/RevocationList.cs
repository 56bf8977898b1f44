using System.Security.Cryptography.X509Certificates;
using Ledger.Service.Hosting;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;
using Link = Org.BouncyCastle.X509.X509Certificate;

namespace Ledger.Service.Callers;

/// <summary>
/// A file of certificate revocation lists (RFC 5280, section 5), one for each authority that a certificate is under.
/// It is read again for every certificate, so that a list that replaces it holds from then on. A list that is missing,
/// not its authority's, or out of date revokes everything under that authority.
/// </summary>
internal sealed class RevocationList
{
    private readonly string _file;
    private readonly TimeProvider _time;

    /// <param name="file">In PEM or DER.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="SetupException">The file has no list.</exception>
    public RevocationList(string file, TimeProvider time)
    {
        (_file, _time) = (file, time);
        try
        {
            if (Lists().Count > 0)
            {
                return;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or GeneralSecurityException)
        {
            throw new SetupException($"Ledger:RevocationList: {file} cannot be read: {e.Message}", e);
        }

        throw new SetupException($"Ledger:RevocationList: {file} has no list.");
    }

    /// <summary>Why a certificate does not count, or null where it does.</summary>
    public string? WhyNot(X509Certificate2 certificate, X509Certificate2Collection authorities)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.Build(certificate);
        var parser = new X509CertificateParser();
        var links = chain.ChainElements.Select(e => parser.ReadCertificate(e.Certificate.RawData)).ToList();
        try
        {
            var lists = Lists();
            return links
                .Zip(links.Skip(1))
                .Select(link => WhyNot(link.First, link.Second, lists))
                .OfType<string>()
                .FirstOrDefault();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or GeneralSecurityException)
        {
            return $"The revocation list {_file} cannot be read: {e.Message}";
        }
    }

    private List<X509Crl> Lists()
    {
        using var stream = File.OpenRead(_file);
        return [.. new X509CrlParser().ReadCrls(stream)];
    }

    private string? WhyNot(Link link, Link issuer, IReadOnlyList<X509Crl> lists)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        var current = lists.FirstOrDefault(l =>
            l.IssuerDN.Equivalent(issuer.SubjectDN)
            && l.IsSignatureValid(issuer.GetPublicKey())
            && l.ThisUpdate <= now
            && l.NextUpdate > now
        );
        return current is null ? $"There is no current revocation list of {issuer.SubjectDN}."
            : current.IsRevoked(link) ? $"The certificate of {link.SubjectDN} is revoked."
            : null;
    }
}
