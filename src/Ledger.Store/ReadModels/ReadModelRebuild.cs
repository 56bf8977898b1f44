using Ledger.Domain.Common;
using Ledger.Domain.ReadModels;
using Ledger.Store.Reading;
using Ledger.Store.Schema;
using Npgsql;

namespace Ledger.Store.ReadModels;

/// <summary>Drops every read model and makes it again from the log, by the same code that the writer uses.</summary>
public static class ReadModelRebuild
{
    private const int Chunk = 5000;

    /// <summary>Rebuilds, in one transaction, while writers wait.</summary>
    /// <returns>The number of events read.</returns>
    public static async Task<long> RunAsync(LedgerDatabase database, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using (
            var begin = new NpgsqlCommand(
                "select size from ledger.ledger_head for update; truncate ledger.event_tag, ledger.access_right, "
                    + "ledger.usage",
                connection,
                transaction
            )
        )
        {
            await begin.ExecuteNonQueryAsync(cancel);
        }

        var (known, index, next) = (new Knowledge(), new UsageIndex(), 0L);
        while (true)
        {
            var facts = (await ReadAsync(connection, transaction, next, cancel)).ConvertAll(e => e.Fact);
            if (facts.Count == 0)
            {
                break;
            }

            await using var batch = new NpgsqlBatch(connection, transaction);
            foreach (var fact in facts)
            {
                if (Knowledge.Bears(fact.Event))
                {
                    await AccessRightProjection.ApplyAsync(
                        connection,
                        transaction,
                        fact,
                        known.Apply(fact),
                        known,
                        cancel
                    );
                }
                else if (!UsageRow.Takes(fact.Event))
                {
                    batch.BatchCommands.Add(
                        TagIndex.Insert(Tags.Of(fact.Event, known).Select(tag => (fact.Position, tag)))
                    );
                }
            }

            await index.AddToAsync(batch, connection, facts.ConvertAll(f => (f.Position, f.Event)), cancel);
            if (batch.BatchCommands.Count > 0)
            {
                await batch.ExecuteNonQueryAsync(cancel);
            }

            next = facts[^1].Position + 1;
        }

        await transaction.CommitAsync(cancel);
        return next;
    }

    private static async Task<List<StoredEvent>> ReadAsync(
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        long from,
        CancellationToken cancel
    )
    {
        await using var select = new NpgsqlCommand(
            $"""
            select l.position, l.recorded_at, e.type, e.bdata
            from ledger.ledger_leaf l join ledger.mt_events e on e.seq_id = l.seq_id
            where l.position >= $1 and l.position < $1 + {Chunk} order by l.position
            """,
            connection,
            transaction
        );
        select.Parameters.Add(new() { Value = from });
        return await LogReader.ReadEventsAsync(select, cancel);
    }
}
