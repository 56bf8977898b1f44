using Ledger.Domain;
using Ledger.Domain.Control;
using Ledger.Integrity.Checkpoints;
using Ledger.Store.Reading;
using Ledger.Store.Schema;

namespace Ledger.Store.Publishing;

/// <summary>The successions of a ledger's keys, as its log has them. Each is believed for its signatures alone.</summary>
public static class Successions
{
    private const string RotatedType = "signing-key-rotated.v1";

    /// <summary>All of them, oldest first.</summary>
    public static async Task<IReadOnlyList<string>> AllAsync(LedgerDatabase database, CancellationToken cancel)
    {
        await using var select = database.Source.CreateCommand(
            """
            select e.type, e.bdata from ledger.event_tag t
            join ledger.ledger_leaf l on l.position = t.position
            join ledger.mt_events e on e.seq_id = l.seq_id
            where t.tag = 'kind:signing-key-rotated.v1' order by t.position
            """
        );
        var events = await select.RowsAsync(r => (r.GetString(0), r.GetFieldValue<byte[]>(1)), cancel);
        return
        [
            .. events
                .Where(e => e.Item1 == RotatedType)
                .Select(e => (SigningKeyRotated)EventCodec.Decode(e.Item1, e.Item2).Event)
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
