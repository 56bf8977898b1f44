using System.Security.Cryptography;
using JasperFx.Events;
using Ledger.Domain;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Integrity;
using Ledger.Integrity.Entries;
using Ledger.Store.Reading;
using Ledger.Store.Rights;
using Ledger.Store.Schema;
using Marten.Services;
using Npgsql;

namespace Ledger.Store.Appending;

/// <summary>
/// One transaction: lock the head, decide, append to Marten, write leaves and read models, advance the head, commit.
/// Nothing is answered before the commit.
/// </summary>
internal sealed class Batch(LedgerDatabase database, GovernanceReplica replica, ConsultationIndex index)
{
    private readonly List<Pending> _pending = [];
    private readonly List<(AppendRequest Request, Exception Refusal)> _refused = [];
    private readonly List<(AppendRequest Request, long Position)> _repeated = [];
    private readonly Dictionary<Guid, byte[]> _taken = [];
    private readonly List<(AppendRequest Request, AppendRequest First)> _twins = [];

    /// <summary>Records what can be recorded and answers every request.</summary>
    public async Task RunAsync(IReadOnlyList<AppendRequest> requests, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var (head, recordedBefore) = await LogHead.LockAsync(connection, transaction, [.. requests.Select(r => r.Context.RequestId).Distinct()], cancel);
        await replica.CatchUpAsync(connection, transaction, head.GovernancePosition, cancel);

        // Commands first: a consultation is then judged by everything that stands before it in the log.
        foreach (var request in requests.OrderBy(r => r.Command is null))
        {
            if (!IsRepeated(request, requests, recordedBefore))
            {
                await DecideAsync(request, head, connection, transaction, cancel);
            }
        }

        await FlushAsync(head, connection, transaction, cancel);
        if (_pending.Count > 0)
        {
            await WriteAsync(head, connection, transaction, cancel);
            await transaction.CommitAsync(cancel);
        }

        await AnswerAsync(cancel);
    }

    private bool IsRepeated(
        AppendRequest request, IReadOnlyList<AppendRequest> all, Dictionary<Guid, (byte[] Digest, long Position)> recordedBefore)
    {
        var id = request.Context.RequestId;
        if (recordedBefore.TryGetValue(id, out var before))
        {
            if (before.Digest.AsSpan().SequenceEqual(request.Digest))
            {
                _repeated.Add((request, before.Position));
            }
            else
            {
                _refused.Add((request, new RequestIdReusedException(id)));
            }

            return true;
        }

        if (!_taken.TryGetValue(id, out var digest))
        {
            _taken.Add(id, request.Digest);
            return false;
        }

        if (digest.AsSpan().SequenceEqual(request.Digest))
        {
            _twins.Add((request, all.OrderBy(r => r.Command is null).First(r => r.Context.RequestId == id)));
        }
        else
        {
            _refused.Add((request, new RequestIdReusedException(id)));
        }

        return true;
    }

    private async Task DecideAsync(
        AppendRequest request, LogHead head, NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancel)
    {
        IReadOnlyList<LedgerEvent> events;
        try
        {
            events = request.Command is { } command
                ? command.Decide(replica.Known, request.Context, head.Now)
                : [request.Consultation!.Record(replica.Known, head.Now, replica.RightsOf)];
        }
        catch (Exception e) when (e is RefusedException or UnknownException or InvalidFieldException)
        {
            _refused.Add((request, e));
            return;
        }

        for (var i = 0; i < events.Count; i++)
        {
            var pending = new Pending(request, events[i], i, RecordedEvents.Wrap(EventCodec.NameOf(events[i]), EventCodec.Encode(request.Context, events[i])));
            pending.Marten.Id = EventIds.Of(request.Context.RequestId, i);
            pending.Marten.Timestamp = head.Now;
            _pending.Add(pending);
        }

        if (request.Command is not null)
        {
            // A later command of the batch is decided on this one's outcome, so its place is settled at once.
            await FlushAsync(head, connection, transaction, cancel);
        }
    }

