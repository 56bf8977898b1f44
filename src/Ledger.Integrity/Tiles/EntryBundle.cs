using System.Buffers.Binary;

namespace Ledger.Integrity.Tiles;

/// <summary>Entries one after another, each after its length in two bytes, big-endian: C2SP tlog-tiles.</summary>
public static class EntryBundle
{
    /// <summary>The bundle of these entries.</summary>
    public static byte[] Encode(IEnumerable<byte[]> entries)
    {
        using var bundle = new MemoryStream();
        Span<byte> length = stackalloc byte[2];
        foreach (var entry in entries)
        {
            BinaryPrimitives.WriteUInt16BigEndian(length, checked((ushort)entry.Length));
            bundle.Write(length);
            bundle.Write(entry);
        }

        return bundle.ToArray();
    }

    /// <summary>The entries of a bundle.</summary>
    /// <exception cref="FormatException">The bundle ends in the middle of an entry.</exception>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Decode(ReadOnlyMemory<byte> bundle)
    {
        var entries = new List<ReadOnlyMemory<byte>>(TilePath.Width);
        while (!bundle.IsEmpty)
        {
            if (
                bundle.Length < 2
                || BinaryPrimitives.ReadUInt16BigEndian(bundle.Span) is var length && bundle.Length < 2 + length
            )
            {
                throw new FormatException("The bundle of entries ends in the middle of an entry.");
            }

            entries.Add(bundle.Slice(2, length));
            bundle = bundle[(2 + length)..];
        }

        return entries;
    }
}
