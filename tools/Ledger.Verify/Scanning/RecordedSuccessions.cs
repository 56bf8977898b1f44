using Ledger.Domain;
using Ledger.Domain.Control;
using Npgsql;

namespace Ledger.Verify.Scanning;

/// <summary>
/// What a database says of keys that took over. It is believed for its signatures alone, and is read before the rest: by
/// it the checkpoints are opened.
/// </summary>
public static class RecordedSuccessions
{
    /// <summary>All of them.</summary>
    /// <exception cref="FormatException">One is no such event.</exception>
    public static async Task<IReadOnlyList<string>> AllAsync(string connectionString, CancellationToken cancel)
    {
        await using var database = new NpgsqlDataSourceBuilder(connectionString).Build();
        await using var there = database.CreateCommand("select to_regclass('ledger.event_tag') is not null");
        if (await there.ExecuteScalarAsync(cancel) is not true)
        {
            return [];
        }

        await using var select = database.CreateCommand(
            """
            select e.type, e.bdata from ledger.event_tag t
            join ledger.ledger_leaf l on l.position = t.position
            join ledger.mt_events e on e.seq_id = l.seq_id
            where t.tag = 'kind:signing-key-rotated.v1' order by t.position
            """
        );
        var found = new List<string>();
        await using var reader = await select.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var (_, read) = EventCodec.Decode(reader.GetString(0), reader.GetFieldValue<byte[]>(1));
            found.Add((read as SigningKeyRotated)?.Succession ?? throw new FormatException("It is another event."));
        }

        return found;
    }
}
