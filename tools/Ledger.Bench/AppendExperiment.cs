using Ledger.Store.Appending;
using Ledger.Store.Schema;
using Npgsql;

namespace Ledger.Bench;

/// <summary>
/// Durable appends by many callers, each waiting for its answer. Three ways, each on its own database of one cluster: the
/// ledger; the same group commit, Marten append, request and index rows without chain, leaves or head; one Marten session an event.
/// </summary>
internal static class AppendExperiment
{
    public static async Task<List<Measurement>> RunAsync(Workload workload, int passes)
    {
        var measurements = new List<Measurement>();
        foreach (var (callers, events) in new[] { (64, 8_000), (256, 16_000) })
        {
            var (chained, _) = await workload.CreateAsync();
            var (unchained, _) = await workload.CreateAsync();
            var (single, _) = await workload.CreateAsync();
            await using var writer = new LedgerWriter(chained);
            await workload.EntitleAsync(writer);
            await using var plain = new PlainWriter(unchained, workload);
            var name = $"append, {callers} callers";
            var without = new Variant("the same without chain, leaves and head", () => ByCallersAsync(callers, events, plain.AppendAsync));
            Variant One(string name, Func<Guid, string> stream) => new(name, () => ByCallersAsync(callers, Math.Min(events / 8, 500), async () =>
            {
                var (id, content, _) = workload.Event();
                while (!await TryAppendAsync(single, stream(id), id, content))
                {
                    // Another session took the stream's next version: again, as a caller would.
                }
            }));
            var journal = One("marten, a session an event, same journal", _ => "journal-763-2026-03-10");
            var scattered = One("marten, a session and a stream an event", id => $"journal-{id}");
            Variant Ledger(string versus) => new("ledger (chain, leaves, verdict)", () => ByCallersAsync(callers, events, () =>
            {
                AppendRequest request;
                lock (workload)
                {
                    request = workload.Request();
                }

                return writer.AppendAsync(request, CancellationToken.None);
            }), versus);

            // The ratio that matters most, and the closest to one: more passes.
            measurements.AddRange(await Interleaved.RunAsync(name, 3 * passes, without, Ledger(without.Name)));
            measurements.AddRange(await Interleaved.RunAsync(name, passes, journal, Ledger(journal.Name)));
            measurements.AddRange(await Interleaved.RunAsync(name, passes, scattered, Ledger(scattered.Name)));
            await chained.DisposeAsync();
            await unchained.DisposeAsync();
            await single.DisposeAsync();
        }

        return measurements;
    }

    private static async Task<long> ByCallersAsync(int callers, int events, Func<Task> append)
    {
        var left = events;
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                await append();
            }
        })));
        return events;
    }

    private static async Task<bool> TryAppendAsync(LedgerDatabase database, string stream, Guid id, byte[] content)
    {
        await using var session = database.Marten.LightweightSession();
        var @event = RecordedEvents.Wrap("consultation-recorded.v1", content);
        @event.Id = id;
        session.Events.Append(stream, @event);
        try
        {
            await session.SaveChangesAsync();
            return true;
        }
        catch (Exception e) when (e is JasperFx.Events.EventStreamUnexpectedMaxEventIdException or { InnerException: Npgsql.PostgresException { SqlState: Npgsql.PostgresErrorCodes.UniqueViolation } })
        {
            return false;
        }
    }

    /// <summary>
    /// The same loop as the ledger's: the same Marten append, look-up of repeated requests, request and index rows, in as many
    /// round trips. It leaves out the chain, the leaves and the head's row: what those cost is the difference.
    /// </summary>
    private sealed class PlainWriter : IAsyncDisposable
    {
        private readonly GroupCommitQueue<TaskCompletionSource> _queue = new(LedgerWriter.MaxBatch, TimeProvider.System);
        private readonly ConsultationIndex _index = new();
        private readonly LedgerDatabase _database;
        private readonly Workload _workload;
        private readonly Task _loop;
        private long _position;

        public PlainWriter(LedgerDatabase database, Workload workload)
        {
            (_database, _workload) = (database, workload);
            _loop = Task.Run(LoopAsync);
        }

        public async Task AppendAsync()
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await _queue.EnqueueAsync(done, CancellationToken.None);
            await done.Task;
        }

        public async ValueTask DisposeAsync()
        {
            _queue.Close();
            await _loop;
        }

        private async Task LoopAsync()
        {
            var batch = new List<TaskCompletionSource>(LedgerWriter.MaxBatch);
            while (await _queue.NextAsync(batch))
            {
                await RecordAsync(batch.ConvertAll(_ => _workload.Event()));
                batch.ForEach(done => done.SetResult());
            }
        }

        private async Task RecordAsync(List<(Guid Id, byte[] Content, Domain.Consultations.ConsultationRecorded Event)> events)
        {
            await using var connection = await _database.Source.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            var ids = events.ConvertAll(e => e.Id).ToArray();
            await using (var repeated = new NpgsqlBatch(connection, transaction)
            {
                BatchCommands =
                {
                    new("set local enable_seqscan = off"),
                    new("select request_id, digest, position from ledger.ledger_request where request_id = any($1)") { Parameters = { new() { Value = ids } } },
                    new("set local enable_seqscan = on"),
                },
            })
            {
                await using var reader = await repeated.ExecuteReaderAsync();
            }

            await using (var session = _database.Marten.LightweightSession(Marten.Services.SessionOptions.ForTransaction(transaction)))
            {
                session.Events.Append("journal-763-2026-03-10", events.Select(b =>
                {
                    var e = RecordedEvents.Wrap("consultation-recorded.v1", b.Content);
                    e.Id = b.Id;
                    return (object)e;
                }));
                await session.SaveChangesAsync();
            }

            await using var rows = new NpgsqlBatch(connection, transaction);
            rows.BatchCommands.Add(new("insert into ledger.ledger_request (request_id, digest, position) select * from unnest($1, $2, $3)")
            {
                Parameters =
                {
                    new() { Value = ids }, new() { Value = events.ConvertAll(_ => new byte[32]).ToArray() }, new() { Value = events.ConvertAll(_ => 0L).ToArray() },
                },
            });
            await _index.AddToAsync(rows, connection, events.ConvertAll(e => (_position++, e.Event)), CancellationToken.None);
            await rows.ExecuteNonQueryAsync();
            await transaction.CommitAsync();
        }
    }
}