    /// <summary>Hands what waits to Marten, and gives each event its place in the log.</summary>
    private async Task FlushAsync(LogHead head, NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancel)
    {
        var waiting = _pending.Where(p => p.Position < 0).GroupBy(p => p.Event.Stream()).ToList();
        if (waiting.Count == 0)
        {
            return;
        }

        await using (var session = database.Marten.LightweightSession(SessionOptions.ForTransaction(transaction)))
        {
            foreach (var stream in waiting)
            {
                var events = stream.Select(p => (object)p.Marten).ToArray();
                if (stream.First().Event is ConsultationRecorded)
                {
                    session.Events.Append(stream.Key, events);
                }
                else
                {
                    // Optimistic concurrency is Marten's: a version that the replica does not expect stops the batch.
                    session.Events.Append(stream.Key, replica.Known.VersionOf(stream.First().Event) + events.Length, events);
                }
            }

            // While PostgreSQL takes the events, their contents are committed to: that needs no version.
            var saving = session.SaveChangesAsync(cancel);
            CommitToContents(waiting);
            await saving;
        }

        foreach (var pending in waiting.SelectMany(s => s))
        {
            await PlaceAsync(pending, head, connection, transaction, cancel);
        }
    }

    private static void CommitToContents(List<IGrouping<string, Pending>> streams)
    {
        var salts = RandomNumberGenerator.GetBytes(ContentHash.SaltSize * streams.Sum(s => s.Count())).Chunk(ContentHash.SaltSize);
        foreach (var (pending, salt) in streams.SelectMany(s => s).Zip(salts))
        {
            pending.Salt = salt;
            pending.ContentHash = ContentHash.Of(pending.Salt, ((IRecorded)pending.Marten.Data).Content);
        }
    }

    private async Task PlaceAsync(
        Pending pending, LogHead head, NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancel)
    {
        pending.Position = head.Frontier.Size;
        pending.RecordedAt = head.Now;
        pending.LeafHash = head.Take(pending.Event.Stream(), pending.Marten.Version, pending.Marten.EventTypeName, pending.ContentHash);
        if (pending.Event is ConsultationRecorded)
        {
            return;
        }

        var affected = replica.Learn(new Fact(pending.Position, head.Now, pending.Request.Context, pending.Event));
        head.GovernancePosition = pending.Position;
        await AccessRightProjection.ApplyAsync(connection, transaction, pending.Position, pending.Event, affected, replica, cancel);
    }

    // Leaves, requests, index rows and the head go in one round trip: arrays, not COPY, which would cost two for each table.
    private async Task WriteAsync(LogHead head, NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection, transaction);
        batch.BatchCommands.Add(new(
            """
            insert into ledger.ledger_leaf (position, event_id, seq_id, salt, content_hash, leaf_hash, recorded_at)
            select u.*, $7 from unnest($1, $2, $3, $4, $5, $6) u
            """)
        {
            Parameters =
            {
                P(_pending.ConvertAll(p => p.Position).ToArray()), P(_pending.ConvertAll(p => p.Marten.Id).ToArray()),
                P(_pending.ConvertAll(p => p.Marten.Sequence).ToArray()), P(_pending.ConvertAll(p => p.Salt).ToArray()),
                P(_pending.ConvertAll(p => p.ContentHash.ToArray()).ToArray()), P(_pending.ConvertAll(p => p.LeafHash.ToArray()).ToArray()),
                P(head.Now.UtcDateTime),
            },
        });
        var first = _pending.Where(p => p.Index == 0).ToList();
        batch.BatchCommands.Add(new("insert into ledger.ledger_request (request_id, digest, position) select * from unnest($1, $2, $3)")
        {
            Parameters =
            {
                P(first.ConvertAll(p => p.Request.Context.RequestId).ToArray()), P(first.ConvertAll(p => p.Request.Digest).ToArray()),
                P(first.ConvertAll(p => p.Position).ToArray()),
            },
        });
        await index.AddToAsync(
            batch, connection, [.. _pending.Where(p => p.Event is ConsultationRecorded).Select(p => (p.Position, (ConsultationRecorded)p.Event))], cancel);
        batch.BatchCommands.Add(head.Save());
        await batch.ExecuteNonQueryAsync(cancel);

        static NpgsqlParameter P(object value) => new() { Value = value };
    }

    private async Task AnswerAsync(CancellationToken cancel)
    {
        foreach (var (request, refusal) in _refused)
        {
            request.Answer.TrySetException(refusal);
        }

        foreach (var p in _pending.Where(p => p.Index == 0))
        {
            p.Request.Answer.TrySetResult(new Acknowledgement(p.Position, p.LeafHash, p.RecordedAt, p.Event, Repeated: false));
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

    private sealed record Pending(AppendRequest Request, LedgerEvent Event, int Index, IEvent Marten)
    {
        public long Position { get; set; } = -1;

        public DateTimeOffset RecordedAt { get; set; }

        public byte[] Salt { get; set; } = [];

        public Hash256 ContentHash { get; set; }

        public Hash256 LeafHash { get; set; }
    }
}
