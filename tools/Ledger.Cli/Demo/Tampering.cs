using Npgsql;

namespace Ledger.Cli.Demo;

/// <summary>What a database administrator with every right could try, on a copy.</summary>
internal static class Tampering
{
    /// <summary>Copies a database; nobody may be connected to it.</summary>
    public static async Task CopyAsync(string administration, string from, string to, CancellationToken cancel)
    {
        await using var source = NpgsqlDataSource.Create(administration);
        await using var copy = source.CreateCommand($"create database {to} template {from}");
        await copy.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Disables the triggers, edits one consultation, deletes another, inserts a third.</summary>
    public static async Task<IReadOnlyList<(string What, long Position)>> TamperAsync(
        string connectionString,
        long edit,
        long delete,
        CancellationToken cancel
    )
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        string[] statements =
        [
            "alter table ledger.mt_events disable trigger user",
            "alter table ledger.ledger_leaf disable trigger user",
            $"""
                update ledger.mt_events set bdata =
                convert_to(replace(convert_from(bdata, 'UTF8'), '{Scenario.Leaver}', '{Scenario.Agent}'), 'UTF8')
                where seq_id = (select seq_id from ledger.ledger_leaf where position = {edit})
                """,
            $"delete from ledger.mt_events where seq_id = (select seq_id from ledger.ledger_leaf where position = "
                + $"{delete})",
            $"delete from ledger.ledger_leaf where position = {delete}",
            $"""
                insert into ledger.mt_events
                    (seq_id, id, stream_id, version, data, bdata, type, timestamp, tenant_id, mt_dotnet_type,
                     is_archived)
                select (select max(seq_id) + 1 from ledger.mt_events), gen_random_uuid(), stream_id, version + 1000,
                    data, bdata, type, timestamp, tenant_id, mt_dotnet_type, is_archived
                from ledger.mt_events where seq_id = (select seq_id from ledger.ledger_leaf where position = {edit})
                """,
        ];
        foreach (var statement in statements)
        {
            await using var command = source.CreateCommand(statement);
            await command.ExecuteNonQueryAsync(cancel);
        }

        return [("edited", edit), ("deleted", delete), ("inserted", edit)];
    }
}
