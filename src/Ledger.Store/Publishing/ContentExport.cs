using Ledger.Integrity.Contents;
using Ledger.Integrity.Tiles;
using Ledger.Store.Schema;

namespace Ledger.Store.Publishing;

/// <summary>Writes what the entries of an exported folder commit to.</summary>
public static class ContentExport
{
    /// <summary>Writes the contents of the first entries, one a line, in their order.</summary>
    public static async Task WriteAsync(LedgerDatabase database, long size, Stream into, CancellationToken cancel)
    {
        for (long from = 0; from < size; from += TilePath.Width)
        {
            var count = (int)Math.Min(TilePath.Width, size - from);
            var positions = Enumerable.Range(0, count).Select(i => from + i).ToList();
            foreach (var found in await EvidenceSource.EventsAsync(database, positions, null, cancel))
            {
                await into.WriteAsync(new ContentLine(found.Position, found.Salt, found.Content).ToBytes(), cancel);
            }
        }
    }
}
