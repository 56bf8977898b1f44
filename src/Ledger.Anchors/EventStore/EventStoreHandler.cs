using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Ledger.Files;

namespace Ledger.Anchors.EventStore;

/// <summary>The HTTP connections to EventStoreDB: whom to trust is as the connection string says.</summary>
internal static class EventStoreHandler
{
    /// <summary>A handler that is its user's to dispose of.</summary>
    public static SocketsHttpHandler Of(EventStoreConnection connection)
    {
        var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true };
        if (!connection.VerifyCertificate)
        {
#pragma warning disable CA5359 // The connection string asks for it: tlsVerifyCert=false.
            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (connection.CertificateAuthority is { } file)
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPemFile(file);
            handler.SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = ServerTrust.Under(roots),
            };
        }

        return handler;
    }
}
