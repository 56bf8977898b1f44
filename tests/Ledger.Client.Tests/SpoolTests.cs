using System.Security.Cryptography;
using System.Text;
using Ledger.Client.Spool;
using Ledger.Files;
using Ledger.Integrity.Receipts;
using Ledger.Tests;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using static Ledger.Tests.SampleRequests;

namespace Ledger.Client.Tests;

/// <summary>Consultations that wait on a portal's disk are recorded exactly once, in order, with their receipts.</summary>
[Collection(PostgresTests.Name)]
public sealed class SpoolTests(PostgresCluster cluster) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ledger-spool-").FullName;
    private RunningService _service = null!;

    private SpoolOptions Options =>
        new() { Folder = Path.Combine(_folder, "spool"), KeyFile = Path.Combine(_folder, "spool.key") };

    public async Task InitializeAsync()
    {
        _service = await RunningService.StartAsync(cluster);
        await _service.Client.UpToAGrantAsync();
    }

    public async Task DisposeAsync()
    {
        await _service.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_was_taken_while_the_ledger_was_away_is_recorded_once_in_order_with_receipts()
    {
        var ids = new List<Guid>();
        await using (var spool = new ConsultationSpool(Options, TimeProvider.System))
        {
            for (var i = 0; i < 300; i++)
            {
                ids.Add(await spool.TakeAsync(Request()));
            }

            spool.State.Depth.ShouldBe(300);
        }

        using var portal = await PortalAsync();
        await UntilAsync(() => State(portal).Depth == 0);
        (await RecordedAsync()).ShouldBe(ids);
        await UntilAsync(() => Directory.GetFiles(Receipts).Length == 300);
        foreach (var file in Directory.GetFiles(Receipts).Take(20))
        {
            ReceiptBundle.Parse(await File.ReadAllTextAsync(file)).Verify(_service.Key);
        }

        await portal.StopAsync();
    }

    [Fact]
    public async Task What_was_sent_and_not_settled_when_the_portal_died_is_not_recorded_twice()
    {
        var ids = new List<Guid>();
        await using (var spool = new ConsultationSpool(Options, TimeProvider.System))
        {
            for (var i = 0; i < 40; i++)
            {
                ids.Add(await spool.TakeAsync(Request()));
            }

            // The answers never come back to the spool.
            foreach (var item in spool.Store.Oldest(25))
            {
                await _service.Client.Consultations.RecordConsultationAsync(
                    Caf.Ledger.V1.RecordConsultationRequest.Parser.ParseFrom(item.Content)
                );
            }
        }

        using var portal = await PortalAsync();
        await UntilAsync(() => State(portal).Depth == 0);
        (await RecordedAsync()).ShouldBe(ids);
        await portal.StopAsync();
    }

    [Fact]
    public async Task A_portal_that_started_while_the_ledger_was_away_sends_by_itself_once_it_is_back()
    {
        await using var way = new Way();
        var tried = new Said();
        using var portal = await PortalAsync(
            o =>
            {
                o.Address = way.Address;
                o.TokenFile = LocalTokenFile.Of(_service.Address);
            },
            tried
        );
        var recorder = portal.Services.GetRequiredService<ConsultationRecorder>();
        var ids = new List<Guid>();
        for (var i = 0; i < 300; i++)
        {
            ids.Add(await recorder.SpoolAsync(Request()));
        }

        await UntilAsync(() => tried.Times >= 2);
        State(portal).Depth.ShouldBe(300);
        way.Open(_service.Address);
        await UntilAsync(() => State(portal).Depth == 0);
        (await RecordedAsync()).ShouldBe(ids);
        await portal.StopAsync();
    }

    [Fact]
    public async Task Many_callers_at_once_share_the_disk_and_lose_nothing()
    {
        using var portal = await PortalAsync();
        var recorder = portal.Services.GetRequiredService<ConsultationRecorder>();
        var ids = await Task.WhenAll(
            Enumerable.Range(0, 500).Select(_ => Task.Run(async () => await recorder.SpoolAsync(Request())))
        );
        await UntilAsync(() => State(portal).Depth == 0);
        (await RecordedAsync()).Order().ShouldBe(ids.Order());
        await portal.StopAsync();
    }

    [Fact]
    public async Task What_the_ledger_refuses_is_kept_with_its_reason_stops_nothing_and_is_sent_again_as_corrected()
    {
        using var portal = await PortalAsync();
        var recorder = portal.Services.GetRequiredService<ConsultationRecorder>();
        var bad = Request();
        bad.Consultation.Siret = "1";
        var first = await recorder.SpoolAsync(Request());
        await recorder.SpoolAsync(bad);
        var last = await recorder.SpoolAsync(Request());
        await UntilAsync(() => State(portal).Depth == 0);
        State(portal).Refused.ShouldBe(1);
        (await RecordedAsync()).ShouldBe([first, last]);
        var refused = recorder.Refused().ShouldHaveSingleItem();
        (refused.Code, refused.Request.Consultation.Siret).ShouldBe((Grpc.Core.StatusCode.InvalidArgument, "1"));
        refused.Reason.ShouldContain("siret");
        var corrected = refused.Request.Clone();
        corrected.Consultation.Siret = Consultation().Consultation.Siret;
        recorder.SendAgain(refused, corrected).ShouldBeTrue();
        recorder.SendAgain(refused).ShouldBeFalse("it is no longer among the refused");
        await UntilAsync(() => State(portal) is { Depth: 0, Refused: 0 });
        (await RecordedAsync()).ShouldBe([first, last, Guid.Parse(corrected.Context.RequestId)]);
        await portal.StopAsync();
    }

    [Fact]
    public async Task A_full_spool_takes_nothing_more_and_loses_nothing()
    {
        var options = Options;
        options.MostBytes = 64 * 1024;
        var taken = 0;
        await using (var spool = new ConsultationSpool(options, TimeProvider.System))
        {
            await Should.ThrowAsync<SpoolFullException>(async () =>
            {
                for (; taken < 10_000; taken++)
                {
                    await spool.TakeAsync(Request());
                }
            });
            spool.State.Bytes.ShouldBeLessThanOrEqualTo(options.MostBytes);
        }

        await using var again = new ConsultationSpool(options, TimeProvider.System);
        again.State.Depth.ShouldBe(taken);
    }

    [Fact]
    public async Task One_process_has_a_spool_with_its_own_key_and_nobody_else_reads_or_changes_it()
    {
        await using (var spool = new ConsultationSpool(Options, TimeProvider.System))
        {
            await spool.TakeAsync(Request());
            Should
                .Throw<IOException>(() => new ConsultationSpool(Options, TimeProvider.System))
                .Message.ShouldContain("Another process");
        }

        foreach (var file in Directory.GetFiles(Options.Folder))
        {
            var bytes = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file));
            bytes.ShouldNotContain("1204571");
            bytes.ShouldNotContain("agent-c3");
        }

        var other = Options;
        other.KeyFile = Path.Combine(_folder, "other.key");
        Should.Throw<IOException>(() => new ConsultationSpool(other, TimeProvider.System)).Message.ShouldContain("key");
        File.SetUnixFileMode(Options.KeyFile, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Should
            .Throw<IOException>(() => new ConsultationSpool(Options, TimeProvider.System))
            .Message.ShouldContain("600");
        File.SetUnixFileMode(Options.KeyFile, UnixFileMode.UserRead);

        // Two that changed places are not what was taken.
        await using (var spool = new ConsultationSpool(Options, TimeProvider.System))
        {
            await spool.TakeAsync(Request());
        }

        await using (
            var attacker = new SqliteConnection(
                $"Data Source={Path.Combine(Options.Folder, "consultations.spool")};Pooling=false"
            )
        )
        {
            await attacker.OpenAsync();
            await using var swap = attacker.CreateCommand();
            swap.CommandText =
                "update item set place = -place; update item set place = case place when -1 then 2 else 1 end";
            await swap.ExecuteNonQueryAsync();
        }

        await using var touched = new ConsultationSpool(Options, TimeProvider.System);
        Should.Throw<CryptographicException>(() => touched.Store.Oldest(1));
    }

    [Fact]
    public async Task A_portal_says_how_the_ledger_and_its_spool_are()
    {
        using (var portal = await PortalAsync())
        {
            var health = portal.Services.GetRequiredService<HealthCheckService>();
            (await health.CheckHealthAsync()).Status.ShouldBe(HealthStatus.Healthy);
            var recorder = portal.Services.GetRequiredService<ConsultationRecorder>();
            (await recorder.RecordBeforeAsync(Consultation())).Verdict.Authorised.ShouldBeTrue();
            await portal.StopAsync();
        }

        using var alone = await PortalAsync(o => o.Address = new Uri("http://127.0.0.1:1"));
        var state = (await alone.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Status;
        state.ShouldBe(HealthStatus.Degraded, "with a spool the portal goes on");
        await alone.StopAsync();
    }

    [Fact]
    public async Task Options_that_cannot_work_are_refused_by_name_when_the_portal_starts()
    {
        await RefusedAsync(o => o.Address = null, "Address");
        await RefusedAsync(o => o.Address = new Uri("http://ledger.caf.example"), "https");
        await RefusedAsync(o => o.Vkey = "nonsense", "Vkey");
        await RefusedAsync(o => o.Vkey = null, "ReceiptFolder");
        await RefusedAsync(o => o.Deadline = TimeSpan.Zero, "Deadline");
        await RefusedAsync(o => o.Spool = new SpoolOptions { Folder = "x" }, "KeyFile");
        await RefusedAsync(o => o.TokenFile = "/nowhere", "TokenFile");
        await RefusedAsync(o => o.Language = "de", "Language");
    }

    private async Task RefusedAsync(Action<LedgerClientOptions> wrong, string named) =>
        (
            await Should.ThrowAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => PortalAsync(wrong))
        ).Message.ShouldContain(named);

    private string Receipts => Path.Combine(_folder, "receipts");

    // Counts how often the sender says that the ledger did not take what waits.
    private sealed class Said : ILoggerProvider, ILogger
    {
        private int _times;

        public int Times => Volatile.Read(ref _times);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (formatter(state, exception).Contains("did not take what waits", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref _times);
            }
        }

        public void Dispose() { }
    }

    private async Task<IHost> PortalAsync(Action<LedgerClientOptions>? more = null, ILoggerProvider? log = null)
    {
        Directory.CreateDirectory(Receipts);
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        if (log is not null)
        {
            builder.Logging.AddProvider(log);
        }

        builder.Services.AddLedgerClient(o =>
        {
            o.Address = _service.Address;
            o.Vkey = _service.Key.ToString();
            o.ReceiptFolder = Receipts;
            o.Spool = Options;
            more?.Invoke(o);
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    // Without ids of its own: the spool gives them.
    private static Caf.Ledger.V1.RecordConsultationRequest Request()
    {
        var request = Consultation();
        request.Context.RequestId = string.Empty;
        request.Consultation.Consultation_ = string.Empty;
        return request;
    }

    private static SpoolState State(IHost portal) => portal.Services.GetRequiredService<ConsultationRecorder>().State;

    private async Task<List<Guid>> RecordedAsync()
    {
        await using var database = Npgsql.NpgsqlDataSource.Create(_service.ConnectionString);
        await using var select = database.CreateCommand(
            "select (content->'context'->>'requestId')::uuid from ledger.ledger_event "
                + "where type = 'consultation-recorded.v1' order by position"
        );
        await using var rows = await select.ExecuteReaderAsync();
        var ids = new List<Guid>();
        while (await rows.ReadAsync())
        {
            ids.Add(rows.GetGuid(0));
        }

        return ids;
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (var tries = 0; tries < 1200; tries++)
        {
            if (holds())
            {
                return;
            }

            await Task.Delay(25);
        }

        throw new TimeoutException("It did not come to that within thirty seconds.");
    }
}
