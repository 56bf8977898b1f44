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
    private const string RotatedType = "signing-key-rotated.v1";

    /// <summary>The succession in an event; null in any other.</summary>
    public static string? Of(string type, byte[]? content)
    {
        try
        {
            return type == RotatedType && content is not null
                ? ((SigningKeyRotated)EventCodec.Decode(type, content).Event).Succession
                : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>All of them.</summary>
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
            // Another event, or one that was changed, leads nowhere: the scan says what is wrong with it.
            if (Of(reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetFieldValue<byte[]>(1)) is { } succession)
            {
                found.Add(succession);
            }
        }

        return found;
    }
}
