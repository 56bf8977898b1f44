using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Ledger.Files;
using Npgsql;

namespace Ledger.Store.Embedded;

/// <summary>
/// A private PostgreSQL cluster in a folder, made of the system's binaries (version 14 or later), reachable by a Unix
/// socket and a password only. Started by root it runs as the user <c>postgres</c>. The folder serves one process at a time; a cluster
/// left running by a process that died is taken over, and nothing is stopped that is not this cluster.
/// </summary>
public sealed partial class EmbeddedPostgres : IAsyncDisposable
{
    private const int OldestVersion = 14;
    private const int LongestSocketFolder = 90;
    private const string Cluster = "cluster";
    private const string Superuser = "postgres";

    private readonly string _binaries;
    private readonly string _folder;
    private readonly FileStream _lock;

    private EmbeddedPostgres(string binaries, string folder, FileStream held) =>
        (_binaries, _folder, _lock) = (binaries, folder, held);

    /// <summary>How to reach the cluster's first database as its superuser.</summary>
    public string ConnectionString => ConnectionStringTo("postgres");

    /// <summary>The process that serves it.</summary>
    public int ProcessId => PostmasterFile.Read(Data) ?? throw new EmbeddedPostgresException("It is not running.");

    private string Data => Path.Combine(_folder, Cluster);

    /// <summary>Checks that a folder can be a cluster's, before anything is made.</summary>
    /// <exception cref="EmbeddedPostgresException">It cannot: the message says why.</exception>
    public static void RequireFit(string folder)
    {
        folder = Path.GetFullPath(folder);
        if (Encoding.UTF8.GetByteCount(folder) > LongestSocketFolder)
        {
            throw new EmbeddedPostgresException(
                $"The path of the data folder is too long for a Unix socket (over {LongestSocketFolder} bytes): "
                    + folder
            );
        }

        if (folder.Any(c => c is ',' or ':' || char.IsControl(c)))
        {
            throw new EmbeddedPostgresException(
                "The path of the data folder has a comma, a colon or a control character, which no address of a Unix "
                    + "socket may have."
            );
        }
    }

    /// <summary>Starts the cluster of a folder, and makes it first if there is none.</summary>
    /// <exception cref="EmbeddedPostgresException">
    /// No fit binaries were found, another process uses the folder, or PostgreSQL would not start; the message says
    /// what it printed.
    /// </exception>
    public static async Task<EmbeddedPostgres> StartAsync(string folder, CancellationToken cancel)
    {
        folder = Path.GetFullPath(folder);
        RequireFit(folder);
        var binaries = await FindBinariesAsync(cancel);
        Directory.CreateDirectory(folder);
        var postgres = new EmbeddedPostgres(binaries, folder, Hold(folder));
        try
        {
            await postgres.MakeAsync(cancel);
            await postgres.StartServerAsync(cancel);
            return postgres;
        }
        catch
        {
            await postgres.DisposeAsync();
            throw;
        }
    }

    /// <summary>How to reach one of its databases.</summary>
    public string ConnectionStringTo(string database) => ConnectionStringTo(database, Superuser);

    /// <summary>How to reach one of its databases as a role.</summary>
    public string ConnectionStringTo(string database, string role) => ConnectionStringIn(_folder, database, role);

