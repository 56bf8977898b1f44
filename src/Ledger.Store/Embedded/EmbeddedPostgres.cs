using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Ledger.Store.Embedded;

/// <summary>
/// A private PostgreSQL cluster in a folder, made of the system's binaries (version 14 or later), reachable by a Unix
/// socket
/// only. Started by root it runs as the user <c>postgres</c>. A cluster left running by a process that died is taken
/// over.
/// </summary>
public sealed partial class EmbeddedPostgres : IAsyncDisposable
{
    private const int OldestVersion = 14;
    private const int LongestSocketFolder = 90;

    private readonly string _binaries;
    private readonly string _data;
    private readonly string _socket;

    private EmbeddedPostgres(string binaries, string folder)
    {
        _binaries = binaries;
        _data = Path.Combine(folder, "cluster");
        _socket = folder;
    }

    /// <summary>How to reach the cluster's first database as its superuser.</summary>
    public string ConnectionString => ConnectionStringTo("postgres");

    /// <summary>The process that serves it.</summary>
    public int ProcessId => int.Parse(File.ReadLines(Path.Combine(_data, "postmaster.pid")).First());

    /// <summary>Starts the cluster of a folder, and makes it first if there is none.</summary>
    /// <exception cref="EmbeddedPostgresException">
    /// No fit binaries were found, or PostgreSQL would not start; the message says what it printed.
    /// </exception>
    public static async Task<EmbeddedPostgres> StartAsync(string folder, CancellationToken cancel)
    {
        folder = Path.GetFullPath(folder);
        if (folder.Length > LongestSocketFolder)
        {
            throw new EmbeddedPostgresException(
                $"The path of the data folder is too long for a Unix socket (over {LongestSocketFolder} "
                    + $"characters): {folder}"
            );
        }

        var postgres = new EmbeddedPostgres(await FindBinariesAsync(cancel), folder);
        Directory.CreateDirectory(folder);
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", ["postgres:", folder], cancel);
        }

        if (!File.Exists(Path.Combine(postgres._data, "PG_VERSION")))
        {
            await postgres.AsOwnerAsync(
                "initdb",
                ["-D", postgres._data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"],
                cancel
            );
        }

        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await postgres.StartServerAsync(cancel);
        return postgres;
    }

    /// <summary>How to reach one of its databases.</summary>
    public string ConnectionStringTo(string database) =>
        $"Host={_socket};Username=postgres;Database={database};Maximum Pool Size=40;Max Auto Prepare=40";

    /// <summary>Starts the server of a cluster that was stopped.</summary>
    public async Task StartServerAsync(CancellationToken cancel)
    {
        if (await IsRunningAsync(cancel))
        {
            return;
        }

        var options =
            $"-c listen_addresses='' -c unix_socket_directories='{_socket}' -c unix_socket_permissions=0700 -c "
            + $"max_connections=200";
        await AsOwnerAsync(
            "pg_ctl",
            ["-D", _data, "-l", Path.Combine(_socket, "postgres.log"), "-o", options, "-w", "-t", "60", "start"],
            cancel
        );
    }

    /// <summary>Stops the server: fast lets transactions roll back, immediate does not even do that.</summary>
    public Task StopServerAsync(bool immediate, CancellationToken cancel) =>
        AsOwnerAsync("pg_ctl", ["-D", _data, "-m", immediate ? "immediate" : "fast", "-w", "stop"], cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (await IsRunningAsync(CancellationToken.None))
        {
            await StopServerAsync(immediate: false, CancellationToken.None);
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
        Version().Match(await RunAsync(initdb, ["--version"], cancel)) is { Success: true } match
            ? int.Parse(match.Value)
            : 0;

    private static async Task<string> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        using var process =
            Process.Start(start) ?? throw new EmbeddedPostgresException($"{program} could not be started.");
        // pg_ctl gives the server a log file of its own, so these pipes end with the command.
        var (output, error) = (
            process.StandardOutput.ReadToEndAsync(cancel),
            process.StandardError.ReadToEndAsync(cancel)
        );
        await process.WaitForExitAsync(cancel);
        var said = await output + await error;
        return process.ExitCode == 0
            ? said
            : throw new EmbeddedPostgresException(
                $"{Path.GetFileName(program)} failed ({process.ExitCode}): {said.Trim()}"
            );
    }

    private async Task<bool> IsRunningAsync(CancellationToken cancel)
    {
        try
        {
            await AsOwnerAsync("pg_ctl", ["-D", _data, "status"], cancel);
            return true;
        }
        catch (EmbeddedPostgresException)
        {
            return false;
        }
    }

    private Task<string> AsOwnerAsync(string binary, string[] arguments, CancellationToken cancel)
    {
        var program = Path.Combine(_binaries, binary);
        return Environment.IsPrivilegedProcess && RuntimeInformation.IsOSPlatform(OSPlatform.Linux)
            ? RunAsync(
                "setpriv",
                ["--reuid=postgres", "--regid=postgres", "--init-groups", program, .. arguments],
                cancel
            )
            : RunAsync(program, arguments, cancel);
    }

    [GeneratedRegex(@"\d+")]
    private static partial Regex Version();
}

/// <summary>The embedded PostgreSQL could not be found, made, started or stopped.</summary>
public sealed class EmbeddedPostgresException(string message) : Exception(message);
