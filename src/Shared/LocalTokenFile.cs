using System.Globalization;
using System.Net;

namespace Ledger.Files;

/// <summary>
/// Where a ledger that listens on loopback, with no callers set up, leaves the token of whoever runs it: a file of hers
/// alone, for each address. At another address of the same machine somebody else may listen.
/// </summary>
internal static class LocalTokenFile
{
    /// <summary>The file of an address; null where it names no address of loopback, or there is no home folder.</summary>
    public static string? Of(Uri server)
    {
        var home = Environment.GetFolderPath(
            Environment.SpecialFolder.LocalApplicationData,
            Environment.SpecialFolderOption.DoNotVerify
        );
        return
            home.Length > 0
            && IPAddress.TryParse(server.Host.Trim('[', ']'), out var address)
            && IPAddress.IsLoopback(address)
            ? Path.Combine(
                home,
                "caf-ledger",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{address.ToString().Replace(':', '_')}-{server.Port}.token"
                )
            )
            : null;
    }
}
