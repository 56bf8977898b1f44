using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ledger.Files;
using Ledger.Service.Hosting;

namespace Ledger.Service.Callers;

/// <summary>Certificates and their keys, in PEM files that the options name.</summary>
internal static class PemFiles
{
    /// <summary>The certificates of a file.</summary>
    /// <exception cref="SetupException">It has none, or cannot be read.</exception>
    public static X509Certificate2Collection Certificates(string option, string file)
    {
        var found = new X509Certificate2Collection();
        Reading(option, file, () => found.ImportFromPemFile(file));
        return found.Count > 0 ? found : throw new SetupException($"{option}: {file} has no certificate.");
    }

    /// <summary>The certificate that this service shows, with its key, and those that it is under.</summary>
    /// <exception cref="SetupException">They cannot be read, are not of each other, or others may read the key.</exception>
    public static (X509Certificate2 Own, X509Certificate2Collection Chain) Server(LedgerOptions options)
    {
        Reading("Ledger:CertificateKey", options.CertificateKey, () => PrivateFile.Require(options.CertificateKey));
        var chain = Certificates("Ledger:Certificate", options.Certificate);
        X509Certificate2? own = null;
        Reading(
            "Ledger:Certificate",
            options.Certificate,
            () => own = X509Certificate2.CreateFromPemFile(options.Certificate, options.CertificateKey)
        );
        chain.RemoveAt(0);
        return (own!, chain);
    }

    private static void Reading(string option, string file, Action read)
    {
        try
        {
            read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new SetupException($"{option}: {file} cannot be read: {e.Message}", e);
        }
    }
}
