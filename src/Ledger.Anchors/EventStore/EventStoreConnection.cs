using System.Globalization;

namespace Ledger.Anchors.EventStore;

/// <summary>
/// An EventStoreDB connection string: <c>esdb://user:password@host:2113,other?tls=true&amp;…</c>, or
/// <c>esdb+discover://…</c> to ask for the leader.
/// </summary>
/// <param name="Seeds">The hosts, with their ports.</param>
/// <param name="Discover">Whether the hosts are asked which of the cluster leads.</param>
/// <param name="User">Whom to be; null for nobody.</param>
/// <param name="Password">The password of the user.</param>
/// <param name="Tls">Whether the connection is encrypted: yes, unless the string says <c>tls=false</c>.</param>
/// <param name="VerifyCertificate">
/// Whether the server must prove who it is: yes, unless the string says <c>tlsVerifyCert=false</c>.
/// </param>
/// <param name="CertificateAuthority">
/// A PEM file of the authority of the server's certificate (<c>tlsCaFile</c>); null for the system's.
/// </param>
/// <param name="Name">The name that the server logs (<c>connectionName</c>).</param>
/// <param name="Deadline">How long one call may take (<c>defaultDeadline</c>, milliseconds): 10 s unless said.</param>
public sealed record EventStoreConnection(
    IReadOnlyList<(string Host, int Port)> Seeds,
    bool Discover,
    string? User,
    string? Password,
    bool Tls,
    bool VerifyCertificate,
    string? CertificateAuthority,
    string Name,
    TimeSpan Deadline
)
{
    private const int DefaultPort = 2113;

    /// <summary>Reads a connection string. Settings that do not bear on a mirror are ignored.</summary>
    /// <exception cref="FormatException">
    /// It is not one: the message says why, without repeating its password.
    /// </exception>
    public static EventStoreConnection Parse(string text)
    {
        var scheme = text.Split("://", 2);
        if (scheme is not ["esdb" or "esdb+discover" or "kurrentdb" or "kurrentdb+discover", var rest])
        {
            throw new FormatException(
                "A connection string of EventStoreDB begins with 'esdb://' or 'esdb+discover://'."
            );
        }

        var parts = rest.Split('?', 2);
        var authority = parts[0].TrimEnd('/');
        var at = authority.LastIndexOf('@');
        var credentials = at < 0 ? null : authority[..at].Split(':', 2);
        if (credentials is { Length: not 2 })
        {
            throw new FormatException(
                "The credentials of a connection string are 'user:password@'; on a command line the password comes from "
                    + "LEDGER_MIRROR_PASSWORD."
            );
        }

        var settings = Settings(parts.Length < 2 ? string.Empty : parts[1]);
        return new EventStoreConnection(
            [.. authority[(at + 1)..].Split(',').Select(Seed)],
            scheme[0].EndsWith("+discover", StringComparison.Ordinal),
            credentials is null ? null : Uri.UnescapeDataString(credentials[0]),
            credentials is null ? null : Uri.UnescapeDataString(credentials[1]),
            Flag(settings, "tls"),
            Flag(settings, "tlsVerifyCert"),
            settings.GetValueOrDefault("tlsCaFile"),
            settings.GetValueOrDefault("connectionName", "caf-ledger"),
            Deadlined(settings)
        );
    }

    /// <summary>The address of a host.</summary>
    public Uri AddressOf(string host, int port) =>
        new UriBuilder(Tls ? Uri.UriSchemeHttps : Uri.UriSchemeHttp, host, port).Uri;

    private static (string Host, int Port) Seed(string text)
    {
        var parts = text.Split(':');
        var port = DefaultPort;
        return
            parts.Length <= 2
            && parts[0].Length > 0
            && Uri.CheckHostName(parts[0]) != UriHostNameType.Unknown
            && (
                parts.Length == 1
                || (
                    int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out port)
                    && port is > 0 and <= ushort.MaxValue
                )
            )
            ? (parts[0], port)
            : throw new FormatException($"'{text}' is not a host with a port.");
    }

    private static Dictionary<string, string> Settings(string text)
    {
        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var setting in text.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            if (setting.Split('=', 2) is not [var name, var value])
            {
                throw new FormatException($"The setting '{setting}' has no value.");
            }

            if (!settings.TryAdd(name, Uri.UnescapeDataString(value)))
            {
                throw new FormatException($"The setting '{name}' is given twice.");
            }
        }

        return settings;
    }

    private static bool Flag(Dictionary<string, string> settings, string name) =>
        !settings.TryGetValue(name, out var text)
        || (
            bool.TryParse(text, out var flag)
                ? flag
                : throw new FormatException($"The setting '{name}' is true or false.")
        );

    private static TimeSpan Deadlined(Dictionary<string, string> settings) =>
        !settings.TryGetValue("defaultDeadline", out var text) ? TimeSpan.FromSeconds(10)
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds > 0
            ? TimeSpan.FromMilliseconds(milliseconds)
        : throw new FormatException("The setting 'defaultDeadline' is a number of milliseconds.");
}