    /// <summary>
    /// How to reach a database of the cluster in a folder as a role. The password is in a file, and not in this.
    /// </summary>
    public static string ConnectionStringIn(string folder, string database, string role) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = Path.GetFullPath(folder),
            Username = role,
            Passfile = PasswordFile.Of(Path.GetFullPath(folder), role),
            Database = database,
            MaxPoolSize = 40,
            MaxAutoPrepare = 40,
        }.ConnectionString;

    /// <summary>The password of a role, which is made up on first use and kept in a file of the owner's.</summary>
    public string PasswordOf(string role) => PasswordFile.ReadOrMake(_folder, role);

    /// <summary>Starts the server of a cluster that was stopped.</summary>
    public async Task StartServerAsync(CancellationToken cancel)
    {
        if (PostmasterFile.IsRunning(Data))
        {
            return;
        }

        // The socket's folder is named from the cluster, and the cluster from the folder: whatever characters the
        // folder's own name has, no shell reads them.
        PostmasterFile.DisownForeign(Data);
        const string options =
            "-c listen_addresses='' -c unix_socket_directories=.. -c unix_socket_permissions=0700 "
            + "-c max_connections=200 "
            // A question takes one processor, and plans of a few ms are not compiled for a hundred.
            + "-c max_parallel_workers_per_gather=0 -c jit=off";
        await AsOwnerAsync(
            "pg_ctl",
            ["-D", Cluster, "-l", "postgres.log", "-o", options, "-w", "-t", "60", "start"],
            CancellationToken.None
        );
        cancel.ThrowIfCancellationRequested();
    }

    /// <summary>Stops the server: fast lets transactions roll back, immediate does not even do that.</summary>
    public async Task StopServerAsync(bool immediate, CancellationToken cancel)
    {
        if (PostmasterFile.IsRunning(Data))
        {
            await AsOwnerAsync("pg_ctl", ["-D", Cluster, "-m", immediate ? "immediate" : "fast", "-w", "stop"], cancel);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopServerAsync(immediate: false, CancellationToken.None);
        }
        finally
        {
            await _lock.DisposeAsync();
        }
    }

    // The system gives the lock back when the process ends, however it ends.
    private static FileStream Hold(string folder)
    {
        try
        {
            return new FileStream(
                Path.Combine(folder, "lock"),
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None
            );
        }
        catch (IOException)
        {
            throw new EmbeddedPostgresException($"Another process uses the data folder {folder}.");
        }
    }

    // Made beside, and moved into place once it is whole: the next start makes again what was left half made.
    private async Task MakeAsync(CancellationToken cancel)
    {
        await OwnAsync(".", cancel);
        File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (Directory.Exists(Data))
        {
            return;
        }

        foreach (var left in Directory.EnumerateDirectories(_folder, $"{Cluster}.*.new"))
        {
            TryDelete(left);
        }

        // A name of its own: an initdb whose starter was killed may still be at work on the last one.
        var making = $"{Cluster}.{Path.GetRandomFileName()}.new";
        var password = DurableFile.WriteAside(
            Path.Combine(_folder, "initdb"),
            Encoding.ASCII.GetBytes(PasswordFile.ReadOrMake(_folder, Superuser) + "\n"),
            isPrivate: true
        );
        try
        {
            await OwnAsync(Path.GetFileName(password), cancel);
            await AsOwnerAsync(
                "initdb",
                [
                    "-D",
                    making,
                    "-U",
                    Superuser,
                    "-A",
                    "scram-sha-256",
                    $"--pwfile={Path.GetFileName(password)}",
                    "-E",
                    "UTF8",
                    "--locale=C",
                ],
                cancel
            );
        }
        finally
        {
            File.Delete(password);
        }

        Directory.Move(Path.Combine(_folder, making), Data);
    }

    private async Task OwnAsync(string file, CancellationToken cancel)
    {
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", ["postgres:", file], _folder, cancel);
        }
    }

    private static void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody is at work in it: a later start finds it again.
        }
    }

    private static async Task<string> FindBinariesAsync(CancellationToken cancel)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator)
            .Concat(Folders("/usr/lib/postgresql", "bin"))
            .Append("/usr/local/pgsql/bin");
        foreach (var initdb in folders.Select(f => Path.Combine(f, "initdb")).Where(File.Exists))
        {
            // PATH may hold links: the binaries find their own files only from where they truly are.
            var found = new FileInfo(initdb).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? initdb;
            var folder = Path.GetDirectoryName(found)!;
            if (File.Exists(Path.Combine(folder, "pg_ctl")) && await VersionAsync(found, cancel) >= OldestVersion)
            {
                return folder;
            }
        }

        throw new EmbeddedPostgresException(
            $"No PostgreSQL {OldestVersion} or later was found (initdb and pg_ctl, on PATH or in "
                + $"/usr/lib/postgresql). On Debian: apt-get install postgresql"
        );
    }

    private static IEnumerable<string> Folders(string root, string below) =>
        Directory.Exists(root)
            ? Directory.EnumerateDirectories(root).OrderDescending().Select(d => Path.Combine(d, below))
            : [];

    private static async Task<int> VersionAsync(string initdb, CancellationToken cancel) =>
        Version().Match(await RunAsync(initdb, ["--version"], "/", cancel)) is { Success: true } match
            ? int.Parse(match.Value)
            : 0;

    private static async Task<string> RunAsync(
        string program,
        IEnumerable<string> arguments,
        string folder,
        CancellationToken cancel
    )
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        using var process =
            Process.Start(start) ?? throw new EmbeddedPostgresException($"{program} could not be started.");
        // pg_ctl gives the server a log file of its own, so these pipes end with the command.
        var (output, error) = (
            process.StandardOutput.ReadToEndAsync(cancel),
            process.StandardError.ReadToEndAsync(cancel)
        );
        try
        {
            await process.WaitForExitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }

        var said = await output + await error;
        return process.ExitCode == 0
            ? said
            : throw new EmbeddedPostgresException(
                $"{Path.GetFileName(program)} failed ({process.ExitCode}): {said.Trim()}"
            );
    }

    private Task<string> AsOwnerAsync(string binary, string[] arguments, CancellationToken cancel, string input = "")
    {
        var program = Path.Combine(_binaries, binary);
        return Environment.IsPrivilegedProcess && RuntimeInformation.IsOSPlatform(OSPlatform.Linux)
            ? RunAsync(
                "setpriv",
                ["--reuid=postgres", "--regid=postgres", "--init-groups", program, .. arguments],
                _folder,
                cancel
            )
            : RunAsync(program, arguments, _folder, cancel);
    }

    [GeneratedRegex(@"\d+")]
    private static partial Regex Version();
}

/// <summary>The embedded PostgreSQL could not be found, made, started or stopped.</summary>
public sealed class EmbeddedPostgresException(string message) : Exception(message);
