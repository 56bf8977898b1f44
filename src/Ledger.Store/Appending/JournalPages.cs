using System.Collections.Immutable;

namespace Ledger.Store.Appending;

/// <summary>
/// A journal is written in pages, each a stream of its own. Marten updates a stream's row with every batch, and beside a
/// snapshot that stays open each update leaves a version that the next has to pass: so a page ends after some batches.
/// It is named after the position of its first event, and no other node writes to it; the names of pages sort as their
/// positions do, so that the index of streams grows at one place.
/// </summary>
/// <param name="open">The pages that may be gone on with, by journal.</param>
internal sealed class JournalPages(ImmutableDictionary<string, JournalPage> open)
{
    private const int MostBatches = 64;
    private const int MostJournals = 1000;

    private readonly ImmutableDictionary<string, JournalPage>.Builder _pages = (
        open.Count < MostJournals ? open : ImmutableDictionary<string, JournalPage>.Empty
    ).ToBuilder();

    private readonly HashSet<string> _inThisBatch = new(StringComparer.Ordinal);

    /// <summary>The stream of an event of a journal, and its number in it.</summary>
    public (string Stream, long Version) Next(string journal, long position)
    {
        var page = _pages.GetValueOrDefault(journal);
        if (_inThisBatch.Add(journal))
        {
            page = page is { Batches: < MostBatches }
                ? page with
                {
                    Batches = page.Batches + 1,
                }
                : new JournalPage($"{journal}-{position:x9}", 0, 1);
        }

        page = page! with { Version = page.Version + 1 };
        _pages[journal] = page;
        return (page.Stream, page.Version);
    }

    /// <summary>The pages as they are after the batch.</summary>
    public ImmutableDictionary<string, JournalPage> ToImmutable() => _pages.ToImmutable();
}

/// <summary>A page of a journal.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Version">The number of its last event.</param>
/// <param name="Batches">How many batches wrote to it.</param>
internal sealed record JournalPage(string Stream, long Version, int Batches);
