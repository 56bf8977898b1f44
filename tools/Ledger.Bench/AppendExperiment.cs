using Ledger.Domain;
using Ledger.Domain.Knowing;
using Ledger.Store.Appending;
using Ledger.Store.Knowing;
using Ledger.Store.ReadModels;
using Ledger.Store.Schema;
using Npgsql;

namespace Ledger.Bench;

/// <summary>
/// Durable appends by many callers, each waiting for its answer. Three ways, each on its own database of one cluster:
/// the ledger; the same group commit, verdicts, Marten append, request and index rows without chain, leaves or head;
/// one Marten session an event.
/// </summary>
internal static class AppendExperiment
{
    public static async Task<List<Measurement>> RunAsync(Workload workload, int passes)
    {
        var measurements = new List<Measurement>();
        foreach (var (callers, events) in new[] { (64, 12_000), (256, 24_000) })
        {
            var (chained, _) = await workload.CreateAsync();
            var (unchained, _) = await workload.CreateAsync();
            var (single, _) = await workload.CreateAsync();
            using var replica = new Replica(chained);
            await using var writer = new LedgerWriter(chained, replica);
            await workload.EntitleAsync(writer);
            await using var plain = await PlainWriter.StartAsync(unchained, chained);
            var name = $"append, {callers} callers";
            var without = new Variant(
                "the same without chain, leaves and head",
                () => ByCallersAsync(callers, events, () => plain.AppendAsync(workload.Request()))
            );
            Variant One(string name, Func<Guid, string> stream) =>
                new(
                    name,
                    () =>
                        ByCallersAsync(
                            callers,
                            500,
                            async () =>
                            {
                                var (id, content, _) = workload.Event();
                                while (!await TryAppendAsync(single, stream(id), id, content))
                                {
                                    // Another session took the stream's next version: again, as a caller would.
                                }
                            }
                        )
                );
            var journal = One("marten, a session an event, same journal", _ => "journal-763-2026-03-10");
            var scattered = One("marten, a session and a stream an event", id => $"journal-{id}");
            Variant Ledger(string versus) =>
                new(
                    "ledger",
                    () =>
                        ByCallersAsync(
                            callers,
                            events,
                            () => writer.AppendAsync(workload.Request(), CancellationToken.None)
                        ),
                    versus
                );

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

    /// <summary>So many callers who append one after another, until so many events are there.</summary>
    public static async Task<long> ByCallersAsync(int callers, int events, Func<Task> append)
    {
        var left = events;
        await Task.WhenAll(
            Enumerable
                .Range(0, callers)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        while (Interlocked.Decrement(ref left) >= 0)
                        {
                            await append();
                        }
                    })
                )
        );
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
        catch (Exception e)
            when (e
                    is JasperFx.Events.EventStreamUnexpectedMaxEventIdException
                        or {
                            InnerException: Npgsql.PostgresException
                            {
                                SqlState: Npgsql.PostgresErrorCodes.UniqueViolation
                            }
                        }
            )
        {
            return false;
        }
    }

    /// <summary>
    /// The same loop as the ledger's: the same verdicts, Marten append, look-up of repeated requests, request and index
    /// rows, in as many round trips. It leaves out the chain, the leaves and the head's row: what those cost is the
    /// difference.
    /// </summary>
    private sealed class PlainWriter : IAsyncDisposable
    {
        private readonly FairQueue<(AppendRequest Request, TaskCompletionSource Done)> _queue = new(
            LedgerWriter.MaxBatch,
            LedgerWriter.RoomForEach,
            LedgerWriter.RoomForAll,
            TimeProvider.System
        );
        private readonly LedgerDatabase _database;
        private readonly Knowledge _known;
        private readonly Task _loop;
        private long _position;

        private PlainWriter(LedgerDatabase database, Knowledge known)
        {
            (_database, _known) = (database, known);
            _loop = Task.Run(LoopAsync);
        }

        /// <summary>Starts the loop, with the rights that another ledger knows.</summary>
        public static async Task<PlainWriter> StartAsync(LedgerDatabase database, LedgerDatabase knowing)
        {
            using var replica = new Replica(knowing);
            var known = await replica.AtLeastAsync(
                await LastLeafRow.ReadAsync(knowing.Source, CancellationToken.None),
                CancellationToken.None
            );
            await using var create = database.Source.CreateCommand(
                "create table request (event_id uuid primary key, digest bytea not null, position bigint not null)"
            );
            await create.ExecuteNonQueryAsync();
            return new PlainWriter(database, known);
        }

        public async Task AppendAsync(AppendRequest request)
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await _queue.EnqueueAsync(request, (request, done), CancellationToken.None);
            await done.Task;
        }

        public async ValueTask DisposeAsync()
        {
            _queue.Close();
            await _loop;
            _queue.Dispose();
        }

        private async Task LoopAsync()
        {
            var batch = new List<(AppendRequest Request, TaskCompletionSource Done)>(LedgerWriter.MaxBatch);
            while (await _queue.NextAsync(batch))
            {
                await RecordAsync(batch.ConvertAll(b => b.Request));
                batch.ForEach(b => b.Done.SetResult());
            }
        }

        private async Task RecordAsync(List<AppendRequest> requests)
        {
            await using var connection = await _database.Source.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            var ids = requests.ConvertAll(r => EventIds.Of(r.Context.RequestId, 0)).ToArray();
            var now = await BeginAsync(connection, transaction, ids);
            var events = requests.ConvertAll(r => (r.Context, Event: r.Command.Decide(_known, r.Context, now)[0]));
            await using (
                var session = _database.Marten.LightweightSession(
                    Marten.Services.SessionOptions.ForTransaction(transaction)
                )
            )
            {
                session.Events.Append(
                    "journal-763-2026-03-10",
                    events.Zip(
                        ids,
                        (e, id) =>
                        {
                            var recorded = RecordedEvents.Wrap(
                                "consultation-recorded.v1",
                                EventCodec.Encode(e.Context, e.Event)
                            );
                            recorded.Id = id;
                            return (object)recorded;
                        }
                    )
                );
                await session.SaveChangesAsync();
            }

            await using var rows = new NpgsqlBatch(connection, transaction);
            rows.BatchCommands.Add(
                new("insert into request (event_id, digest, position) select * from unnest($1, $2, $3)")
                {
                    Parameters =
                    {
                        new() { Value = ids },
                        new() { Value = requests.ConvertAll(r => r.Digest).ToArray() },
                        new() { Value = events.ConvertAll(_ => 0L).ToArray() },
                    },
                }
            );
            var readModels = new ReadModelWriter();
            events.ForEach(e => readModels.Take(ReadModelChange.Of(_position++, e.Event, _known, null)));
            readModels.AddTo(rows);
            await rows.ExecuteNonQueryAsync();
            await transaction.CommitAsync();
        }

        private static async Task<DateTimeOffset> BeginAsync(
            NpgsqlConnection connection,
            NpgsqlTransaction transaction,
            Guid[] ids
        )
        {
            await using var batch = new NpgsqlBatch(connection, transaction)
            {
                BatchCommands =
                {
                    new("select clock_timestamp()"),
                    new("select r.* from unnest($1) id, lateral (select * from request where event_id = id offset 0) r")
                    {
                        Parameters = { new() { Value = ids } },
                    },
                },
            };
            await using var reader = await batch.ExecuteReaderAsync();
            await reader.ReadAsync();
            return reader.GetFieldValue<DateTimeOffset>(0);
        }
    }
}
