using Npgsql;

namespace Ledger.Files;

/// <summary>The events of a database that say that another key took over, as they are stored.</summary>
internal static class RotationRows
{
    /// <summary>Their type.</summary>
    public const string Type = "signing-key-rotated.v1";

    /// <summary>What the index of events leads to, oldest first: nothing of it is believed yet.</summary>
    public static async Task<IReadOnlyList<(string Type, byte[]? Content)>> ReadAsync(
        NpgsqlDataSource database,
        CancellationToken cancel
    )
    {
        await using var select = database.CreateCommand(
            $"""
            select e.type, e.bdata from ledger.event_tag t
            join ledger.ledger_leaf l on l.position = t.position
            join ledger.mt_events e on e.seq_id = l.seq_id
            where t.tag = 'kind:{Type}' order by t.position
            """
        );
        var found = new List<(string, byte[]?)>();
        await using var reader = await select.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            found.Add((reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetFieldValue<byte[]>(1)));
        }

        return found;
    }
}
