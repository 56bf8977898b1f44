using Ledger.Integrity;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Entries;
using Ledger.Store.Publishing;
using Ledger.Store.Schema;
using Npgsql;

namespace Ledger.Tests;

/// <summary>A superuser with the signing key in hand.</summary>
internal static class Attacker
{
    /// <summary>What he does first.</summary>
    public const string TriggersOff =
        "alter table ledger.mt_events disable trigger user; alter table ledger.ledger_leaf disable trigger user; "
        + "alter table ledger.ledger_checkpoint disable trigger user; alter table ledger.ledger_head disable "
        + "trigger user; alter table ledger.ledger_tile disable trigger user; alter table "
        + "ledger.ledger_anchor disable trigger user";

    /// <summary>
    /// What the holder of the database and of the key can do: every entry and the checkpoint made to agree
    /// again.
    /// </summary>
    public static async Task RechainAsync(string connectionString, NoteSigner signer, long? size = null)
    {
        await using var database = new LedgerDatabase(connectionString);
        var (previous, updates) = (Hash256.Zero, new List<(long Position, Hash256 Content, Hash256 Leaf)>());
        await using (
            var select = database.Source.CreateCommand(
                "select l.position, l.salt, e.bdata, l.recorded_at, e.stream_id, e.version, e.type from "
                    + "ledger.ledger_leaf l join ledger.mt_events e on e.seq_id = l.seq_id order by l.position"
            )
        )
        await using (var reader = await select.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                var content = ContentHash.Of(reader.GetFieldValue<byte[]>(1), reader.GetFieldValue<byte[]>(2));
                previous = new Entry(
                    reader.GetInt64(0),
                    previous,
                    new DateTimeOffset(reader.GetFieldValue<DateTime>(3), TimeSpan.Zero),
                    reader.GetString(4),
                    reader.GetInt64(5),
                    reader.GetString(6),
                    content
                ).LeafHash();
                updates.Add((reader.GetInt64(0), content, previous));
            }
        }

        updates.Count.ShouldBe((int)(size ?? updates.Count));
        await using var batch = database.Source.CreateBatch();
        foreach (var (position, content, leaf) in updates)
        {
            batch.BatchCommands.Add(
                Command(
                    "update ledger.ledger_leaf set content_hash = $2, leaf_hash = $3 where position = $1",
                    position,
                    content.ToArray(),
                    leaf.ToArray()
                )
            );
        }

        batch.BatchCommands.Add(new("delete from ledger.ledger_checkpoint"));
        batch.BatchCommands.Add(new("delete from ledger.ledger_tile"));
        await batch.ExecuteNonQueryAsync();
        await new CheckpointPublisher(database, signer, SignerMemory.Transient()).PublishAsync(CancellationToken.None);

        static NpgsqlBatchCommand Command(string sql, params object[] values)
        {
            var command = new NpgsqlBatchCommand(sql);
            foreach (var value in values)
            {
                command.Parameters.Add(new() { Value = value });
            }

            return command;
        }
    }
}
