using System.Security.Cryptography;
using System.Text;

namespace Ledger.Domain.Common;

/// <summary>
/// The request ids of the ledger's own events. They follow from what the event is about, so that nothing is recorded
/// twice, and stand in a namespace that no caller may use: nobody can take the place of an event of the ledger's.
/// </summary>
public static class OwnRequests
{
    // "ledg" in ASCII, then a digest; version 8 (RFC 9562, section 5.8: the meaning of the bits is ours).
    private static ReadOnlySpan<byte> Prefix => "ledg"u8;

    /// <summary>The request id of what the ledger itself records.</summary>
    /// <param name="kind">What kind of event, such as <c>alert</c>.</param>
    /// <param name="key">What tells it from the others of its kind.</param>
    public static Guid Of(string kind, string key)
    {
        Span<byte> bytes = stackalloc byte[16];
        SHA256
            .HashData(Encoding.UTF8.GetBytes($"caf-ledger/own-request/v1\n{kind}\n{key}\n"))
            .AsSpan(0, 16)
            .CopyTo(bytes);
        Prefix.CopyTo(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>Whether a request id is one that only the ledger may use.</summary>
    public static bool Owns(Guid requestId)
    {
        Span<byte> bytes = stackalloc byte[16];
        requestId.TryWriteBytes(bytes, bigEndian: true, out _);
        return bytes[..4].SequenceEqual(Prefix) && requestId.Version == 8;
    }
}
