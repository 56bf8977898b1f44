using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Ledger.Domain;

/// <summary>
/// An event's id follows from the request that caused it, and the request's id is in the content: the id column can be
/// recomputed, and the same request can never make two events.
/// </summary>
public static class EventIds
{
    /// <summary>
    /// The id of a request's event: the first 16 bytes of SHA-256("caf-ledger/event-id/v1" LF ‖ request id ‖ index),
    /// big-endian.
    /// </summary>
    public static Guid Of(Guid requestId, int index)
    {
        var prefix = "caf-ledger/event-id/v1\n"u8;
        Span<byte> bytes = stackalloc byte[prefix.Length + 20];
        prefix.CopyTo(bytes);
        requestId.TryWriteBytes(bytes[prefix.Length..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(bytes[(prefix.Length + 16)..], index);
        Span<byte> digest = stackalloc byte[32];
        SHA256.HashData(bytes, digest);
        return new Guid(digest[..16], bigEndian: true);
    }
}
