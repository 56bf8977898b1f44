using Ledger.Domain;
using Ledger.Domain.Common;
using Ledger.Integrity;
using Ledger.Store.Appending;
using Ledger.Store.Schema;
using Npgsql;

namespace Ledger.Store.Reading;

/// <summary>An event as it is stored.</summary>
/// <param name="Fact">What it says.</param>
/// <param name="Content">The bytes that were hashed.</param>
public sealed record StoredEvent(Fact Fact, byte[] Content);

/// <summary>Reads events of the log by position.</summary>
public static class LogReader
{
    /// <summary>The acknowledgements of events recorded before, by position.</summary>
    internal static async Task<Dictionary<long, Acknowledgement>> AcknowledgementsAtAsync(
        this NpgsqlDataSource source,
        IReadOnlyCollection<long> positions,
        CancellationToken cancel
    )
    {
        await using var select = source.CreateCommand(
            """
            select s.*, l.leaf_hash from ledger.stored_event s join ledger.ledger_leaf l on l.position = s.position
            where s.position = any($1)
            """
        );
        select.Parameters.Add(new() { Value = positions.ToArray() });
        var found = await select.RowsAsync(
            r => (ReadEvent(r).Fact, Leaf: new Hash256(r.GetFieldValue<byte[]>(4))),
            cancel
        );
        return found.ToDictionary(
            f => f.Fact.Position,
            f => new Acknowledgement(f.Fact.Position, f.Leaf, f.Fact.RecordedAt, f.Fact.Event, Repeated: true)
        );
    }

    /// <summary>The events at these positions, in the order of the positions.</summary>
    public static async Task<List<StoredEvent>> EventsAtAsync(
        this LedgerDatabase database,
        IReadOnlyCollection<long> positions,
        CancellationToken cancel
    )
    {
        await using var select = database.Source.CreateCommand(
            """
            select * from ledger.stored_event where position = any($1) order by position
            """
        );
        select.Parameters.Add(new() { Value = positions.ToArray() });
        return await ReadEventsAsync(select, cancel);
    }

    /// <summary>The position of the first event that a request recorded; null for none.</summary>
    public static async Task<long?> PositionOfAsync(
        this LedgerDatabase database,
        Guid requestId,
        CancellationToken cancel
    )
    {
        await using var select = database.Source.CreateCommand(
            "select ledger.position_of(seq_id) from ledger.mt_events where id = $1"
        );
        select.Parameters.Add(new() { Value = EventIds.Of(requestId, 0) });
        return (long?)await select.ExecuteScalarAsync(cancel);
    }

    /// <summary>The events from one position to another, both included.</summary>
    public static async Task<List<StoredEvent>> EventsBetweenAsync(
        this LedgerDatabase database,
        long first,
        long last,
        CancellationToken cancel
    )
    {
        await using var select = database.Source.CreateCommand(
            """
            select * from ledger.stored_event where position >= $1 and position <= $2 order by position
            """
        );
        select.Parameters.Add(new() { Value = first });
        select.Parameters.Add(new() { Value = last });
        return await ReadEventsAsync(select, cancel);
    }

    /// <summary>Reads rows of position, recorded at, type and content.</summary>
    internal static Task<List<StoredEvent>> ReadEventsAsync(NpgsqlCommand select, CancellationToken cancel) =>
        select.RowsAsync(ReadEvent, cancel);

    private static StoredEvent ReadEvent(NpgsqlDataReader reader)
    {
        var content = reader.GetFieldValue<byte[]>(3);
        var (context, @event) = EventCodec.Decode(reader.GetString(2), content);
        return new StoredEvent(new Fact(reader.GetInt64(0), reader.Instant(1), context, @event), content);
    }
}
