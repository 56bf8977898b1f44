using System.Collections.Immutable;
using System.Data;
using System.Security.Cryptography;
using Ledger.Integrity.Entries;
using Ledger.Store.Knowing;
using Ledger.Store.Reading;
using Ledger.Store.ReadModels;
using Ledger.Store.Schema;
using Marten.Services;
using Npgsql;

namespace Ledger.Store.Appending;

/// <summary>
/// One transaction: lock the head, decide, append to Marten, write leaves and read models, commit. Nothing is answered,
/// and nothing is published, before the commit; a batch that fails leaves nothing behind.
/// </summary>
internal sealed class Batch(LedgerDatabase database, Replica replica, LogTail tail)
{
    private const int MostForeignFacts = 500;

    /// <summary>Records what can be recorded and answers every request.</summary>
    /// <returns>The end of the log as it is then; null where another node has written too much to go on: catch up
    /// first.</returns>
    public async Task<LogTail?> RunAsync(IReadOnlyList<AppendRequest> requests, CancellationToken cancel)
    {
        Committed? committed;
        await using (var connection = await database.Writing.OpenConnectionAsync(cancel))
        {
            try
            {
                committed = await CommitAsync(connection, requests, cancel);
            }
            catch (InvalidOperationException e) when (!connection.FullState.HasFlag(ConnectionState.Open))
            {
                // A connection that breaks behind a reader's last row says so only to whoever uses its transaction
                // next.
                throw new NpgsqlException("The connection broke in the middle of a batch.", e);
            }
        }

        if (committed is null)
        {
            return null;
        }

        replica.Publish(committed.Known);
        await AnswerAsync(committed.Decisions, cancel);
        return committed.Tail;
    }

    private async Task<Committed?> CommitAsync(
        NpgsqlConnection connection,
        IReadOnlyList<AppendRequest> requests,
        CancellationToken cancel
    )
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var ids = requests.Select(r => r.FirstEvent).Distinct().ToArray();
        var (head, recordedBefore) = await LogHead.LockAsync(connection, transaction, tail, ids, cancel);
        if (head is null || await KnownAsync(head, connection, transaction, cancel) is not { } known)
        {
            return null;
        }

        var decisions = Decisions.Of(requests, head, known.Known, recordedBefore);
        if (decisions.Pending.Count == 0)
        {
            return new Committed(decisions, known, tail);
        }

        var journals = PutOnPages(decisions.Pending, head);
        var saving = AppendAsync(decisions.Pending, transaction, cancel);
        try
        {
            Place(decisions.Pending, head);
        }
        finally
        {
            // Whatever happens here: a connection that is left in the middle of a command keeps the head's lock.
            await saving;
        }

