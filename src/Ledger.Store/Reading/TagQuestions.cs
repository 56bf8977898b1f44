using Ledger.Domain.Common;
using Ledger.Domain.Control;
using Ledger.Domain.ReadModels;
using Npgsql;

namespace Ledger.Store.Reading;

/// <summary>The questions that the tags of events answer.</summary>
public sealed partial class AccessHistory
{
    /// <summary>Who of a Caf read the traces, of one file or of all: art. 7.</summary>
    /// <param name="caf">The Caf.</param>
    /// <param name="dossier">The file, by its pseudonym under the key of dossiers; null for all.</param>
    /// <param name="request">Only questions that rest on this case; null for all.</param>
    /// <param name="known">The position up to which the ledger may know.</param>
    /// <param name="paging">Which page.</param>
    /// <param name="cancel">Stops.</param>
    public async Task<Page<StoredEvent>> TraceReadsAsync(
        CafCode caf,
        string? dossier,
        ProcedureId? request,
        long known,
        Paging paging,
        CancellationToken cancel
    )
    {
        var found = new List<StoredEvent>();
        string[] tags =
        [
            Tags.Kind("traces-consulted.v1"),
            .. dossier is null ? [] : new[] { Tags.Dossier(dossier) },
            .. request is { } id ? [Tags.Case(id)] : Array.Empty<string>(),
        ];
        var (after, more) = (Cursor.ParsePosition(paging.After), true);
        while (more && found.Count <= paging.Size)
        {
            var reads = await TaggedAfterAsync(after, tags, known, paging.Size + 1, cancel);
            found.AddRange(reads.Where(e => ((TracesConsulted)e.Fact.Event).Caf == caf));
            more = reads.Count > paging.Size;
            after = more ? reads[^1].Fact.Position : after;
        }

        return new Page<StoredEvent>(
            [.. found.Take(paging.Size)],
            found.Count > paging.Size ? $"{found[paging.Size - 1].Fact.Position}" : null
        );
    }

    private async Task<IReadOnlyList<StoredEvent>> TaggedAfterAsync(
        long after,
        string[] tags,
        long known,
        int most,
        CancellationToken cancel
    )
    {
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
                new() { Value = after },
                new() { Value = known },
                new() { Value = (long)tags.Length },
                new() { Value = most },
            }
        );
        return await database.EventsAtAsync([.. await PositionsAsync(select, cancel)], cancel);
    }
}
