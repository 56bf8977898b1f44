using Ledger.Domain.Common;
using Ledger.Domain.Knowing;
using Ledger.Store.Reading;
using Ledger.Store.Schema;
using Npgsql;

namespace Ledger.Store.ReadModels;

/// <summary>
/// Makes every read model again from the log, by the same code that the writer uses: beside the old tables, in a schema
/// of its own, while writers go on. They wait only while the tables change places.
/// </summary>
public static class ReadModelRebuild
{
    private const int Chunk = 5000;
    private const int SwapTries = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    // "ledger" in bytes: what two rebuilds of one database contend for.
    private const long Lock = 0x6C6564676572;

    private const string Beside = "ledger_rebuild";
    private const string Old = "ledger_replaced";

    // Who might read the old tables may read the new ones.
    private const string KeepGrants = $"""
        do $$
        declare was record;
        begin
            for was in
                select c.relname, a.privilege_type, a.is_grantable,
                       case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end as grantee
                from pg_class c, aclexplode(c.relacl) a
                where c.relnamespace = '{Old}'::regnamespace and c.relkind = 'r' and a.grantee <> c.relowner
            loop
                execute format('grant %s on ledger.%I to %s %s', was.privilege_type, was.relname, was.grantee,
                               case when was.is_grantable then 'with grant option' else '' end);
            end loop;
        end $$;
        """;

    private static readonly string[] Tables =
    [
        "event_tag",
        "partner_right",
        "habilitation_right",
        "usage",
        "alert",
        "alert_outcome",
    ];

    /// <summary>Rebuilds.</summary>
    /// <returns>The number of events read.</returns>
    /// <exception cref="TimeoutException">Readers kept the tables from changing places for minutes.</exception>
    /// <exception cref="LedgerStateException">Another rebuild is under way.</exception>
    public static async Task<long> RunAsync(LedgerDatabase database, CancellationToken cancel)
    {
        // One connection from beginning to end: the lock is its session's.
        await using var connection = await database.Writing.OpenConnectionAsync(cancel);
        await using var alone = new NpgsqlCommand($"select pg_try_advisory_lock({Lock})", connection);
        if (await alone.ExecuteScalarAsync(cancel) is not true)
        {
            throw new LedgerStateException("The read models are being made again already: wait for that to end.");
        }

        try
        {
            return await RunAsync(connection, cancel);
        }
        finally
        {
            await ExecuteAsync(connection, $"select pg_advisory_unlock({Lock})", CancellationToken.None);
        }
    }

    private static async Task<long> RunAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await ExecuteAsync(
            connection,
            $"drop schema if exists {Beside} cascade; drop schema if exists {Old} cascade; create schema {Beside};"
                + SchemaScripts.ReadModels(Beside),
            cancel
        );
        var made = new Making(Knowledge.None, 0);
        var streams = await StreamRows.BrokenAsync(connection, cancel);
        for (var tries = 0; tries < SwapTries; tries++)
        {
            made = await CatchUpAsync(connection, made, toTheEnd: false, cancel);
            if (await TrySwapAsync(connection, made, streams, cancel) is { } events)
            {
                await ExecuteAsync(connection, $"drop schema {Old} cascade; drop schema {Beside} cascade", cancel);
                return events;
            }

            await Task.Delay(Pause, cancel);
        }

        await ExecuteAsync(connection, $"drop schema {Beside} cascade", cancel);
        throw new TimeoutException("Readers hold the read models: they could not change places. Try again later.");
    }

    // While others write there is always something more: what is left then is less than a chunk.
    private static async Task<Making> CatchUpAsync(
        NpgsqlConnection connection,
        Making made,
        bool toTheEnd,
        CancellationToken cancel
    )
    {
        while (true)
        {
            var facts = await ReadAsync(connection, made.Next, cancel);
            if (facts.Count < (toTheEnd ? 1 : Chunk))
            {
                return made;
            }

            var (known, rows) = (made.Known, new ReadModelWriter(Beside));
            foreach (var fact in facts)
            {
                Learnt? learnt = Knowledge.Bears(fact.Event) ? known.Learn(fact) : null;
                rows.Take(ReadModelChange.Of(fact.Position, fact.Event, known, learnt));
                known = learnt?.Known ?? known;
            }

            await using var batch = new NpgsqlBatch(connection);
            rows.AddTo(batch);
            await batch.ExecuteNonQueryAsync(cancel);
            made = new Making(known, facts[^1].Position + 1);
        }
    }

    // Under the head's lock nobody writes: what was recorded since is added, and the tables change places. A reader of
    // the old tables, such as a dump, is not waited for: writers would wait as well.
    private static async Task<long?> TrySwapAsync(
        NpgsqlConnection connection,
        Making made,
        string[] streams,
        CancellationToken cancel
    )
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        try
        {
            await ExecuteAsync(
                connection,
                "set local lock_timeout = '500ms'; select one from ledger.ledger_head for update",
                cancel
            );
            made = await CatchUpAsync(connection, made, toTheEnd: true, cancel);
            await ExecuteAsync(
                connection,
                $"""
                drop view {Beside}.access_right; create schema {Old};
                {string.Concat(Tables.Select(t => $"alter table if exists ledger.{t} set schema {Old};"))}
                {string.Concat(Tables.Select(t => $"alter table {Beside}.{t} set schema ledger;"))}
                """,
                cancel
            );
            await ExecuteAsync(connection, SchemaScripts.ReadModels("ledger") + KeepGrants, cancel);
            await StreamRows.MendAsync(connection, streams, cancel);
            await transaction.CommitAsync(cancel);
            return made.Next;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            await transaction.RollbackAsync(cancel);
            return null;
        }
    }

    private static async Task<List<Fact>> ReadAsync(NpgsqlConnection connection, long from, CancellationToken cancel)
    {
        await using var select = new NpgsqlCommand(
            $"select * from ledger.stored_event where position >= $1 and position < $1 + {Chunk} order by position",
            connection
        );
        select.Parameters.Add(new() { Value = from });
        return (await LogReader.ReadEventsAsync(select, cancel)).ConvertAll(e => e.Fact);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancel);
    }

    // How far the tables beside have come.
    private sealed record Making(Knowledge Known, long Next);
}
