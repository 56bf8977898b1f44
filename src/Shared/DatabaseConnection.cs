using System.Net;
using Npgsql;

namespace Ledger.Files;

/// <summary>What a connection to PostgreSQL must be: no password where everybody reads it, and none over a network in
/// clear.</summary>
internal static class DatabaseConnection
{
    /// <summary>Refuses a password on a command line, which every user of the machine may read.</summary>
    /// <exception cref="FormatException">It has one, or is no connection string.</exception>
    public static string OnCommandLine(string connectionString) =>
        string.IsNullOrEmpty(Parsed(connectionString).Password)
            ? Safe(connectionString)
            : throw new FormatException(
                "A password stands on no command line: name a file (Passfile=…), or set PGPASSWORD or PGPASSFILE."
            );

    /// <summary>The connection with TLS and the server's name verified, unless it does not leave the machine.</summary>
    /// <exception cref="FormatException">It asks for less, or is no connection string.</exception>
    public static string Safe(string connectionString)
    {
        var connection = Parsed(connectionString);
        var hosts = (connection.Host ?? Environment.GetEnvironmentVariable("PGHOST") ?? "localhost").Split(',');
        if (hosts.All(IsLocal))
        {
            return connectionString;
        }

        if (connection.SslMode is SslMode.Disable or SslMode.Allow)
        {
            throw new FormatException("PostgreSQL on another machine is reached over TLS: SSL Mode=VerifyFull.");
        }

        if (connection.SslMode == SslMode.Prefer)
        {
            connection.SslMode = SslMode.VerifyFull;
        }

        return connection.ConnectionString;
    }

    private static bool IsLocal(string host) =>
        host.StartsWith('/')
        || host.StartsWith('@')
        || host == "localhost"
        || (IPAddress.TryParse(host.Split(':')[0], out var address) && IPAddress.IsLoopback(address));

    private static NpgsqlConnectionStringBuilder Parsed(string connectionString)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (ArgumentException e)
        {
            throw new FormatException($"It is no connection string of PostgreSQL: {e.Message}", e);
        }
    }
}
