using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Ledger.Domain.Common;

namespace Ledger.Service.AccessHistory;

/// <summary>
/// Page tokens: the place that a page ended at and the knowledge that the answer stands on, bound to the question by a
/// keyed hash. All pages of an answer have one basis, and no token serves another question.
/// </summary>
/// <param name="key">A key that the nodes of the ledger share.</param>
internal sealed class PageTokens(byte[] key)
{
    private const int MacSize = 16;

    /// <summary>A token.</summary>
    /// <param name="question">The digest of the question.</param>
    /// <param name="known">The position that the answer knows.</param>
    /// <param name="place">Where the page ended.</param>
    public string Write(byte[] question, long known, string place)
    {
        var body = new byte[sizeof(long) + Encoding.UTF8.GetByteCount(place)];
        BinaryPrimitives.WriteInt64BigEndian(body, known);
        Encoding.UTF8.GetBytes(place, body.AsSpan(sizeof(long)));
        return Base64Url.EncodeToString([.. Mac(question, body), .. body]);
    }

    /// <summary>Reads a token.</summary>
    /// <exception cref="InvalidFieldException">It is not one of this question, or was changed.</exception>
    public (long Known, string Place) Read(string token, byte[] question)
    {
        const int most = 1024;
        if (token.Length <= most && Base64Url.IsValid(token))
        {
            var bytes = Base64Url.DecodeFromChars(token);
            if (bytes.Length > MacSize + sizeof(long))
            {
                var body = bytes[MacSize..];
                if (CryptographicOperations.FixedTimeEquals(bytes.AsSpan(0, MacSize), Mac(question, body)))
                {
                    return (
                        BinaryPrimitives.ReadInt64BigEndian(body),
                        Encoding.UTF8.GetString(body.AsSpan(sizeof(long)))
                    );
                }
            }
        }

        throw new InvalidFieldException(
            "paging.token",
            "The page token is not one that this ledger gave for this question."
        );
    }

    private byte[] Mac(byte[] question, byte[] body)
    {
        byte[] signed = [.. question, .. body];
        return HMACSHA256.HashData(key, signed)[..MacSize];
    }
}
