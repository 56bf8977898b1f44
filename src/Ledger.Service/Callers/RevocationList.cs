using System.Security.Cryptography.X509Certificates;
using Ledger.Service.Hosting;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;
using Link = Org.BouncyCastle.X509.X509Certificate;

namespace Ledger.Service.Callers;

/// <summary>
/// A file of certificate revocation lists (RFC 5280, section 5), one for each authority that a certificate is under.
/// It is read again for every certificate, so that a list that replaces it holds from then on. Where an authority's
/// list is missing, out of date or only a part, everything under it counts as revoked.
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

    /// <summary>Whether any certificate of a chain counts as revoked, from the client's to the root's.</summary>
    public bool IsAnyRevoked(IReadOnlyList<X509Certificate2> chain)
    {
        var parser = new X509CertificateParser();
        var links = chain.Select(c => parser.ReadCertificate(c.RawData)).ToList();
        try
        {
            var lists = Lists();
            return links.Zip(links.Skip(1)).Any(link => IsRevoked(link.First, link.Second, lists));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or GeneralSecurityException)
        {
            return true;
        }
    }

    private bool IsRevoked(Link link, Link issuer, IReadOnlyList<X509Crl> lists)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        var current = lists
            .Where(l =>
                l.IssuerDN.Equivalent(issuer.SubjectDN)
                && l.IsSignatureValid(issuer.GetPublicKey())
                && l.ThisUpdate <= now
                && l.NextUpdate > now
                && l.GetExtensionValue(X509Extensions.DeltaCrlIndicator) is null
                && l.GetExtensionValue(X509Extensions.IssuingDistributionPoint) is null
            )
            .ToList();
        return current.Count == 0 || current.Exists(l => l.IsRevoked(link));
    }

    private List<X509Crl> Lists()
    {
        using var stream = File.OpenRead(_file);
        return [.. new X509CrlParser().ReadCrls(stream)];
    }
}
