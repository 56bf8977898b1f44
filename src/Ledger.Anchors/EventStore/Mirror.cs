using System.Security.Cryptography;
using System.Text;
using Ledger.Integrity.Checkpoints;

namespace Ledger.Anchors.EventStore;

/// <summary>
/// How a ledger looks in a mirror: a stream of entries, whose revisions are the positions, and a stream of checkpoints.
/// </summary>
public static class Mirror
{
    /// <summary>The type of an entry's event. Its data are the entry, as it was hashed.</summary>
    public const string EntryType = "caf-ledger-entry.v1";

    /// <summary>The type of a checkpoint's event. Its data are the signed note.</summary>
    public const string CheckpointType = "caf-ledger-checkpoint.v1";

    /// <summary>The stream of the entries of a ledger.</summary>
    public static string Entries(string origin) => $"caf_ledger_entries-{origin}";

    /// <summary>The stream of the checkpoints of a ledger.</summary>
    public static string Checkpoints(string origin) => $"caf_ledger_checkpoints-{origin}";

    /// <summary>The event of an entry. The same entry has the same id.</summary>
    public static StreamEvent Of(byte[] entry) => new(IdOf(entry), EntryType, entry);

    /// <summary>The event of a checkpoint. The same note has the same id.</summary>
    public static StreamEvent Of(string note) =>
        new(IdOf(Encoding.UTF8.GetBytes(note)), CheckpointType, Encoding.UTF8.GetBytes(note));

    /// <summary>The last checkpoint that a mirror holds; null for none.</summary>
    /// <exception cref="FormatException">The last event of its stream is no checkpoint of this key.</exception>
    /// <exception cref="MirrorUnavailableException">The mirror does not answer.</exception>
    public static async Task<(string Note, Checkpoint Checkpoint)?> LastCheckpointAsync(
        IEventStreams streams,
        LogKeys keys,
        CancellationToken cancel
    )
    {
        if (await streams.LastAsync(Checkpoints(keys.Name), cancel) is not { } last)
        {
            return null;
        }

        var note = Encoding.UTF8.GetString(last.Data.Span);
        return (note, keys.Open(note));
    }

    private static Guid IdOf(byte[] data) => new(SHA256.HashData(data).AsSpan(0, 16));
}
