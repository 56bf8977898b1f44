using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Ledger.Domain.Common;

namespace Ledger.Domain.Pseudonyms;

/// <summary>An allocataire as a fact of use knows her: her lasting pseudonym, seen through the key of a month.</summary>
/// <param name="Epoch">The month of the key, <c>yyyy-MM</c>.</param>
/// <param name="Value">16 bytes, base64url.</param>
public sealed record Pseudonym(string Epoch, string Value)
{
    /// <summary>The length of a pseudonym in bytes.</summary>
    public const int Size = 16;

    /// <summary>A pseudonym under the key of the month of an instant.</summary>
    public static Pseudonym In(DateTimeOffset at, string value) => new(LegalTime.EpochOf(at), value);

    /// <summary>
    /// The lasting pseudonym of a file: HMAC-SHA-256 of (Caf, matricule), cut to 16 bytes. A matricule has seven
    /// digits: without a key, trying them all would undo any hash.
    /// </summary>
    /// <param name="key">The key of dossiers.</param>
    /// <param name="caf">The Caf that holds the file.</param>
    /// <param name="matricule">Its number there.</param>
    public static string Lasting(byte[] key, CafCode caf, Matricule matricule) =>
        Base64Url.EncodeToString(
            HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{caf}\n{matricule.Value}")).AsSpan(0, Size)
        );

    /// <summary>The bytes of a pseudonym.</summary>
    /// <exception cref="FormatException">It has not 16.</exception>
    public static byte[] Bytes(string value) =>
        Base64Url.DecodeFromChars(value) is { Length: Size } bytes
            ? bytes
            : throw new FormatException("A pseudonym is 16 bytes in base64url.");
}
