using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Caf.Ledger.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Grpc.Core;
using Grpc.Net.Client;
using Ledger.Client;
using Ledger.Tests;

namespace Ledger.Service.Tests.Callers;

/// <summary>The service with callers set up: TLS, client certificates and tokens of a real provider.</summary>
internal sealed class GuardedService : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ledger-callers-").FullName;
    private int _tokens;

    private GuardedService() => Pki = new TestPki(_folder);

    public TestPki Pki { get; }

    public TestProvider Provider { get; private set; } = null!;

    public RunningService Running { get; private set; } = null!;

    public string Folder => _folder;

    /// <summary>Every method of the contract.</summary>
    public static IReadOnlyList<MethodDescriptor> Methods { get; } =
    [
        .. new[]
        {
            ConventionsReflection.Descriptor,
            HabilitationsReflection.Descriptor,
            ConsultationsReflection.Descriptor,
            ProceduresReflection.Descriptor,
            RetentionReflection.Descriptor,
            AccessHistoryReflection.Descriptor,
            IntegrityReflection.Descriptor,
            CallersReflection.Descriptor,
        }
            .SelectMany(f => f.Services)
            .SelectMany(s => s.Methods),
    ];

    public static async Task<GuardedService> StartAsync(
        PostgresCluster cluster,
        DateTimeOffset? providerClock = null,
        Microsoft.Extensions.Logging.ILoggerProvider? everything = null
    )
    {
        var service = new GuardedService();
        var (certificate, key) = service.Pki.Server();
        service.Provider = await TestProvider.StartAsync(service.Pki, providerClock);
        var clients = Path.Combine(service._folder, "clients.json");
        await File.WriteAllTextAsync(
            clients,
            JsonSerializer.Serialize(
                new[]
                {
                    new
                    {
                        client = "portail",
                        subject = "CN=portail",
                        roles = new[] { "portal" },
                        cafs = new[] { "763" },
                        sirets = new[] { SampleRequests.Siret },
                    },
                }
            )
        );
        service.Running = await RunningService.StartAsync(
            cluster,
            options: _ =>
                new()
                {
                    ["Ledger:Certificate"] = certificate,
                    ["Ledger:CertificateKey"] = key,
                    ["Ledger:Clients"] = clients,
                    ["Ledger:ClientAuthorities"] = service.Pki.Authority,
                    ["Ledger:RevocationList"] = service.Pki.RevocationList,
                    ["Ledger:OidcAuthority"] = service.Provider.Address.ToString(),
                    ["Ledger:OidcAudience"] = TestProvider.Audience,
                    ["Ledger:OidcRoots"] = service.Pki.Authority,
                },
            everything: everything
        );
        return service;
    }

    /// <summary>A client with a token.</summary>
    public async Task<LedgerClient> WithTokenAsync(Token token) => WithToken(await Provider.GiveAsync(token));

    /// <summary>A client with whatever is said to be a token.</summary>
    public LedgerClient WithToken(string token) =>
        new(Running.Address, new() { TokenFile = FileOf(token), Roots = Pki.Roots });

    /// <summary>A client with a certificate, or with nothing.</summary>
    public LedgerClient WithCertificate(X509Certificate2? certificate) =>
        new(Running.Address, new() { Certificate = certificate, Roots = Pki.Roots });

    /// <summary>A channel with a token, or with nothing, for what no client has.</summary>
    public GrpcChannel Channel(string? token)
    {
        var http = new HttpClient(
            new SocketsHttpHandler { SslOptions = new() { CertificateChainPolicy = Pki.Trust() } }
        );
        if (token is not null)
        {
            http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        }

        return GrpcChannel.ForAddress(
            Running.Address,
            new GrpcChannelOptions { HttpClient = http, DisposeHttpClient = true }
        );
    }

    /// <summary>Calls a method with a request, and says with what status it ends.</summary>
    public static async Task<Grpc.Core.Status> CallAsync(
        GrpcChannel channel,
        string service,
        string method,
        byte[] request
    )
    {
        var bytes = Marshallers.Create<byte[]>(b => b, b => b);
        using var call = channel
            .CreateCallInvoker()
            .AsyncDuplexStreamingCall(
                new Method<byte[], byte[]>(MethodType.DuplexStreaming, service, method, bytes, bytes),
                null,
                new CallOptions(deadline: TestPki.Now.UtcDateTime.AddSeconds(20))
            );
        try
        {
            await call.RequestStream.WriteAsync(request);
            await call.RequestStream.CompleteAsync();
        }
        catch (RpcException)
        {
            // Refused before the request was sent: the answer says so.
        }

        try
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None)) { }

            return call.GetStatus();
        }
        catch (RpcException e)
        {
            return e.Status;
        }
    }

    /// <summary>A request that names its actor and nothing else; empty where a request has none.</summary>
    public static byte[] Saying(MessageDescriptor request, Actor actor)
    {
        var message = request.Parser.ParseFrom([]);
        var context = new RequestContext { RequestId = SampleRequests.Ids.Next(), Actor = actor };
        request.FindFieldByName("context")?.Accessor.SetValue(message, context);
        request.FindFieldByName("asking")?.Accessor.SetValue(message, new Asking { Context = context });
        return message.ToByteArray();
    }

    /// <summary>Somebody of a Caf asks.</summary>
    public static Asking AskingAs(string who, string caf)
    {
        var asking = SampleRequests.Asking(caf: caf);
        asking.Context.Actor.Id = who;
        return asking;
    }

    /// <summary>With which code, and by which rule, a call is refused.</summary>
    public static async Task<(StatusCode Code, string Rule)> RefusedAsync<T>(Func<Task<T>> call)
    {
        var e = await Should.ThrowAsync<RpcException>(async () => await call());
        return (e.StatusCode, RuleOf(e));
    }

    /// <summary>The rule that an answer names; empty for none.</summary>
    public static string RuleOf(RpcException e) => e.GetRpcStatus()?.GetDetail<ErrorInfo>()?.Reason ?? string.Empty;

    public async ValueTask DisposeAsync()
    {
        await Running.DisposeAsync();
        await Provider.DisposeAsync();
        Pki.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string FileOf(string token)
    {
        var file = Path.Combine(_folder, $"{Interlocked.Increment(ref _tokens)}.token");
        File.WriteAllText(file, token);
        return file;
    }
}
