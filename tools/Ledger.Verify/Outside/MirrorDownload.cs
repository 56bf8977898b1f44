using System.Text;
using Ledger.Anchors.EventStore;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Merkle;
using Ledger.Verify.Folders;

namespace Ledger.Verify.Outside;

/// <summary>
/// Brings a mirror's entries and its last checkpoint into a folder, to be verified there like any export.
/// </summary>
public static class MirrorDownload
{
    /// <summary>The last checkpoint that a mirror holds.</summary>
    /// <exception cref="CannotVerifyException">The mirror does not answer, or holds none of this keys.</exception>
    public static async Task<(string Note, Checkpoint Checkpoint)> LastAsync(
        IEventStreams streams,
        LogKeys keys,
        CancellationToken cancel
    )
    {
        try
        {
            return await Mirror.LastCheckpointAsync(streams, keys, cancel)
                ?? throw new CannotVerifyException($"The mirror holds no checkpoint of '{keys.Name}'.");
        }
        catch (Exception e) when (e is FormatException or MirrorUnavailableException)
        {
            throw new CannotVerifyException($"The mirror cannot be read: {e.Message}");
        }
    }

    /// <summary>
    /// The last entry that a mirror holds, which commits to all before it: the mirror's checkpoints come by the
    /// ledger's own hand, its entries cannot be unsaid. A mirror that has no longer all of them is none.
    /// </summary>
    /// <exception cref="CannotVerifyException">The mirror does not answer, holds none, or was truncated.</exception>
    public static async Task<KnownEntry> LastEntryAsync(IEventStreams streams, LogKeys keys, CancellationToken cancel)
    {
        try
        {
            await RequireWholeAsync(streams, keys, cancel);
            return await streams.LastAsync(Mirror.Entries(keys.Name), cancel) is { } last
                ? new KnownEntry("mirrored", last.Revision, Rfc6962.LeafHash(last.Data.Span))
                : throw new CannotVerifyException($"The mirror holds no entry of '{keys.Name}'.");
        }
        catch (MirrorUnavailableException e)
        {
            throw new CannotVerifyException($"The mirror cannot be read: {e.Message}");
        }
    }

    /// <summary>Downloads what the mirror's last checkpoint covers.</summary>
    /// <exception cref="CannotVerifyException">
    /// The mirror does not answer, or holds no checkpoint of this keys.
    /// </exception>
    public static async Task RunAsync(IEventStreams streams, LogKeys keys, string folder, CancellationToken cancel)
    {
        var (note, checkpoint) = await LastAsync(streams, keys, cancel);
        try
        {
            await RequireWholeAsync(streams, keys, cancel);
            var entries = streams
                .ReadAsync(Mirror.Entries(keys.Name), 0, checkpoint.Size, cancel)
                .Select(e => e.Data.ToArray());
            await FolderFiles.KeepEntriesAsync(folder, checkpoint.Size, entries, cancel);
        }
        catch (Exception e) when (e is MirrorUnavailableException or OverflowException)
        {
            throw new CannotVerifyException($"The mirror cannot be read: {e.Message}");
        }

        await FolderFiles.KeepAsync(folder, FolderFiles.Checkpoint, Encoding.UTF8.GetBytes(note), cancel);
    }

    // $maxCount, $tb and a deletion take away the beginning; what is left looks like a mirror from its end.
    private static async Task RequireWholeAsync(IEventStreams streams, LogKeys keys, CancellationToken cancel)
    {
        await foreach (var first in streams.ReadAsync(Mirror.Entries(keys.Name), 0, 1, cancel))
        {
            if (first.Revision != 0)
            {
                throw new CannotVerifyException(
                    $"The mirror was truncated: its entries begin at position {first.Revision}, those before are gone."
                );
            }
        }
    }
}
