using System.Buffers.Text;
using System.Text;
using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Domain;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Pseudonyms;
using Ledger.Tests;
using Ledger.Verify;
using Ledger.Verify.Scanning;
using Npgsql;
using static Ledger.Tests.SampleRequests;
using Pseudonym = Ledger.Domain.Pseudonyms.Pseudonym;

namespace Ledger.Service.Tests;

/// <summary>What expires, what keeps it, and what is left to whoever has everything of today.</summary>
[Collection(PostgresTests.Name)]
public sealed class RetentionTests(PostgresCluster cluster) : IAsyncLifetime
{
    private static readonly string[] Months = [.. Enumerable.Range(1, 12).Select(m => $"2025-{m:D2}")];
    private static readonly string[] Files = ["1204571", "1204572", "1204573"];

    private RunningService _service = null!;

    private RetentionService.RetentionServiceClient Retention => _service.Client.Retention;

    private string PseudonymKeys => Path.Combine(_service.Keys, "pseudonyms");

    public async Task InitializeAsync()
    {
        _service = await RunningService.StartAsync(cluster);
        var signed = Convention();
        (signed.SignedByCafOn, signed.SignedByPartenaireOn) = ("2024-01-05", "2024-01-08");
        await _service.Client.Conventions.SignConventionAsync(signed);
        await _service.Client.Conventions.SignServiceContractAsync(
            new()
            {
                Context = ByCaf(),
                Convention = "conv-1",
                Version = "1",
                On = "2024-01-09",
                OpeningHours = "24/7",
                PasswordRules = "annex 2",
                TraceRetentionMonths = 3,
                TraceRequestProcess = "by letter",
            }
        );
    }

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Fact]
    public async Task A_year_expires_month_by_month_under_load_whole_throughout_and_unlinkable_with_the_oldest_backup()
    {
        foreach (var month in Months)
        {
            foreach (var file in Files)
            {
                await UseAsync(file, $"{month}-15T10:00:00Z");
            }
        }

        using var backup = new Backup(_service.ConnectionString, PseudonymKeys);
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 4).Select(_ => LoadAsync(stop.Token)).ToList();
        try
        {
            foreach (var month in Months)
            {
                (await ApplyAsync(month)).Months.ShouldBe([month]);
                var verified = await VerifyAsync();
                verified.Findings.ShouldBeEmpty();
                verified.Ended.Select(e => e.Month).ShouldBe(Months.TakeWhile(m => m != month).Append(month));
            }
        }
        finally
        {
            await stop.CancelAsync();
        }

        (await Task.WhenAll(load)).Sum().ShouldBeGreaterThan(0);
        (await Retention.ListMonthsAsync(new())).Months.Count(m => m.Destroyed).ShouldBe(12);

        // Whoever has the oldest backup, and every key of today.
        var old = await backup.RestoreAsync(cluster);
        (await LinkedAsync(old, backup.Keys)).ShouldBe(36, "with the keys of then the search finds them all");
        (await LinkedAsync(old, PseudonymKeys)).ShouldBe(0);
        (await LinkedAsync(_service.ConnectionString, PseudonymKeys)).ShouldBe(0);
    }

    [Fact]
    public async Task What_is_due_is_said_with_what_keeps_it_and_applied_once()
    {
        await UseAsync(Files[0], "2025-01-15T10:00:00Z");
        await UseAsync(Files[1], "2025-02-15T10:00:00Z", agent: "agent-c4");
        await UseAsync(Files[2], $"{TestPki.Now.AddDays(-1):O}");
        await HoldAsync("h-file", r => r.Allocataire = new() { Caf = "763", Matricule = Files[0] });
        await HoldAsync(
            "h-agent",
            r =>
                r.Details.Add(
                    new Dictionary<string, string> { ["siret"] = SampleRequests.Siret, ["agent"] = "agent-c4" }
                )
        );
        var listed = (await Retention.ListMonthsAsync(new())).Months;
        listed
            .Take(2)
            .Select(m => (m.Month, m.Months, m.DueOn, m.Due, string.Join(' ', m.Holds)))
            .ShouldBe([("2025-01", 3, "2025-05-01", true, "h-file"), ("2025-02", 3, "2025-06-01", true, "h-agent")]);
        listed[^1].Due.ShouldBeFalse();

        (await RefusedAsync(() => ApplyAsync())).ShouldBe("retention-due");
        (await RefusedAsync(() => ApplyAsync("2025-01"))).ShouldBe("legal-hold-stands");
        (await RefusedAsync(() => ApplyAsync(listed[^1].Month))).ShouldBe("retention-due");
        await HoldAsync("h-agent", _ => { }, "legal-hold-lifted");
        var request = Applying();
        var applied = await Retention.ApplyRetentionAsync(request);
        applied.Months.ShouldBe(["2025-02"]);
        var again = await Retention.ApplyRetentionAsync(request);
        (again.Acknowledgement.Repeated, again.Acknowledgement.Position).ShouldBe(
            (true, applied.Acknowledgement.Position)
        );
        again.Months.ShouldBe(["2025-02"]);
        File.Exists(Path.Combine(PseudonymKeys, "2025-02.key")).ShouldBeFalse();
        File.Exists(Path.Combine(PseudonymKeys, "2025-01.key")).ShouldBeTrue();
        (await DidAsync(Files[1])).ForgottenMonths.ShouldBe(["2025-02"]);
        (await VerifyAsync()).IsWhole.ShouldBeTrue();
    }

    [Theory]
    [InlineData("2025-13")]
    [InlineData("2025-1")]
    [InlineData("dossiers")]
    [InlineData("../2025-01")]
    public async Task What_is_no_month_is_named(string month) =>
        (await Should.ThrowAsync<RpcException>(() => ApplyAsync(month))).Status.Detail.ShouldContain("months[0]");

    [Fact]
    public async Task A_file_that_is_erased_is_not_found_by_its_number_and_what_comes_later_is()
    {
        await UseAsync(Files[0], "2025-01-15T10:00:00Z");
        await UseAsync(Files[1], "2025-01-15T10:00:00Z");
        using var backup = new Backup(_service.ConnectionString, PseudonymKeys);
        var request = new EraseFileRequest
        {
            Context = ByCaf(),
            Allocataire = new() { Caf = "763", Matricule = Files[0] },
            Decision = "D-2026-7",
            Reason = "art. 17",
        };
        request.Context.Covered = true;
        await HoldAsync("h-file", r => r.Allocataire = request.Allocataire);
        (await RefusedAsync(async () => await Retention.EraseFileAsync(request))).ShouldBe("legal-hold-stands");
        Directory.GetFiles(PseudonymKeys, "*.new").ShouldBeEmpty();
        await HoldAsync("h-file", _ => { }, "legal-hold-lifted");

        await using var beside = await _service.BesideAsync();
        var erased = await Retention.EraseFileAsync(request);
        (await Retention.EraseFileAsync(request)).Acknowledgement.Position.ShouldBe(erased.Acknowledgement.Position);
        foreach (var client in new[] { _service.Client, beside.Client })
        {
            var gone = await DidAsync(Files[0], client);
            (gone.Consultations.Count, gone.Basis.FileErased).ShouldBe((0, true));
            var kept = await DidAsync(Files[1], client);
            (kept.Consultations.Count, kept.Basis.FileErased).ShouldBe((1, false));
        }

        await UseAsync(Files[0], "2025-02-15T10:00:00Z");
        (await DidAsync(Files[0])).Consultations.Single().OccurredAt.ShouldBe(At("2025-02-15T10:00:00Z"));
        var old = await backup.RestoreAsync(cluster);
        (await LinkedAsync(old, backup.Keys)).ShouldBe(2);
        (await LinkedAsync(old, PseudonymKeys)).ShouldBe(1, "the one that was not erased");
        var verified = await VerifyAsync();
        (verified.IsWhole, verified.Ended.Single().IsFile).ShouldBe((true, true));
    }

    [Fact]
    public async Task Another_node_goes_on_while_files_are_erased_and_records_nothing_under_what_is_gone()
    {
        await using var beside = await _service.BesideAsync();
        var files = Enumerable.Range(0, 12).Select(i => $"8800{i:D2}").ToList();
        using var stop = new CancellationTokenSource();
        var load = AsLongAsItTakesAsync(() => UseAsync("880099", "2025-02-15T10:00:00Z", beside.Client), stop.Token);
        foreach (var file in files)
        {
            await UseAsync(file, "2025-01-15T10:00:00Z", beside.Client);
            await Retention.EraseFileAsync(
                new()
                {
                    Context = ByCaf(),
                    Allocataire = new() { Caf = "763", Matricule = file },
                    Decision = "D-1",
                    Reason = "art. 17",
                }
            );
            await UntilTakenAsync(() => UseAsync(file, "2025-02-15T10:00:00Z", beside.Client));
        }

        await stop.CancelAsync();
        (await load).ShouldBeGreaterThan(0);
        foreach (var file in files)
        {
            (await DidAsync(file, beside.Client))
                .Consultations.ShouldHaveSingleItem()
                .OccurredAt.ShouldBe(At("2025-02-15T10:00:00Z"));
        }

        // Nor a use of a month that is gone, by a node that has not heard of it.
        await ApplyAsync("2025-01");
        (await RefusedAsync(() => UseAsync(files[0], "2025-01-15T10:00:00Z", beside.Client))).ShouldBe(
            "month-forgotten"
        );
    }

    [Fact]
    public async Task Many_files_are_erased_at_once_on_two_nodes_and_none_comes_back()
    {
        var files = Enumerable.Range(0, 40).Select(i => $"7700{i:D2}").ToList();
        foreach (var file in files)
        {
            await UseAsync(file, "2025-01-15T10:00:00Z");
        }

        await using var beside = await _service.BesideAsync();
        var nodes = new[] { _service.Client, beside.Client };
        await Task.WhenAll(
            files.Select(
                async (file, i) =>
                {
                    var request = new EraseFileRequest
                    {
                        Context = ByCaf(),
                        Allocataire = new() { Caf = "763", Matricule = file },
                        Decision = $"D-{i}",
                        Reason = "art. 17",
                    };
                    for (var done = false; !done; )
                    {
                        try
                        {
                            await nodes[i % 2].Retention.EraseFileAsync(request);
                            done = true;
                        }
                        catch (RpcException e) when (e.StatusCode is StatusCode.Aborted or StatusCode.Unavailable)
                        {
                            // Others were faster: it is asked again, as the answer says.
                        }
                    }
                }
            )
        );
        (await LinkedAsync(_service.ConnectionString, PseudonymKeys, files)).ShouldBe(0);
        foreach (var file in files)
        {
            (await DidAsync(file)).Basis.FileErased.ShouldBeTrue(file);
        }
    }

    private static async Task UseAsync(string file, string at, Client.LedgerClient client) =>
        await client.Consultations.RecordConsultationAsync(Consultation(file, at));

    private static async Task UntilTakenAsync(Func<Task> call)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            try
            {
                await call();
                return;
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
            {
                await Task.Delay(20, bound.Token);
            }
        }
    }

    private static async Task<int> AsLongAsItTakesAsync(Func<Task> call, CancellationToken stop)
    {
        var done = 0;
        for (; !stop.IsCancellationRequested; done++)
        {
            await UntilTakenAsync(call);
        }

        return done;
    }

    private async Task UseAsync(string file, string at, string agent = "agent-c3")
    {
        var request = Consultation(file, at);
        request.Context.Actor.Id = request.Consultation.Agent = agent;
        await _service.Client.Consultations.RecordConsultationAsync(request);
    }

    private async Task<int> LoadAsync(CancellationToken stop)
    {
        var done = 0;
        for (; !stop.IsCancellationRequested; done++)
        {
            await UseAsync("1204599", "2026-03-10T10:00:00Z");
        }

        return done;
    }

    private static ApplyRetentionRequest Applying(params string[] months)
    {
        var context = ByCaf();
        context.Covered = true;
        return new()
        {
            Context = context,
            Reason = "at its lawful end",
            Months = { months },
        };
    }

    private async Task<ApplyRetentionResponse> ApplyAsync(params string[] months) =>
        await Retention.ApplyRetentionAsync(Applying(months));

    private async Task HoldAsync(string id, Action<TakeStepRequest> what, string step = "legal-hold-placed")
    {
        var request = new TakeStepRequest
        {
            Context = ByCaf(),
            Procedure = id,
            Step = step,
            By = Party.Caf,
            On = "2026-03-01",
            Text = "asked for by the judge",
        };
        what(request);
        await _service.Client.Procedures.TakeStepAsync(request);
    }

    private async Task<WhoDidAccessResponse> DidAsync(string file, Client.LedgerClient? client = null) =>
        await (client ?? _service.Client).History.WhoDidAccessAsync(
            new()
            {
                Asking = Asking(),
                Allocataire = new() { Caf = "763", Matricule = file },
            }
        );

    private Task<Verification> VerifyAsync() =>
        DatabaseVerifier.RunAsync(
            _service.ConnectionString,
            new Trust(_service.Key, []),
            logOnly: false,
            null,
            CancellationToken.None
        );

    private static async Task<string> RefusedAsync(Func<Task> act)
    {
        var refused = await Should.ThrowAsync<RpcException>(act);
        return refused.GetRpcStatus()!.GetDetail<Google.Rpc.ErrorInfo>()!.Reason;
    }

    // How many consultations of the year lead to one of the files, by every key in a folder: each key that is there is
    // tried as that of each month, and each number under every key of files.
    private static async Task<int> LinkedAsync(string database, string keys, IEnumerable<string>? files = null)
    {
        var candidates = new List<byte[]>();
        var numbers = new HashSet<string>();
        foreach (var file in Directory.GetFiles(keys))
        {
            var content = await File.ReadAllBytesAsync(file);
            if (!Path.GetFileName(file).StartsWith("dossiers", StringComparison.Ordinal))
            {
                candidates.Add(content);
                continue;
            }

            var held = Encoding.UTF8.GetString(content).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            candidates.AddRange(
                held.Select(l => l.Split(' ')).Where(l => l.Length == 3).Select(l => Base64Url.DecodeFromChars(l[2]))
            );
            foreach (var number in files ?? Files)
            {
                numbers.Add(FileKeys.Parse(content).Of(CafCode.Parse("763"), Matricule.Parse(number)));
            }
        }

        var uses = new List<Pseudonym>();
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var select = new NpgsqlCommand(
            "select type, bdata from ledger.mt_events where type = 'consultation-recorded.v1' order by seq_id",
            connection
        );
        await using var reader = await select.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            var (_, read) = EventCodec.Decode(reader.GetString(0), reader.GetFieldValue<byte[]>(1));
            uses.Add(((ConsultationRecorded)read).Allocataire);
        }

        return uses.Where(u => u.Epoch.StartsWith("2025", StringComparison.Ordinal))
            .Count(u => candidates.Exists(k => numbers.Contains(new MonthKey(u.Epoch, k).Behind(u))));
    }

    // A dump of the database, and the keys of then.
    private sealed class Backup : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("ledger-backup-").FullName;

        public Backup(string database, string keys)
        {
            Directory.CreateDirectory(Keys);
            foreach (var key in Directory.GetFiles(keys))
            {
                File.Copy(key, Path.Combine(Keys, Path.GetFileName(key)));
            }

            PostgresTools.Run("pg_dump", database, "--no-owner", "--no-acl", "--file", Dump);
        }

        public string Keys => Path.Combine(_folder, "keys");

        private string Dump => Path.Combine(_folder, "dump.sql");

        public async Task<string> RestoreAsync(PostgresCluster cluster)
        {
            var database = await cluster.CreateDatabaseAsync();
            PostgresTools.Run("psql", database, "--quiet", "--file", Dump);
            return database;
        }

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}
