using System.Data;
using System.Security.Cryptography;
using JasperFx.Events;
using Ledger.Domain;
using Ledger.Domain.Common;
using Ledger.Integrity;
using Ledger.Integrity.Entries;
using Ledger.Store.Reading;
using Ledger.Store.ReadModels;
using Ledger.Store.Schema;
using Marten.Services;
using Npgsql;

namespace Ledger.Store.Appending;

/// <summary>
/// One transaction: lock the head, decide, append to Marten, write leaves and read models, advance the head, commit.
/// Nothing is answered before the commit.
/// </summary>
internal sealed partial class Batch(
    LedgerDatabase database,
    Knowledge known,
    UsageIndex index,
    JournalVersions journals
)
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
        try
        {
            await CommitAsync(connection, requests, cancel);
        }
        catch (InvalidOperationException e) when (!connection.FullState.HasFlag(ConnectionState.Open))
        {
            // A connection that breaks behind a reader's last row says so only to whoever uses its transaction next.
            throw new NpgsqlException("The connection broke in the middle of a batch.", e);
        }

        await AnswerAsync(cancel);
    }

    private async Task CommitAsync(
        NpgsqlConnection connection,
        IReadOnlyList<AppendRequest> requests,
        CancellationToken cancel
    )
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var (head, recordedBefore) = await LogHead.LockAsync(
            connection,
            transaction,
            [.. requests.Select(r => r.FirstEvent).Distinct()],
            cancel
        );
        journals.Begin(head.Frontier.Size);
        await known.CatchUpAsync(connection, transaction, head.GovernancePosition, cancel);

        // What changes knowledge first: a use is then judged by everything that stands before it in the log.
        foreach (var request in InOrder(requests))
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
    }

    private static IEnumerable<AppendRequest> InOrder(IEnumerable<AppendRequest> requests) =>
        requests.OrderBy(r => !r.Command.ChangesKnowledge);

    private bool IsRepeated(
        AppendRequest request,
        IReadOnlyList<AppendRequest> all,
        Dictionary<Guid, (byte[] Digest, long Position)> recordedBefore
    )
    {
        var id = request.Context.RequestId;
        if (recordedBefore.TryGetValue(request.FirstEvent, out var before))
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
            _twins.Add((request, InOrder(all).First(r => r.Context.RequestId == id)));
        }
        else
        {
            _refused.Add((request, new RequestIdReusedException(id)));
        }

        return true;
    }

    private async Task DecideAsync(
        AppendRequest request,
        LogHead head,
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        CancellationToken cancel
    )
    {
        IReadOnlyList<LedgerEvent> events;
        try
        {
            events = request.Command.Decide(known, request.Context, head.Now);
        }
        catch (Exception e) when (e is RefusedException or UnknownException or InvalidFieldException)
        {
            _refused.Add((request, e));
            return;
        }

        for (var i = 0; i < events.Count; i++)
        {
            var pending = new Pending(
                request,
                events[i],
                i,
                RecordedEvents.Wrap(EventCodec.NameOf(events[i]), EventCodec.Encode(request.Context, events[i]))
            );
            pending.Marten.Id = i == 0 ? request.FirstEvent : EventIds.Of(request.Context.RequestId, i);
            pending.Marten.Timestamp = head.Now;
            _pending.Add(pending);
        }

        if (request.Command.ChangesKnowledge)
        {
            // A later command of the batch is decided on this one's outcome, so its place is settled at once.
            await FlushAsync(head, connection, transaction, cancel);
        }
    }

    /// <summary>Hands what waits to Marten, and gives each event its place in the log.</summary>
    private async Task FlushAsync(
        LogHead head,
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        CancellationToken cancel
    )
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
                if (stream.First().Event is JournalEvent)
                {
                    session.Events.Append(stream.Key, events);
                }
                else
                {
                    // Optimistic concurrency is Marten's: a version that the replica does not expect stops the batch.
                    session.Events.Append(stream.Key, known.VersionOf(stream.First().Event) + events.Length, events);
                }
            }

            // While PostgreSQL takes the events, they are hashed: an entry needs its version in the stream, which is
            // known
            // beforehand unless another process wrote to that journal.
            var saving = session.SaveChangesAsync(cancel);
            CommitToContents(waiting);
            var before = waiting.ConvertAll(VersionBefore);
            if (!before.Contains(null))
            {
                Place(waiting, before, head);
                await saving;
            }
            else
            {
                await saving;
                Place(waiting, waiting.ConvertAll(s => (long?)s.First().Marten.Version - 1), head);
            }
        }

        foreach (var pending in waiting.SelectMany(s => s))
        {
            await LearnAsync(pending, head, connection, transaction, cancel);
        }
    }

    private long? VersionBefore(IGrouping<string, Pending> stream) =>
        stream.First().Event is JournalEvent ? journals.Of(stream.Key) : known.VersionOf(stream.First().Event);

    private static void CommitToContents(List<IGrouping<string, Pending>> streams)
    {
        var salts = RandomNumberGenerator
            .GetBytes(ContentHash.SaltSize * streams.Sum(s => s.Count()))
            .Chunk(ContentHash.SaltSize);
        foreach (var (pending, salt) in streams.SelectMany(s => s).Zip(salts))
        {
            pending.Salt = salt;
            pending.ContentHash = ContentHash.Of(pending.Salt, ((IRecorded)pending.Marten.Data).Content);
        }
    }

    private static void Place(List<IGrouping<string, Pending>> streams, List<long?> before, LogHead head)
    {
        foreach (var (stream, last) in streams.Zip(before))
        {
            var version = last!.Value;
            foreach (var pending in stream)
            {
                pending.Position = head.Frontier.Size;
                pending.Version = ++version;
                pending.LeafHash = head.Take(stream.Key, version, pending.Marten.EventTypeName, pending.ContentHash);
            }
        }
    }

    private async Task LearnAsync(
        Pending pending,
        LogHead head,
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        CancellationToken cancel
    )
    {
        if (pending.Version != pending.Marten.Version)
        {
            throw new LedgerStateException(
                $"A stream was written to without the log: {pending.Event.Stream()} has another version than the "
                    + $"log knows."
            );
        }

        if (pending.Event is JournalEvent)
        {
            journals.Learn(pending.Event.Stream(), pending.Version, head.Frontier.Size);
        }

        if (Knowledge.Bears(pending.Event))
        {
            var fact = new Fact(pending.Position, head.Now, pending.Request.Context, pending.Event);
            var affected = known.Apply(fact);
            head.GovernancePosition = pending.Position;
            await AccessRightProjection.ApplyAsync(connection, transaction, fact, affected, known, cancel);
        }
    }

    private sealed record Pending(AppendRequest Request, LedgerEvent Event, int Index, IEvent Marten)
    {
        public long Position { get; set; } = -1;

        public long Version { get; set; }

        public byte[] Salt { get; set; } = [];

        public Hash256 ContentHash { get; set; }

        public Hash256 LeafHash { get; set; }
    }
}
