using Grpc.Core;
using Ledger.Store.Embedded;
using Ledger.Store.Schema;

namespace Ledger.Cli;

/// <summary>What the tool's exit says. Stable: scripts act on it.</summary>
internal static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>The ledger refused, or what was asked for is not there.</summary>
    public const int Refused = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>The ledger or its database cannot be reached.</summary>
    public const int Unavailable = 3;

    /// <summary>Runs a command; a failure is one line on the error stream and a code.</summary>
    public static async Task<int> GuardAsync(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (RpcException e)
        {
            return Complain(
                e.Status.Detail,
                e.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded ? Unavailable : Refused
            );
        }
        catch (Exception e)
            when (e
                    is LedgerStateException
                        or FormatException
                        or IOException
                        or UnauthorizedAccessException
                        or Google.Protobuf.InvalidJsonException
                        or Google.Protobuf.InvalidProtocolBufferException
            )
        {
            return Complain(e.Message, Refused);
        }
        catch (Exception e) when (e is EmbeddedPostgresException or Npgsql.NpgsqlException)
        {
            return Complain(e.Message, Unavailable);
        }
    }

    /// <summary>One line on the error stream.</summary>
    public static int Complain(string message, int code)
    {
        Console.Error.WriteLine($"ledger: {message.ReplaceLineEndings(" ")}");
        return code;
    }
}
