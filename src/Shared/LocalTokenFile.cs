using System.Globalization;

namespace Ledger.Files;

/// <summary>
/// Where a ledger that listens on loopback, with no callers set up, leaves the token of whoever runs it: a file of hers
/// alone, for each port.
/// </summary>
internal static class LocalTokenFile
{
    /// <summary>The file of a port; null where there is no home folder.</summary>
    public static string? Of(int port) =>
        Environment.GetFolderPath(
            Environment.SpecialFolder.LocalApplicationData,
            Environment.SpecialFolderOption.DoNotVerify
        )
            is { Length: > 0 } home
            ? Path.Combine(home, "caf-ledger", $"{port.ToString(CultureInfo.InvariantCulture)}.token")
            : null;
}
