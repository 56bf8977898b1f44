namespace Ledger.Store.Appending;

/// <summary>
/// The versions of the journals that this process wrote last, so that entries can be hashed while PostgreSQL takes the
/// events.
/// Forgotten as soon as the log has grown by another hand.
/// </summary>
internal sealed class JournalVersions
{
    private const int Most = 1000;

    private readonly Dictionary<string, long> _versions = [];
    private long _size = -1;

    /// <summary>Called under the head's lock, with the size that the log has.</summary>
    public void Begin(long size)
    {
        if (size != _size || _versions.Count > Most)
        {
            _versions.Clear();
        }
    }

    /// <summary>The journal's last version, or null where it is not known.</summary>
    public long? Of(string journal) => _versions.TryGetValue(journal, out var version) ? version : null;

    /// <summary>A journal's last version once the log has <paramref name="size"/> entries.</summary>
    public void Learn(string journal, long version, long size) => (_versions[journal], _size) = (version, size);
}
