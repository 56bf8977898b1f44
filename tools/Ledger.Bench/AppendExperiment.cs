using System.Threading.Channels;
using Ledger.Store.Appending;
using Ledger.Store.Schema;
using Marten;
using NpgsqlTypes;

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
        foreach (var (callers, events) in new[] { (64, 8_000), (256, 20_000) })
        {
            var (chained, _) = await workload.CreateAsync();
            var (unchained, _) = await workload.CreateAsync();
            var (single, _) = await workload.CreateAsync();
            await using var writer = new LedgerWriter(chained);
            await workload.EntitleAsync(writer);
            await using var plain = new PlainWriter(unchained);
            var name = $"append, {callers} callers";
            var without = new Variant("marten group commit, no chain", () => ByCallersAsync(callers, events, () =>
            {
                var (id, content) = workload.Event();
                return plain.AppendAsync(id, content);
            }));
            var one = new Variant("marten, a session an event", () => ByCallersAsync(callers, events / 8, async () =>
            {
                var (id, content) = workload.Event();
                await using var session = single.Marten.LightweightSession();
                var e = RecordedEvents.Wrap("consultation-recorded.v1", content);
                e.Id = id;
                session.Events.Append($"journal-{id}", e);
                await session.SaveChangesAsync();
            }));
            Variant Ledger(string versus) => new("ledger (chain, leaves, verdict)", () => ByCallersAsync(callers, events, () =>
            {
                AppendRequest request;
                lock (workload)
                {
                    request = workload.Request();
                }

                return writer.AppendAsync(request, CancellationToken.None);
            }), versus);

            measurements.AddRange(await Interleaved.RunAsync(name, passes, without, Ledger(without.Name)));
            measurements.AddRange(await Interleaved.RunAsync(name, passes, one, Ledger(one.Name)));
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

    /// <summary>The same loop as the ledger's, without the ledger: what the chain costs is the difference.</summary>
    private sealed class PlainWriter : IAsyncDisposable
    {
        private readonly Channel<(Guid Id, byte[] Content, TaskCompletionSource Done)> _queue =
            Channel.CreateBounded<(Guid, byte[], TaskCompletionSource)>(8 * LedgerWriter.MaxBatch);

        private readonly LedgerDatabase _database;
        private readonly Task _loop;

        public PlainWriter(LedgerDatabase database)
        {
            _database = database;
            _loop = Task.Run(LoopAsync);
        }

        public async Task AppendAsync(Guid id, byte[] content)
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await _queue.Writer.WriteAsync((id, content, done));
            await done.Task;
        }

        public async ValueTask DisposeAsync()
        {
            _queue.Writer.Complete();
            await _loop;
        }

        private async Task LoopAsync()
        {
            while (await _queue.Reader.WaitToReadAsync())
            {
                var batch = new List<(Guid Id, byte[] Content, TaskCompletionSource Done)>(LedgerWriter.MaxBatch);
                while (batch.Count < LedgerWriter.MaxBatch && _queue.Reader.TryRead(out var item))
                {
                    batch.Add(item);
                }

                await using var connection = await _database.Source.OpenConnectionAsync();
                await using var transaction = await connection.BeginTransactionAsync();
                await using (var session = _database.Marten.LightweightSession(Marten.Services.SessionOptions.ForTransaction(transaction)))
                {
                    session.Events.Append("journal-763-2026-03-10", batch.Select(b =>
                    {
                        var e = RecordedEvents.Wrap("consultation-recorded.v1", b.Content);
                        e.Id = b.Id;
                        return (object)e;
                    }));
                    await session.SaveChangesAsync();
                }

                await using (var requests = await connection.BeginBinaryImportAsync("copy ledger.ledger_request (request_id, digest, position) from stdin (format binary)"))
                {
                    foreach (var (id, _, _) in batch)
                    {
                        await requests.StartRowAsync();
                        await requests.WriteAsync(id, NpgsqlDbType.Uuid);
                        await requests.WriteAsync(new byte[32], NpgsqlDbType.Bytea);
                        await requests.WriteAsync(0L, NpgsqlDbType.Bigint);
                    }

                    await requests.CompleteAsync();
                }

                await transaction.CommitAsync();
                batch.ForEach(b => b.Done.SetResult());
            }
        }
    }
}
