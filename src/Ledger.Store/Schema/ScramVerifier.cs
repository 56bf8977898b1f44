using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Ledger.Store.Schema;

/// <summary>
/// What PostgreSQL keeps of a password (SCRAM-SHA-256, RFC 5802 and 7677): given to it instead of the password, which
/// then stands in no log of the server's.
/// </summary>
internal static class ScramVerifier
{
    private const int Iterations = 4096;
    private const int SaltSize = 16;

    /// <summary>The verifier of a password.</summary>
    /// <exception cref="FormatException">The password is not printable ASCII, which is prepared in one way
    /// only.</exception>
    public static string Of(string password)
    {
        if (password.Length == 0 || password.Any(c => c is < ' ' or > '~'))
        {
            throw new FormatException("A password is printable ASCII.");
        }

        var salt = RandomNumberGenerator.GetBytes(SaltSize);
        var salted = Rfc2898DeriveBytes.Pbkdf2(
            Encoding.ASCII.GetBytes(password),
            salt,
            Iterations,
            HashAlgorithmName.SHA256,
            32
        );
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var server = HMACSHA256.HashData(salted, "Server Key"u8);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"SCRAM-SHA-256${Iterations}:{Convert.ToBase64String(salt)}"
                + $"${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}"
        );
    }
}
