using System.Net;
using System.Runtime.InteropServices;
using Grpc.AspNetCore.Server.Model;
using Ledger.Service.AccessHistory;
using Ledger.Service.Anchoring;
using Ledger.Service.Callers;
using Ledger.Service.Consultations;
using Ledger.Service.Conventions;
using Ledger.Service.Habilitations;
using Ledger.Service.Integrity;
using Ledger.Service.Json;
using Ledger.Service.Procedures;
using Ledger.Service.Retention;
using Ledger.Service.Tiles;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Ledger.Service.Hosting;

/// <summary>The service, for its own program and for whoever embeds it.</summary>
public static class LedgerHost
{
    /// <summary>The largest message about a fact or with a question, in bytes: none has lists.</summary>
    public const int FactSize = 64 * 1024;

    /// <summary>The largest message with an act, in bytes: its perimeter may name thousands of files.</summary>
    public const int ActSize = 1024 * 1024;

    /// <summary>Where the embedded PostgreSQL stands.</summary>
    public static string PostgresIn(LedgerOptions options) => Path.Combine(options.DataFolder, "postgres");

    /// <summary>
    /// A host to add the ledger to. The folder that it is started in says nothing and is not watched: it may be a whole
    /// disk.
    /// </summary>
    public static WebApplicationBuilder CreateBuilder(string[]? args = null) =>
        WebApplication.CreateBuilder(
            new WebApplicationOptions
            {
                Args = [.. args ?? [], "--hostBuilder:reloadConfigOnChange=false"],
                ContentRootPath = AppContext.BaseDirectory,
            }
        );

    /// <summary>Adds the ledger to a host: options, database, gRPC, health, checkpoints.</summary>
    /// <exception cref="SetupException">An option is no value of its kind.</exception>
    public static void AddLedger(this WebApplicationBuilder builder)
    {
        var ledger = Setup.Read(builder.Configuration);
        builder.Services.AddSingleton(Options.Create(ledger));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddCallers(ledger);
        var secure = CallersSetup.Secure(ledger);
        builder.Services.AddSingleton<LedgerNode>();
        builder.Services.AddSingleton<ErrorInterceptor>();
        builder.Services.AddSingleton<SpokenFor>();
        builder.Services.AddSingleton<OpenStreams>();
        builder.Services.AddHostedService(services => services.GetRequiredService<OpenStreams>());
        builder.Services.AddSingleton<QuestionLimit>();
        builder.Services.AddSingleton<PageBytes>();
        builder
            .Services.AddGrpc(options =>
            {
                options.Interceptors.Add<OpenStreams>();
                options.Interceptors.Add<ErrorInterceptor>();
                options.Interceptors.Add<SpokenFor>();
                options.MaxReceiveMessageSize = FactSize;
            })
            .AddServiceOptions<AccessHistoryGrpcService>(options =>
            {
                options.Interceptors.Add<QuestionLimit>();
                options.Interceptors.Add<PageBytes>();
            })
            .AddServiceOptions<ConventionGrpcService>(options => options.MaxReceiveMessageSize = ActSize)
            .AddServiceOptions<HabilitationGrpcService>(options => options.MaxReceiveMessageSize = ActSize)
            .AddServiceOptions<ProcedureGrpcService>(options => options.MaxReceiveMessageSize = ActSize);
        var asGenerated = builder.Services.Where(s => s.ServiceType == typeof(IServiceMethodProvider<>)).ToList();
        builder.AddJson();
        asGenerated.ForEach(s => builder.Services.Remove(s));
        builder.Services.AddSingleton(typeof(IServiceMethodProvider<>), typeof(CheckedMethods<>));
        builder.Services.AddSingleton<MalformedMessages>();
        // What a call failed of is said once, by the interceptor or by what reads messages.
        builder.Logging.AddFilter("Grpc.AspNetCore.Server.ServerCallHandler", LogLevel.None);
        // Nor does whoever is not known fill the log: that is said now and then.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Authentication", LogLevel.Error);
        builder.Services.AddGrpcReflection();
        builder.Services.AddGrpcHealthChecks().AddCheck<LedgerHealth>("ledger");
        builder.Services.AddHostedService<CheckpointWorker>();
        builder.Services.AddHostedService<AnomalyWorker>();
        builder.Services.AddHostedService<RetentionWorker>();
        builder.Services.AddSingleton<AnchorBoard>();
        builder.Services.AddHostedService<AnchorWorker>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            Listen(kestrel, ledger.Port, HttpProtocols.Http2);
            if (ledger.HttpPort is { } http)
            {
                Listen(kestrel, http, HttpProtocols.Http1);
            }
        });

        void Listen(KestrelServerOptions kestrel, int port, HttpProtocols protocols) =>
            kestrel.Listen(
                IPAddress.Parse(ledger.Address),
                port,
                listen =>
                {
                    listen.Protocols = protocols;
                    secure(listen);
                }
            );
    }

    /// <summary>Maps the endpoints.</summary>
    public static void MapLedger(this WebApplication app)
    {
        // A call is routed, its caller known and held against the table, before anything of the request is read.
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapGrpcService<ConventionGrpcService>();
        app.MapGrpcService<HabilitationGrpcService>();
        app.MapGrpcService<ConsultationGrpcService>();
        app.MapGrpcService<ProcedureGrpcService>();
        app.MapGrpcService<RetentionGrpcService>();
        app.MapGrpcService<AccessHistoryGrpcService>();
        app.MapGrpcService<IntegrityGrpcService>();
        app.MapGrpcService<CallerGrpcService>();
        app.MapTiles();
        app.MapJson();
        app.MapGrpcReflectionService();
        app.MapGrpcHealthChecksService();
    }

    /// <summary>Opens the ledger, serves until stopped or signalled to, and closes it.</summary>
    /// <exception cref="SetupException">An option is wrong: nothing was made.</exception>
    /// <exception cref="Store.Schema.LedgerStateException">
    /// The ledger may not run on this database; the message says
    /// why.
    /// </exception>
    /// <exception cref="Store.Embedded.EmbeddedPostgresException">The embedded PostgreSQL would not start.</exception>
    public static async Task RunLedgerAsync(this WebApplication app, CancellationToken cancel = default)
    {
        Setup.Require(app.Services.GetRequiredService<IOptions<LedgerOptions>>().Value);
        await using var anchors = app.Services.GetRequiredService<AnchorBoard>();
        anchors.Prepare();

        // The host hears signals only once it has started.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        await using var node = app.Services.GetRequiredService<LedgerNode>();
        try
        {
            await node.StartAsync(stop.Token);
            anchors.Open();
            await app.StartAsync(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }

        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        using var tokens = app.Services.GetRequiredService<LocalTokens>();
        if (app.Services.GetRequiredService<IOptions<LedgerOptions>>().Value.CallersAreLocal)
        {
            tokens.Open(addresses.Select(a => new Uri(a)));
        }

        AnnounceReady(app, addresses);
        await app.WaitForShutdownAsync(stop.Token);
        await app.StopAsync(CancellationToken.None);
        await node.StopAsync();

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    private static void AnnounceReady(WebApplication app, IEnumerable<string> addresses)
    {
        var file = app.Services.GetRequiredService<IOptions<LedgerOptions>>().Value.ReadyFile;
        if (file.Length > 0)
        {
            File.WriteAllLines(file + ".new", addresses);
            File.Move(file + ".new", file, overwrite: true);
        }
    }
}
