using Ledger.Integrity.Contents;
using Ledger.Integrity.Tiles;

namespace Ledger.Verify.Folders;

/// <summary>Holds the sealed contents of an exported folder against its entries.</summary>
internal static class ContentCheck
{
    /// <summary>What is wrong with them; nothing where every entry has its own.</summary>
    /// <exception cref="CannotVerifyException">There are none, or they are not sealed to that key.</exception>
    public static FindingList Run(string folder, long size, string keyFile)
    {
        var findings = new FindingList();
        try
        {
            using var sealedFile = File.OpenRead(Path.Combine(folder, Seal.FileName));
            using var lines = new StreamReader(Seal.Open(sealedFile, File.ReadAllText(keyFile)));
            Run(folder, size, lines, findings);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new CannotVerifyException($"The contents cannot be opened: {e.Message}");
        }

        return findings;
    }

    private static void Run(string folder, long size, StreamReader lines, FindingList findings)
    {
        var (next, bundle) = (0L, (Index: -1L, Entries: (IReadOnlyList<LoadedEntry>)[]));
        while (Next(lines, next, findings) is { } line)
        {
            for (; next < Math.Min(line.Position, size); next++)
            {
                findings.Add(new(FindingKind.Deleted, next, "content", "The contents lack this entry's."));
            }

            if (line.Position < next || line.Position >= size)
            {
                findings.Add(new(FindingKind.Inserted, line.Position, "content", "The contents hold one too many."));
                continue;
            }

            var index = line.Position / TilePath.Width;
            if (bundle.Index != index)
            {
                var width = (int)Math.Min(TilePath.Width, size - (index * TilePath.Width));
                bundle = (index, LoadedBundle.Load(folder, index, width, withTiles: false).Entries);
            }

            var place = (int)(line.Position % TilePath.Width);
            if (place < bundle.Entries.Count && bundle.Entries[place].Entry is { } entry && !line.IsOf(entry))
            {
                findings.Add(new(FindingKind.Modified, line.Position, "content", "It is not what was recorded."));
            }

            next++;
        }

        for (; next < size; next++)
        {
            findings.Add(new(FindingKind.Deleted, next, "content", "The contents lack this entry's."));
        }
    }

    // What cannot be read any further lacks the rest; of what another key opens nothing can be read.
    private static ContentLine? Next(StreamReader lines, long position, FindingList findings)
    {
        try
        {
            return lines.ReadLine() is { } line ? ContentLine.Parse(line) : null;
        }
        catch (Exception e) when (e is FormatException or IOException or Org.BouncyCastle.Crypto.CryptoException)
        {
            if (position == 0)
            {
                throw new CannotVerifyException("The contents are not sealed to that key, or were changed.");
            }

            findings.Add(new(FindingKind.Modified, position, "content", e.Message));
            return null;
        }
    }
}
