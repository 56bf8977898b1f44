using System.Diagnostics;
using Npgsql;

namespace Ledger.Tests;

/// <summary>PostgreSQL's own programs.</summary>
internal static class PostgresTools
{
    /// <summary>Runs one on a database, to its end.</summary>
    public static void Run(string program, string database, params string[] arguments)
    {
        var to = new NpgsqlConnectionStringBuilder(database);
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        start.Environment["PGHOST"] = to.Host;
        start.Environment["PGPORT"] = $"{to.Port}";
        start.Environment["PGUSER"] = to.Username;
        start.Environment["PGDATABASE"] = to.Database;
        start.Environment["PGPASSFILE"] = to.Passfile;
        start.Environment["PGPASSWORD"] = to.Password;
        using var running = Process.Start(start)!;
        running.StandardOutput.ReadToEnd();
        running.WaitForExit();
        running.ExitCode.ShouldBe(0);
    }
}
