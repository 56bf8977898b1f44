using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tsp;
using Org.BouncyCastle.Utilities.Collections;

namespace Ledger.Tests;

/// <summary>A timestamping authority under a root of its own. Its clock is whatever the test says.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly X509Certificate2 _certificate;
    private readonly RSA _key = RSA.Create(2048);
    private long _serial;

    public TestAuthority()
    {
        using var rootKey = RSA.Create(2048);
        var ca = new CertificateRequest(
            "CN=Test timestamping root",
            rootKey,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        );
        ca.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        ca.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true)
        );
        ca.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(ca.PublicKey, false));
        var (from, until) = (
            new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero),
            new DateTimeOffset(2050, 1, 1, 0, 0, 0, TimeSpan.Zero)
        );
        using var root = ca.CreateSelfSigned(from, until);
        Root = X509CertificateLoader.LoadCertificate(root.RawData);
        var tsa = new CertificateRequest(
            "CN=Test timestamping authority",
            _key,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        );
        tsa.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        tsa.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        tsa.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.8")], true));
        _certificate = tsa.Create(root, from, until, [1, 2, 3, 4]);
    }

    public X509Certificate2 Root { get; }

    public X509Certificate2Collection Roots => [Root];

    /// <summary>The answer of an authority whose clock says this.</summary>
    public byte[] Answer(byte[] query, DateTimeOffset at)
    {
        var certificate = new Org.BouncyCastle.X509.X509Certificate(_certificate.RawData);
        AsymmetricKeyParameter key = DotNetUtilities.GetRsaKeyPair(_key).Private;
        var tokens = new TimeStampTokenGenerator(key, certificate, TspAlgorithms.Sha256, "1.2.3.4.1");
        tokens.SetCertificates(CollectionUtilities.CreateStore<Org.BouncyCastle.X509.X509Certificate>([certificate]));
        return new TimeStampResponseGenerator(tokens, TspAlgorithms.Allowed)
            .Generate(
                new TimeStampRequest(query),
                new BigInteger(
                    Interlocked.Increment(ref _serial).ToString(System.Globalization.CultureInfo.InvariantCulture)
                ),
                at.UtcDateTime
            )
            .GetEncoded();
    }

    /// <summary>The root, then the authority with its key, as PEM files of a folder.</summary>
    public async Task WriteAsync(string folder)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "root.pem"), Root.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(folder, "tsa.pem"), _certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(folder, "tsa.key"), _key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
        Root.Dispose();
    }
}
