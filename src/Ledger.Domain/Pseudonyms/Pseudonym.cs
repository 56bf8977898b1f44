using System.Buffers.Text;
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

    /// <summary>The bytes of a pseudonym.</summary>
    /// <exception cref="FormatException">It has not 16.</exception>
    public static byte[] Bytes(string value) =>
        Base64Url.DecodeFromChars(value) is { Length: Size } bytes
            ? bytes
            : throw new FormatException("A pseudonym is 16 bytes in base64url.");
}
