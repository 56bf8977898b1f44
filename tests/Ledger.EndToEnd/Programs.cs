using System.Diagnostics;
using Ledger.Client;

namespace Ledger.EndToEnd;

/// <summary>The tools as users run them.</summary>
internal static class Programs
{
    public static string Root { get; } = FindRoot();

    public static string Ledger => Built("Ledger.Cli", "ledger.dll");

    public static string LedgerVerify => Built("Ledger.Verify", "ledger-verify.dll");

    public static string Bench => Built("Ledger.Bench", "Ledger.Bench.dll");

    public static async Task<(int Exit, string Output, string Error)> RunAsync(
        string program,
        params string[] arguments
    )
    {
        using var process = Start(program, arguments);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    /// <summary>A file with the number of an allocataire, which no command line takes.</summary>
    public static string Numbered(string folder, string matricule)
    {
        var file = Path.Combine(folder, $"{matricule}.matricule");
        File.WriteAllText(file, matricule + "\n");
        return file;
    }

    public static Process Start(string program, params string[] arguments) =>
        Process.Start(
            new ProcessStartInfo("dotnet", [program, .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                // French is tried where it is what is tried.
                Environment = { ["LEDGER_LANG"] = "en" },
            }
        )!;

    private static string Built(string project, string file)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        return Path.Combine(Root, "tools", project, "bin", configuration, "net10.0", file);
    }

    private static string FindRoot()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at!.FullName, "Ledger.sln")))
        {
            at = at.Parent;
        }

        return at.FullName;
    }
}

/// <summary>A service as a process of its own, which can be killed.</summary>
internal sealed class ServiceProcess : IDisposable
{
    private static readonly string[] FreePort = ["--port", "0"];

    private readonly Process _process;
    private readonly List<string> _output = [];
    private bool _disposed;

    private ServiceProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Address { get; private set; } = null!;

    public Uri? Tiles { get; private set; }

    public bool IsRunning => !_disposed && !_process.HasExited;

    public LedgerClient Client { get; private set; } = null!;

    public static async Task<ServiceProcess> StartAsync(params string[] arguments)
    {
        var ready = Path.GetTempFileName();
        File.Delete(ready);
        var service = new ServiceProcess(
            Programs.Start(
                Programs.Ledger,
                ["serve", "--ready-file", ready, .. arguments.Contains("--port") ? [] : FreePort, .. arguments]
            )
        );
        for (var tries = 0; !File.Exists(ready); tries++)
        {
            if (service._process.HasExited || tries > 3000)
            {
                throw new InvalidOperationException(
                    $"The service did not become ready: {string.Join('\n', service._output)}"
                );
            }

            await Task.Delay(20);
        }

        var addresses = await File.ReadAllLinesAsync(ready);
        (service.Address, service.Tiles) = (new Uri(addresses[0]), addresses.Length > 1 ? new Uri(addresses[1]) : null);
        service.Client = new LedgerClient(service.Address);
        File.Delete(ready);
        return service;
    }

    /// <summary>What follows a text in a line that it prints, once it does.</summary>
    public async Task<string> SaidAfterAsync(string text)
    {
        for (var tries = 0; tries < 500; tries++)
        {
            lock (_output)
            {
                if (_output.Find(l => l.Contains(text, StringComparison.Ordinal)) is { } line)
                {
                    return line[(line.IndexOf(text, StringComparison.Ordinal) + text.Length)..];
                }
            }

            await Task.Delay(20);
        }

        throw new InvalidOperationException($"It never said '{text}'.");
    }

    /// <summary>SIGKILL: nothing is closed, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM: the orderly end.</summary>
    public async Task<int> StopAsync()
    {
        using (Process.Start("kill", ["-TERM", $"{_process.Id}"]))
        {
            await _process.WaitForExitAsync();
        }

        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        Client?.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private void Note(string? line)
    {
        lock (_output)
        {
            _output.Add(line ?? string.Empty);
        }
    }
}