        RequireAgreement(decisions.Pending);
        await WriteAsync(decisions, head, connection, transaction, cancel);
        await transaction.CommitAsync(cancel);
        var learnt = decisions.Pending.LastOrDefault(p => p.Position == decisions.Known.Position);
        return new Committed(
            decisions,
            learnt is null ? known : new KnownTo(decisions.Known, learnt.LeafHash),
            new LogTail(head.Frontier, head.LastLeaf, journals.ToImmutable())
        );
    }

    // Under the lock nobody is ahead of the log but who knows what was lost: that is forgotten outside of it.
    private async Task<KnownTo?> KnownAsync(
        LogHead head,
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        CancellationToken cancel
    )
    {
        var known = replica.Now;
        if (known.IsAllOf(head.Last))
        {
            return known;
        }

        var reader = new FactReader(connection, transaction);
        return known.Position < head.GovernancePosition && await reader.SaysAsync(known, cancel)
            ? await reader.CatchUpAsync(known, head.Last, MostForeignFacts, cancel)
            : null;
    }

    // The log may have grown since the tail was taken: by another node, or by a batch of this one whose commit was never
    // confirmed and which may have written to these pages. New ones are begun then.
    private JournalPages PutOnPages(IReadOnlyList<Pending> pending, LogHead head)
    {
        var pages = new JournalPages(tail.Frontier.Size == head.Frontier.Size ? tail.Journals : LogTail.Empty.Journals);
        foreach (var p in pending.Where(p => p.VersionBefore is null))
        {
            (p.Stream, p.Version) = pages.Next(p.Stream, p.Position);
        }

        return pages;
    }

    // In runs in which no stream comes back, so that Marten's numbers are in the order of the positions.
    private async Task AppendAsync(
        IReadOnlyList<Pending> pending,
        NpgsqlTransaction transaction,
        CancellationToken cancel
    )
    {
        foreach (var run in Runs(pending))
        {
            await using var session = database.Marten.LightweightSession(SessionOptions.ForTransaction(transaction));
            foreach (var stream in run.GroupBy(p => p.Stream))
            {
                var events = stream.Select(p => (object)p.Marten).ToArray();
                if (stream.First().VersionBefore is { } before)
                {
                    // Optimistic concurrency is Marten's: a version that is not the one decided on stops the batch.
                    session.Events.Append(stream.Key, before + events.Length, events);
                }
                else
                {
                    session.Events.Append(stream.Key, events);
                }
            }

            // Marten would keep the name of a CLR type beside each event, which nothing reads: half as long as a content.
            run.ForEach(p => p.Marten.DotNetTypeName = string.Empty);
            await session.SaveChangesAsync(cancel);
        }
    }

    private static IEnumerable<List<Pending>> Runs(IReadOnlyList<Pending> pending)
    {
        var (run, streams) = (new List<Pending>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var next in pending)
        {
            if (run.Count > 0 && run[^1].Stream != next.Stream && streams.Contains(next.Stream))
            {
                yield return run;
                (run, streams) = ([], new HashSet<string>(StringComparer.Ordinal));
            }

            run.Add(next);
            streams.Add(next.Stream);
        }

        yield return run;
    }

    // Done while PostgreSQL takes the events: each is hashed, and gets its place in the log.
    private static void Place(IReadOnlyList<Pending> pending, LogHead head)
    {
        var salts = RandomNumberGenerator.GetBytes(ContentHash.SaltSize * pending.Count);
        var aggregates = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (i, p) in pending.Index())
        {
            p.Salt = salts[(i * ContentHash.SaltSize)..((i + 1) * ContentHash.SaltSize)];
            p.ContentHash = ContentHash.Of(p.Salt, p.Content);
            if (p.VersionBefore is { } before)
            {
                p.Version = aggregates[p.Stream] = aggregates.GetValueOrDefault(p.Stream, before) + 1;
            }

            p.LeafHash = head.Take(p.Stream, p.Version, p.Type, p.ContentHash);
        }
    }

    private static void RequireAgreement(IReadOnlyList<Pending> pending)
    {
        var last = 0L;
        foreach (var p in pending)
        {
            if (p.Version != p.Marten.Version)
            {
                throw new LedgerStateException(
                    $"A stream was written to without the log: {p.Stream} has another version than the log knows."
                );
            }

            if (p.Marten.Sequence <= last)
            {
                throw new LedgerStateException("Marten's numbers are not in the order of the positions.");
            }

            last = p.Marten.Sequence;
        }
    }

    // Leaves and read models go in one round trip.
    private static async Task WriteAsync(
        Decisions decisions,
        LogHead head,
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        CancellationToken cancel
    )
    {
        await using var batch = new NpgsqlBatch(connection, transaction);
        decisions.ReadModels.AddTo(batch);
        batch.BatchCommands.Add(
            new(
                """
                insert into ledger.ledger_leaf
                    (position, event_id, request_digest, seq_id, salt, content_hash, leaf_hash, governance_position,
                     recorded_at)
                select u.*, $9 from unnest($1, $2, $3, $4, $5, $6, $7, $8) u
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
                    P(p => p.GovernancePosition),
                    new() { Value = head.Now.UtcDateTime },
                },
            }
        );
        await batch.ExecuteNonQueryAsync(cancel);

        NpgsqlParameter P<T>(Func<Pending, T> column) => RowParameters.Of(decisions.Pending, column);
    }

    private async Task AnswerAsync(Decisions decisions, CancellationToken cancel)
    {
        foreach (var (request, why) in decisions.Refused)
        {
            request.Answer.TrySetException(why);
        }

        foreach (var p in decisions.Pending.Where(p => p.Index == 0))
        {
            p.Request.Answer.TrySetResult(
                new Acknowledgement(p.Position, p.LeafHash, p.Marten.Timestamp, p.Event, Repeated: false)
            );
        }

        if (decisions.Repeated.Count > 0)
        {
            var before = await database.Writing.AcknowledgementsAtAsync(
                [.. decisions.Repeated.Select(r => r.Position)],
                cancel
            );
            decisions.Repeated.ForEach(r => r.Request.Answer.TrySetResult(before[r.Position]));
        }

        foreach (var (request, first) in decisions.Twins)
        {
            try
            {
                request.Answer.TrySetResult(await first.Answer.Task with { Repeated = true });
            }
            catch (Exception e)
            {
                request.Answer.TrySetException(e);
            }
        }
    }

    // What a batch leaves behind: its answers, what is known then, and the end of the log.
    private sealed record Committed(Decisions Decisions, KnownTo Known, LogTail Tail);
}
