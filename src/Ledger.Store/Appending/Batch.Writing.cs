using Ledger.Domain.Common;
using Ledger.Domain.ReadModels;
using Ledger.Store.Reading;
using Ledger.Store.ReadModels;
using Npgsql;

namespace Ledger.Store.Appending;

/// <summary>What a batch writes once all is decided, and what it answers once all is durable.</summary>
internal sealed partial class Batch
{
    // Leaves, index rows and the head go in one round trip: arrays, not COPY, which would cost two for each table.
    private async Task WriteAsync(
        LogHead head,
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        CancellationToken cancel
    )
    {
        await using var batch = new NpgsqlBatch(connection, transaction);
        await index.AddToAsync(batch, connection, [.. _pending.Select(p => (p.Position, p.Event))], cancel);
        var asked = _pending.FindAll(p => !Knowledge.Bears(p.Event) && !UsageRow.Takes(p.Event));
        if (asked.Count > 0)
        {
            batch.BatchCommands.Add(
                TagIndex.Insert(asked.SelectMany(p => Tags.Of(p.Event, known).Select(tag => (p.Position, tag))))
            );
        }

        foreach (var identity in _pending.SelectMany(p => p.Request.Sealed))
        {
            batch.BatchCommands.Add(
                new("insert into ledger.sealed_identity (dossier, payload) values ($1, $2) on conflict do nothing")
                {
                    Parameters =
                    {
                        new() { Value = identity.Dossier },
                        new() { Value = identity.Payload },
                    },
                }
            );
        }

        batch.BatchCommands.Add(
            new(
                """
                insert into ledger.ledger_leaf (position, event_id, request_digest, seq_id, salt, content_hash, leaf_hash, recorded_at)
                select u.*, $8 from unnest($1, $2, $3, $4, $5, $6, $7) u
                """
            )
            {
                Parameters =
                {
                    P(p => p.Position),
                    P(p => p.Marten.Id),
                    P(p => p.Index == 0 ? p.Request.Digest : null),
                    P(p => p.Marten.Sequence),
                    P(p => p.Salt),
                    P(p => p.ContentHash.ToArray()),
                    P(p => p.LeafHash.ToArray()),
                    new() { Value = head.Now.UtcDateTime },
                },
            }
        );
        batch.BatchCommands.Add(head.Save());
        await batch.ExecuteNonQueryAsync(cancel);

        NpgsqlParameter P<T>(Converter<Pending, T> column) => new() { Value = _pending.ConvertAll(column).ToArray() };
    }

    private async Task AnswerAsync(CancellationToken cancel)
    {
        foreach (var (request, refusal) in _refused)
        {
            request.Answer.TrySetException(refusal);
        }

        foreach (var p in _pending.Where(p => p.Index == 0))
        {
            p.Request.Answer.TrySetResult(
                new Acknowledgement(p.Position, p.LeafHash, p.Marten.Timestamp, p.Event, Repeated: false)
            );
        }

        foreach (var (request, position) in _repeated)
        {
            request.Answer.TrySetResult(await database.AcknowledgementAtAsync(position, cancel));
        }

        foreach (var (request, first) in _twins)
        {
            try
            {
                request.Answer.TrySetResult(await first.Answer.Task with { Repeated = true });
            }
            catch (Exception e) when (e is RefusedException or UnknownException or InvalidFieldException)
            {
                request.Answer.TrySetException(e);
            }
        }
    }
}
