using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Ledger.Integrity.Checkpoints;

/// <summary>What a cosignature is over (C2SP tlog-cosignature): a time, eight bytes long, and the checkpoint.</summary>
internal static class Cosignature
{
    /// <summary>The length of the time before the signature.</summary>
    public const int TimeSize = 8;

    /// <summary>What a cosigner signs who saw a checkpoint at a time.</summary>
    /// <param name="type">The kind of key.</param>
    /// <param name="cosigner">The cosigner's name.</param>
    /// <param name="seconds">When, in Unix time.</param>
    /// <param name="text">The checkpoint's body.</param>
    /// <exception cref="FormatException">The text is not a checkpoint.</exception>
    public static byte[] Over(NoteKeyType type, string cosigner, ulong seconds, byte[] text) =>
        type == NoteKeyType.MlDsaCosignature
            ? Subtree(cosigner, seconds, Checkpoint.Parse(Encoding.UTF8.GetString(text)))
            :
            [
                .. Encoding.UTF8.GetBytes(
                    string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {seconds}\n")
                ),
                .. text,
            ];

    // A checkpoint is the subtree from 0 on. Its extension lines are not signed.
    private static byte[] Subtree(string cosigner, ulong seconds, Checkpoint checkpoint) =>
        [
            .. "subtree/v1\n\0"u8,
            .. Named(cosigner),
            .. BigEndian(seconds),
            .. Named(checkpoint.Origin),
            .. BigEndian(0),
            .. BigEndian((ulong)checkpoint.Size),
            .. checkpoint.Root.ToArray(),
        ];

    private static byte[] Named(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        return bytes.Length <= byte.MaxValue
            ? [(byte)bytes.Length, .. bytes]
            : throw new FormatException("A name in a cosignature has at most 255 bytes.");
    }

    private static byte[] BigEndian(ulong value)
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return bytes;
    }
}
