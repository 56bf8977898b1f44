using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Ledger.Tests;

/// <summary>An authority of certificates, with its revocation list, in PEM files of a folder.</summary>
internal sealed class TestPki : IDisposable
{
    private static readonly Oid ForClients = new("1.3.6.1.5.5.7.3.2");
    private static readonly Oid ForServers = new("1.3.6.1.5.5.7.3.1");

    private readonly X509Certificate2 _root;
    private readonly string _folder;
    private readonly string _name;

    public TestPki(string folder, string name = "ca")
    {
        (_folder, _name) = (folder, name);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=Test {name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true)
        );
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _root = request.CreateSelfSigned(Now.AddDays(-400), Now.AddDays(400));
        File.WriteAllText(Authority, _root.ExportCertificatePem());
        Revoke(Now.AddDays(1));
    }

    public static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public string Authority => Path.Combine(_folder, $"{_name}.pem");

    public string RevocationList => Path.Combine(_folder, $"{_name}.crl");

    public X509Certificate2Collection Roots => [X509CertificateLoader.LoadCertificate(_root.RawData)];

    /// <summary>What a client believes that trusts this authority alone.</summary>
    public X509ChainPolicy Trust()
    {
        var trust = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        trust.CustomTrustStore.AddRange(Roots);
        return trust;
    }

    /// <summary>The service's own certificate and key, as files.</summary>
    public (string Certificate, string Key) Server()
    {
        using var made = Make("localhost", ForServers, Now.AddDays(-1), Now.AddDays(1));
        var (certificate, key) = (
            Path.Combine(_folder, $"{_name}-server.pem"),
            Path.Combine(_folder, $"{_name}-server.key")
        );
        File.WriteAllText(certificate, made.ExportCertificatePem());
        using var secret = made.GetECDsaPrivateKey()!;
        File.WriteAllText(key, secret.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return (certificate, key);
    }

    /// <summary>A client's certificate, with its key.</summary>
    public X509Certificate2 Client(
        string name,
        DateTimeOffset? from = null,
        DateTimeOffset? until = null,
        Uri? issuerAt = null
    ) => Make(name, ForClients, from ?? Now.AddDays(-1), until ?? Now.AddDays(1), issuerAt);

    /// <summary>A server's certificate in a client's hands.</summary>
    public X509Certificate2 NoClient(string name) => Make(name, ForServers, Now.AddDays(-1), Now.AddDays(1));

    /// <summary>Writes the revocation list anew.</summary>
    public void Revoke(DateTimeOffset nextUpdate, params X509Certificate2[] revoked) =>
        File.WriteAllText(RevocationList, List(nextUpdate, revoked));

    /// <summary>A revocation list in PEM.</summary>
    public string List(DateTimeOffset nextUpdate, params X509Certificate2[] revoked)
    {
        var list = new CertificateRevocationListBuilder();
        foreach (var certificate in revoked)
        {
            list.AddEntry(certificate);
        }

        return PemEncoding.WriteString(
            "X509 CRL",
            list.Build(_root, 1, nextUpdate, HashAlgorithmName.SHA256, thisUpdate: Now.AddDays(-2))
        );
    }

    public void Dispose() => _root.Dispose();

    private X509Certificate2 Make(string name, Oid use, DateTimeOffset from, DateTimeOffset until, Uri? issuerAt = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([use], true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        if (issuerAt is not null)
        {
            request.CertificateExtensions.Add(
                new X509AuthorityInformationAccessExtension([], [issuerAt.ToString()], critical: false)
            );
        }

        using var made = request.Create(_root, from, until, RandomNumberGenerator.GetBytes(8));
        return made.CopyWithPrivateKey(key);
    }
}
