using Grpc.Core;
using Ledger.Presentation;
using Ledger.Store.Embedded;
using Ledger.Store.Pseudonyms;
using Ledger.Store.Publishing;
using Ledger.Store.Schema;
using Npgsql;

namespace Ledger.Service.Hosting;

/// <summary>What the exit of a program of the ledger says. Stable: scripts act on it.</summary>
public static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>The ledger refused, or what was asked for is not there.</summary>
    public const int Refused = 1;

    /// <summary>The command line or an option is wrong.</summary>
    public const int Usage = 2;

    /// <summary>The ledger or its database cannot be reached.</summary>
    public const int Unavailable = 3;

    /// <summary>The code of a failure that is told in one line; null for a mistake of the program.</summary>
    public static int? Of(Exception failure) =>
        failure switch
        {
            SetupException => Usage,
            RpcException { StatusCode: StatusCode.Unavailable or StatusCode.DeadlineExceeded } => Unavailable,
            RpcException => Refused,
            PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } => Refused,
            LedgerStateException
            or KeyUnavailableException
            or KeyDestroyedException
            or RestoredCopyException
            or FormatException
            or IOException
            or UnauthorizedAccessException => Refused,
            EmbeddedPostgresException or NpgsqlException or StoreUnavailableException => Unavailable,
            _ => null,
        };

    /// <summary>Runs a program; a failure is one line on the error stream and a code.</summary>
    public static async Task<int> GuardAsync(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (Exception e) when (Of(e) is { } code)
        {
            return Complain(Words.Spoken.Translated(e is RpcException rpc ? rpc.Status.Detail : e.Message), code);
        }
    }

    /// <summary>One line on the error stream.</summary>
    public static int Complain(string message, int code)
    {
        Console.Error.WriteLine($"ledger: {Typography.OneLine(message)}");
        return code;
    }
}
