// A portal in C#: no file is shown before its consultation is durable, in the ledger or, while the ledger is away and
// where LEDGER_SPOOL names a folder, on this machine's disk.
using Caf.Ledger.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Ledger.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

const string siret = "21760575700012";
const string agent = "agent-c3";

var spool = Environment.GetEnvironmentVariable("LEDGER_SPOOL");
var builder = Host.CreateApplicationBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddLedgerClient(o =>
{
    o.Address = new Uri(Environment.GetEnvironmentVariable("LEDGER_SERVER") ?? "http://127.0.0.1:5080");
    o.TokenFile = Environment.GetEnvironmentVariable("LEDGER_TOKEN_FILE");
    o.Deadline = TimeSpan.FromSeconds(2);
    if (spool is { Length: > 0 })
    {
        o.Spool = new() { Folder = spool, KeyFile = Path.Combine(spool, "key") };
    }
});
using var portal = builder.Build();
await portal.StartAsync();
try
{
    return await OpenAsync(args[0]);
}
finally
{
    await portal.StopAsync();
}

async Task<int> OpenAsync(string matricule)
{
    var recorder = portal.Services.GetRequiredService<ConsultationRecorder>();
    var client = portal.Services.GetRequiredService<LedgerClient>();

    // It keeps its request id when it is sent again: it is recorded once.
    var request = Consultation(matricule);
    try
    {
        var recorded = await recorder.RecordBeforeAsync(request);
        var position = recorded.Acknowledgement.Position;
        var verdict = recorded.Verdict.Authorised
            ? "authorised"
            : $"irregular: {string.Join(", ", recorded.Verdict.Reasons)}";
        Console.WriteLine($"recorded at position {position}, {verdict}: the file may be shown");

        // With a Vkey and a ReceiptFolder, AddLedgerClient keeps receipts by itself, each checked with the key.
        var receipt = await client.Integrity.GetReceiptAsync(new() { Position = position });
        await File.WriteAllTextAsync($"{position}.receipt", receipt.Bundle);
        Console.WriteLine($"receipt: {position}.receipt");
        return 0;
    }
    catch (RpcException e)
        when (e.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded && spool is { Length: > 0 })
    {
        await recorder.SpoolAsync(request);
        Console.WriteLine("on this machine's disk, to be recorded: the file may be shown");
        return 0;
    }
    catch (RpcException e)
    {
        await Console.Error.WriteLineAsync($"not recorded, show no file: {e.StatusCode}: {e.Status.Detail}");
        return 1;
    }
}

RecordConsultationRequest Consultation(string matricule) =>
    new()
    {
        Context = new()
        {
            RequestId = Guid.CreateVersion7().ToString(),
            Actor = new()
            {
                Id = agent,
                Kind = ActorKind.Human,
                Siret = siret,
            },
        },
        Consultation = new()
        {
            Consultation_ = Guid.CreateVersion7().ToString(),
            Allocataire = new() { Caf = "763", Matricule = matricule },
            Siret = siret,
            Agent = agent,
            Service = "CDAP",
            Profil = "T2",
            Purpose = "aide-sociale",
            BusinessFile = "AS-2026-118",
            Channel = "portal",
            OccurredAt = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()),
        },
    };
