using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Usage;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store.ReadModels;

/// <summary>The kinds of facts of use, as the index numbers them.</summary>
public enum UsageKind : short
{
    /// <summary>A file was opened.</summary>
    Consultation,

    /// <summary>An agent authenticated.</summary>
    Authentication,

    /// <summary>Somebody failed to.</summary>
    FailedAuthentication,

    /// <summary>A search.</summary>
    Search,

    /// <summary>The portal refused to open a file.</summary>
    Refusal,

    /// <summary>Data were taken out.</summary>
    Export,

    /// <summary>Data were brought in.</summary>
    Supply,
}

/// <summary>The index of facts of use by file, agent and address, written in the transaction that records them; a partition a month.</summary>
internal sealed class UsageIndex
{
    // The months whose partition is known to be there. Whoever holds one of these forgets it when a transaction fails.
    private readonly HashSet<DateOnly> _months = [];

    /// <summary>Whether an event is a fact of use.</summary>
    public static bool Takes(LedgerEvent @event) => @event is ConsultationRecorded or UsageEvent;

    public async Task AddToAsync(NpgsqlBatch batch, NpgsqlConnection connection, IReadOnlyCollection<(long Position, LedgerEvent Event)> events, CancellationToken cancel)
    {
        var rows = events.Where(e => Takes(e.Event)).Select(e => Row.Of(e.Position, e.Event)).ToList();
        if (rows.Count == 0)
        {
            return;
        }

        foreach (var month in rows.Select(r => new DateOnly(r.At.Year, r.At.Month, 1)).Distinct())
        {
            if (_months.Add(month))
            {
                await EnsurePartitionAsync(connection, month, cancel);
            }
        }

        batch.BatchCommands.Add(new(
            """
            insert into ledger.usage (position, kind, occurred_at, caf, siret, agent, allocataire, service, habilitation, session, address, has_file, authorised)
            select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            """)
        {
            Parameters =
            {
                Array(r => r.Position), Array(r => (short)r.Kind), Array(r => r.At), Array(r => r.Caf), Array(r => r.Siret), Array(r => r.Agent),
                Array(r => r.Allocataire), Text(r => r.Service), Text(r => r.Habilitation), Text(r => r.Session), Text(r => r.Address), Array(r => r.HasFile),
                Array(r => r.Authorised),
            },
        });

        NpgsqlParameter Array<T>(Converter<Row, T> column) => new() { Value = rows.ConvertAll(column).ToArray() };
        NpgsqlParameter Text(Converter<Row, string?> column) => new() { Value = rows.ConvertAll(column).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
    }

    // Only the holder of the head's lock writes, so no two processes make the same partition at once.
    private static async Task EnsurePartitionAsync(NpgsqlConnection connection, DateOnly month, CancellationToken cancel)
    {
        var name = $"ledger.usage_{month:yyyy_MM}";
        await using var exists = new NpgsqlCommand("select to_regclass($1) is not null", connection) { Parameters = { new() { Value = name } } };
        if (await exists.ExecuteScalarAsync(cancel) is true)
        {
            return;
        }

        await using var create = new NpgsqlCommand(
            $"create table {name} partition of ledger.usage for values from ('{month:yyyy-MM-dd} 00:00:00+00') to ('{month.AddMonths(1):yyyy-MM-dd} 00:00:00+00')",
            connection);
        await create.ExecuteNonQueryAsync(cancel);
    }

    private readonly record struct Row(
        long Position, UsageKind Kind, DateTime At, string Caf, string Siret, string Agent, byte[]? Allocataire, string? Service, string? Habilitation,
        string? Session, string? Address, bool HasFile, bool Authorised)
    {
        public static Row Of(long position, LedgerEvent @event) => @event switch
        {
            ConsultationRecorded c => new(
                position, UsageKind.Consultation, c.OccurredAt.UtcDateTime, c.Caf.Value, c.Siret.Value, c.Agent.Value, Bytes(c.Allocataire), c.Service.Value,
                c.Verdict.Habilitation?.Value, c.Session, c.Address, c.BusinessFile is not null, c.Verdict.Authorised),
            AuthenticationSucceeded e => Of(position, UsageKind.Authentication, e.Usage, null),
            AuthenticationFailed e => Of(position, UsageKind.FailedAuthentication, e.Usage, null),
            SearchPerformed e => Of(position, UsageKind.Search, e.Usage, null),
            ConsultationRefused e => Of(position, UsageKind.Refusal, e.Usage, e.Allocataire),
            DataExported e => Of(position, UsageKind.Export, e.Usage, e.Allocataire),
            DataSupplied e => Of(position, UsageKind.Supply, e.Usage, e.Allocataire),
            _ => throw new ArgumentException("Not a fact of use.", nameof(@event)),
        };

        private static Row Of(long position, UsageKind kind, UsageOf u, Pseudonym? allocataire) => new(
            position, kind, u.OccurredAt.UtcDateTime, u.Caf.Value, u.Siret.Value, u.Agent.Value, allocataire is null ? null : Bytes(allocataire), u.Service?.Value,
            null, u.Session, u.Address, true, true);

        private static byte[] Bytes(Pseudonym pseudonym) => Convert.FromBase64String(pseudonym.Value);
    }
}
