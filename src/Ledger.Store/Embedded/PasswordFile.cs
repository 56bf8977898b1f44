using System.Security.Cryptography;
using System.Text;
using Ledger.Files;

namespace Ledger.Store.Embedded;

/// <summary>
/// The password of a role of the embedded PostgreSQL: a file in libpq's form, which connection strings name and which
/// nobody but its owner reads. So no connection string, log or command line has a password.
/// </summary>
internal static class PasswordFile
{
    /// <summary>Where a role's stands.</summary>
    public static string Of(string folder, string role) => Path.Combine(folder, $"{role}.pgpass");

    /// <summary>The password of a role; made up where there is none yet.</summary>
    public static string ReadOrMake(string folder, string role)
    {
        var file = Of(folder, role);
        if (!File.Exists(file))
        {
            var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
            DurableFile.WriteOnce(file, Encoding.ASCII.GetBytes($"*:*:*:{role}:{password}\n"));
        }

        return File.ReadAllText(file).TrimEnd().Split(':')[^1];
    }
}
