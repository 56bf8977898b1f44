using Grpc.Net.Client;
using Ledger.Client;
using Ledger.Files;
using Ledger.Integrity.Checkpoints;
using Ledger.Service.Hosting;
using Ledger.Service.Keys;
using Ledger.Store.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ledger.Tests;

/// <summary>The real service over real gRPC on loopback, on a database of its own.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly string _folder;
    private readonly string _writer;
    private readonly WebApplication _app;
    private readonly Task _running;

    private RunningService(string folder, (string Superuser, string Writer) database, WebApplication app)
    {
        (_folder, ConnectionString, _writer) = (folder, database.Superuser, database.Writer);
        _app = app;
        _running = app.RunLedgerAsync(_stop.Token);
    }

    /// <summary>Its database, by the superuser: the service itself is the writer.</summary>
    public string ConnectionString { get; }

    /// <summary>Where its keys are.</summary>
    public string Keys => _folder;

    public Uri Address { get; private set; } = null!;

    public Uri HttpAddress { get; private set; } = null!;

    public LedgerClient Client { get; private set; } = null!;

    public NoteSigner Signer { get; private set; } = null!;

    public NoteVerifier Key => Signer.Verifier;

    public static async Task<RunningService> StartAsync(
        PostgresCluster cluster,
        bool watchAnomalies = false,
        Func<NoteVerifier, Dictionary<string, string?>>? options = null,
        ILoggerProvider? everything = null
    )
    {
        var folder = Directory.CreateTempSubdirectory("ledger-service-").FullName;
        var signer = (NoteSigner)SigningKey.LoadOrMake(folder, "ledger.example/service", new FileVault());
        var database = await cluster.CreateLedgerAsync(signer.Verifier.Name);

        var more = options?.Invoke(signer.Verifier) ?? [];
        more["Ledger:WatchAnomalies"] = watchAnomalies.ToString();
        return await RunAsync(folder, folder, database, signer, more, everything);
    }

    /// <summary>Another node of the same ledger, in this process, with this key folder or another.</summary>
    public Task<RunningService> BesideAsync(string? keys = null) =>
        RunAsync(
            Directory.CreateTempSubdirectory("ledger-service-").FullName,
            keys ?? _folder,
            (ConnectionString, _writer),
            Signer,
            [],
            null
        );

    /// <summary>A client over HTTP of whoever runs it.</summary>
    public static HttpClient Http(Uri address)
    {
        var token = File.ReadAllText(LocalTokenFile.Of(address)!).Trim();
        var http = new HttpClient { BaseAddress = address };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return http;
    }

    /// <summary>A channel of whoever runs it, for what no client has.</summary>
    public static GrpcChannel Channel(Uri address) =>
        GrpcChannel.ForAddress(
            address,
            new GrpcChannelOptions { HttpClient = Http(address), DisposeHttpClient = true }
        );

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _stop.CancelAsync();
        try
        {
            await _running;
        }
        finally
        {
            await _app.DisposeAsync();
            _stop.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<RunningService> RunAsync(
        string folder,
        string keys,
        (string Superuser, string Writer) database,
        NoteSigner signer,
        Dictionary<string, string?> more,
        ILoggerProvider? everything
    )
    {
        var builder = LedgerHost.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?>
            {
                ["Ledger:ConnectionString"] = database.Writer,
                ["Ledger:KeyFolder"] = keys,
                ["Ledger:Port"] = "0",
                ["Ledger:HttpPort"] = "0",
                ["Ledger:ReadyFile"] = Path.Combine(folder, "ready"),
            }
        );
        builder.Configuration.AddInMemoryCollection(more);
        builder.AddLedger();
        if (everything is not null)
        {
            // At the lowest level, whatever the service says of it.
            builder.Logging.AddProvider(everything);
            builder.Services.PostConfigure<LoggerFilterOptions>(filter =>
            {
                filter.MinLevel = LogLevel.Trace;
                filter.Rules.Clear();
            });
        }

        var app = builder.Build();
        app.MapLedger();
        var service = new RunningService(folder, database, app) { Signer = signer };
        await service.WaitUntilReadyAsync();
        return service;
    }

    private async Task WaitUntilReadyAsync()
    {
        var ready = Path.Combine(_folder, "ready");
        for (var tries = 0; !File.Exists(ready); tries++)
        {
            if (_running.IsCompleted || tries > 1000)
            {
                await _running;
                throw new InvalidOperationException("The service did not become ready.");
            }

            await Task.Delay(20);
        }

        var addresses = await File.ReadAllLinesAsync(ready);
        (Address, HttpAddress) = (new Uri(addresses[0]), new Uri(addresses[1]));
        Client = new LedgerClient(Address);
    }
}
