using Ledger.Domain;
using Ledger.Domain.Control;
using Ledger.Files;
using Npgsql;

namespace Ledger.Verify.Scanning;

/// <summary>
/// What a database says of keys that took over. It is believed for its signatures alone, and is read before the rest: by
/// it the checkpoints are opened.
/// </summary>
public static class RecordedSuccessions
{
    /// <summary>The succession in an event; null in any other.</summary>
    public static string? Of(string type, byte[]? content)
    {
        try
        {
            return type == RotationRows.Type && content is not null
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

        // Another event, or one that was changed, leads nowhere: the scan says what is wrong with it.
        return
        [
            .. (await RotationRows.ReadAsync(database, cancel)).Select(e => Of(e.Type, e.Content)).OfType<string>(),
        ];
    }
}
