using System.Security.Cryptography.X509Certificates;

namespace Ledger.Files;

/// <summary>Whom a client believes to be the server that it calls.</summary>
internal static class ServerTrust
{
    /// <summary>Whoever is under these roots, and nobody else.</summary>
    public static X509ChainPolicy Under(X509Certificate2Collection roots)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }
}
