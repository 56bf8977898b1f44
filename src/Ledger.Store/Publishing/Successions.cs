using Ledger.Domain;
using Ledger.Domain.Control;
using Ledger.Files;
using Ledger.Integrity.Checkpoints;
using Ledger.Store.Schema;

namespace Ledger.Store.Publishing;

/// <summary>The successions of a ledger's keys, as its log has them. Each is believed for its signatures alone.</summary>
public static class Successions
{
    /// <summary>All of them, oldest first.</summary>
    public static async Task<IReadOnlyList<string>> AllAsync(LedgerDatabase database, CancellationToken cancel)
    {
        var events = await RotationRows.ReadAsync(database.Source, cancel);
        return
        [
            .. events
                .Where(e => e.Type == RotationRows.Type)
                .Select(e => (SigningKeyRotated)EventCodec.Decode(e.Type, e.Content).Event)
                .Select(e => e.Succession),
        ];
    }

    /// <summary>The keys that they lead to from a pinned one.</summary>
    /// <exception cref="FormatException">One is not signed, or the pinned key was revoked.</exception>
    public static async Task<LogKeys> FollowAsync(
        LedgerDatabase database,
        NoteVerifier pinned,
        CancellationToken cancel
    ) => LogKeys.Following(pinned, await AllAsync(database, cancel));
}
