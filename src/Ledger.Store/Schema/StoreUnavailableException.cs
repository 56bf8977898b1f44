using Npgsql;

namespace Ledger.Store.Schema;

/// <summary>
/// PostgreSQL cannot be reached, or dropped the connection. What was asked may be asked again with the same request id.
/// </summary>
public sealed class StoreUnavailableException(Exception cause)
    : Exception(
        "The database is unavailable. Ask again with the same request id: nothing is ever recorded twice.",
        cause
    )
{
    /// <summary>
    /// Whether a failure is one of the moment. What PostgreSQL itself says is worth asking again only where it is about
    /// connections, resources, shutdowns or locks; the rest, such as a constraint that does not hold, would fail again
    /// for ever.
    /// </summary>
    public static bool Is(Exception failure) =>
        failure is PostgresException postgres
            ? postgres.SqlState[..2] is "08" or "40" or "53" or "55" or "57" or "58"
            : failure
                is NpgsqlException
                    or IOException
                    or TimeoutException
                    or OperationCanceledException
                    or ObjectDisposedException
                || (failure.InnerException is { } inner && Is(inner));
}
