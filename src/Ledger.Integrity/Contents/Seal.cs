using Org.BouncyCastle.Cms;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.OpenSsl;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Security.Certificates;
using Org.BouncyCastle.X509;

namespace Ledger.Integrity.Contents;

/// <summary>
/// A stream that one person alone reads: CMS EnvelopedData (RFC 5652, section 6) with AES-256, to the RSA key of a
/// certificate. <c>openssl cms -decrypt -inform DER</c> opens it too. It hides and does not prove: what is inside is held
/// against the signed log.
/// </summary>
public static class Seal
{
    /// <summary>The name of the file of contents in an exported folder.</summary>
    public const string FileName = "contents.cms";

    private const int LeastBits = 2048;

    /// <summary>A stream to write to; what it enciphers goes into another, and is whole once it is disposed of.</summary>
    /// <exception cref="FormatException">The certificate is none, or its key is not RSA of 2048 bits or more.</exception>
    public static Stream To(byte[] certificate, Stream into)
    {
        var generator = new CmsEnvelopedDataStreamGenerator();
        generator.AddKeyTransRecipient(Certificate(certificate));
        return generator.Open(into, CmsEnvelopedGenerator.Aes256Cbc);
    }

    /// <summary>What a sealed stream holds.</summary>
    /// <param name="from">The sealed stream.</param>
    /// <param name="privateKey">The recipient's key, in PEM.</param>
    /// <exception cref="FormatException">The stream is not sealed, or not to that key; or the key is none.</exception>
    public static Stream Open(Stream from, string privateKey)
    {
        var key = PrivateKey(privateKey);
        try
        {
            foreach (var recipient in new CmsEnvelopedDataParser(from).GetRecipientInfos().GetRecipients())
            {
                return recipient.GetContentStream(key).ContentStream;
            }
        }
        catch (Exception e) when (e is CmsException or IOException or InvalidCastException or ArgumentException)
        {
            throw new FormatException($"The contents are not sealed to that key: {e.Message}", e);
        }

        throw new FormatException("The contents are sealed to nobody.");
    }

    private static X509Certificate Certificate(byte[] file)
    {
        try
        {
            return
                new X509CertificateParser().ReadCertificate(file) is { } found
                && found.GetPublicKey() is RsaKeyParameters rsa
                && rsa.Modulus.BitLength >= LeastBits
                ? found
                : throw new FormatException($"A certificate with an RSA key of {LeastBits} bits or more is needed.");
        }
        catch (Exception e) when (e is CertificateException or IOException or ArgumentException)
        {
            throw new FormatException($"The certificate cannot be read: {e.Message}", e);
        }
    }

    private static AsymmetricKeyParameter PrivateKey(string pem)
    {
        try
        {
            using var text = new StringReader(pem);
            return new PemReader(text).ReadObject() switch
            {
                AsymmetricCipherKeyPair pair => pair.Private,
                AsymmetricKeyParameter { IsPrivate: true } key => key,
                _ => throw new FormatException("The file holds no private key in PEM."),
            };
        }
        catch (Exception e)
            when (e is Org.BouncyCastle.OpenSsl.PasswordException or GeneralSecurityException or IOException)
        {
            throw new FormatException($"The private key cannot be read: {e.Message}", e);
        }
    }
}
