using System.Diagnostics;
using System.Globalization;
using Ledger.Client;

namespace Ledger.Bench.Overload;

/// <summary>The service as a process of its own, as in production: its memory is its own, and so is its end.</summary>
internal sealed class ServiceUnderLoad : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;

    private ServiceUnderLoad(Process process, string folder) => (_process, _folder) = (process, folder);

    public Uri Address { get; private set; } = null!;

    /// <summary>Who its callers are; null for whoever runs it.</summary>
    public LedgerCredentials? Credentials { get; set; }

    /// <summary>The most memory that it had, in MB.</summary>
    public double PeakMegabytes => Status("VmHWM:");

    /// <summary>Serves a ledger of the workload's key.</summary>
    /// <param name="connectionString">Where it is.</param>
    /// <param name="placeKeys">Puts the keys of its months into a folder; null for a ledger that has none yet.</param>
    /// <param name="options">More settings.</param>
    public static async Task<ServiceUnderLoad> StartAsync(
        string connectionString,
        Func<string, Task>? placeKeys = null,
        IReadOnlyDictionary<string, string>? options = null
    )
    {
        var folder = Directory.CreateTempSubdirectory("ledger-bench-service-").FullName;
        var key = Path.Combine(folder, "checkpoint.key");
        await File.WriteAllTextAsync(key, Workload.Signer.ToSecret() + "\n");
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await (placeKeys?.Invoke(Path.Combine(folder, "pseudonyms")) ?? Task.CompletedTask);
        var ready = Path.Combine(folder, "ready");
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Ledger.Service.dll")])
        {
            Environment =
            {
                ["Ledger__ConnectionString"] = connectionString,
                ["Ledger__KeyFolder"] = folder,
                ["Ledger__Port"] = "0",
                ["Ledger__ReadyFile"] = ready,
                ["Logging__LogLevel__Default"] = "Error",
            },
        };
        foreach (var (name, value) in options ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var service = new ServiceUnderLoad(Process.Start(start)!, folder);
        while (!File.Exists(ready))
        {
            if (service._process.HasExited)
            {
                throw new InvalidOperationException("The service did not start.");
            }

            await Task.Delay(50);
        }

        service.Address = new Uri((await File.ReadAllLinesAsync(ready))[0]);
        return service;
    }

    /// <summary>A caller with a connection of its own.</summary>
    public LedgerClient Connect() => Credentials is { } known ? new(Address, known) : new(Address);

    public async ValueTask DisposeAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
        {
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private double Status(string field) =>
        double.Parse(
            File.ReadLines($"/proc/{_process.Id}/status")
                .First(l => l.StartsWith(field, StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture
        ) / 1024;
}
