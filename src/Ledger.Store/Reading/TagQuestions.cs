using Ledger.Domain.ReadModels;
using Npgsql;

namespace Ledger.Store.Reading;

/// <summary>The questions that the tags of events answer.</summary>
public sealed partial class AccessHistory
{
    /// <summary>Who read the traces, of one file or of all: art. 7.</summary>
    /// <param name="dossier">The file, by its pseudonym under the key of dossiers; null for all.</param>
    /// <param name="known">The position up to which the ledger may know.</param>
    /// <param name="paging">Which page.</param>
    /// <param name="cancel">Stops.</param>
    public async Task<Page<StoredEvent>> TraceReadsAsync(
        string? dossier,
        long known,
        Paging paging,
        CancellationToken cancel
    )
    {
        var kind = Tags.Kind("traces-consulted.v1");
        string[] tags = dossier is null ? [kind] : [kind, Tags.Dossier(dossier)];
        await using var select = database.Source.CreateCommand(
            """
            select position from ledger.event_tag where tag = any($1) and position > $2 and position <= $3
            group by position having count(*) = $4 order by position limit $5
            """
        );
        select.Parameters.AddRange(
            new NpgsqlParameter[]
            {
                new() { Value = tags },
                new() { Value = Cursor.ParsePosition(paging.After) },
                new() { Value = known },
                new() { Value = (long)tags.Length },
                new() { Value = paging.Size + 1 },
            }
        );
        var found = await PositionsAsync(select, cancel);
        var events = await database.EventsAtAsync([.. found.Take(paging.Size)], cancel);
        return new Page<StoredEvent>(events, found.Count > paging.Size ? $"{events[^1].Fact.Position}" : null);
    }
}
