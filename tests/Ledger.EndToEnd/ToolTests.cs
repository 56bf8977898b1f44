using System.Text.Json;
using Google.Protobuf;
using Ledger.Tests;

namespace Ledger.EndToEnd;

[Collection(PostgresTests.Name)]
public sealed class ToolTests(PostgresCluster cluster) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ledger-tools-").FullName;
    private string _connection = null!;
    private string _vkey = null!;

    public async Task InitializeAsync()
    {
        _connection = await cluster.CreateDatabaseAsync();
        var init = await Programs.RunAsync(
            Programs.Ledger,
            "db",
            "init",
            "--connection",
            _connection,
            "--origin",
            "ledger.example/tools",
            "--keys",
            _folder
        );
        init.Exit.ShouldBe(0, init.Error);
        _vkey = init.Output.Trim();
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Two_services_on_one_database_make_one_log()
    {
        using var one = await ServeAsync();
        using var other = await ServeAsync();
        await one.Client.UpToAGrantAsync();
        var acks = await Task.WhenAll(
            Enumerable
                .Range(0, 400)
                .Select(async i =>
                    (
                        await (i % 2 == 0 ? one : other).Client.Consultations.RecordConsultationAsync(
                            SampleRequests.Consultation()
                        )
                    )
                )
        );
        acks.Select(a => a.Acknowledgement.Position).Order().ShouldBe(Enumerable.Range(9, 400).Select(i => (long)i));
        acks.ShouldAllBe(a => a.Verdict.Authorised);
        (await one.StopAsync()).ShouldBe(0);
        (await other.StopAsync()).ShouldBe(0);
        var verified = await VerifyAsync("db", "--connection", _connection);
        verified.Exit.ShouldBe(0, verified.Output + verified.Error);
    }

    [Fact]
    public async Task Questions_are_answered_as_JSON_and_as_tables_and_errors_are_one_line_with_a_code()
    {
        using var service = await ServeAsync();
        await service.Client.UpToAGrantAsync();
        var items = Path.Combine(_folder, "items.jsonl");
        await File.WriteAllLinesAsync(
            items,
            Enumerable
                .Range(0, 3)
                .Select(_ => JsonFormatter.Default.Format(SampleRequests.Item(SampleRequests.Consultation())))
        );
        var server = service.Address.ToString();

        (await LedgerAsync(0, "record", items, "--server", server))
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Length.ShouldBe(3);
        string[] file =
        [
            "--caf",
            "763",
            "--matricule-file",
            Programs.Numbered(_folder, "1204571"),
            "--server",
            server,
            "--as",
            "763/investigator-1",
        ];
        var could = await LedgerAsync(0, ["who", "could", .. file, "--at", "2026-03-10T10:00:00Z", "--output", "json"]);
        JsonDocument
            .Parse(could.Output)
            .RootElement.GetProperty("rights")[0]
            .GetProperty("agent")
            .GetString()
            .ShouldBe("agent-c3");
        var did = await LedgerAsync(0, ["who", "did", .. file, "--output", "json", "--known-position", "10"]);
        JsonDocument.Parse(did.Output).RootElement.GetProperty("consultations").GetArrayLength().ShouldBe(2);
        (await LedgerAsync(0, ["who", "did", .. file])).Output.ShouldContain("Regular");
        (
            await LedgerAsync(
                0,
                "rights",
                "--siret",
                SampleRequests.Siret,
                "--agent",
                "agent-c3",
                "--server",
                server,
                "--as",
                "763/investigator-1"
            )
        ).Output.ShouldContain("In force");
        (
            await LedgerAsync(
                0,
                "replay",
                "--siret",
                SampleRequests.Siret,
                "--output",
                "json",
                "--server",
                server,
                "--as",
                "763/investigator-1"
            )
        )
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Length.ShouldBe(12);

        (await LedgerAsync(0, "rebuild", "--connection", _connection)).Output.ShouldStartWith(
            "Read models made again from"
        );
        foreach (
            var question in new[]
            {
                "irregular",
                "after-end",
                "questionable",
                "dormant",
                "delays",
                "without-file",
                "deadlines",
                "proof",
                "alerts",
                "who read",
                "contract --siret 21760575700012",
                "prestataires --siret 21760575700012",
                "changes --convention conv-1",
                "bilan --convention conv-1",
                "consultations --siret 21760575700012 --agent agent-c3",
                "reach --siret 21760575700012 --agent agent-c3",
                $"disclosures --caf 763 --matricule-file {Programs.Numbered(_folder, "1204571")}",
            }
        )
        {
            await LedgerAsync(0, [.. question.Split(' '), "--server", server, "--as", "763/investigator-1"]);
        }

        await LedgerAsync(1, "alerts", "show", "none", "--server", server, "--as", "763/investigator-1");
        await LedgerAsync(2, "who", "could");
        await LedgerAsync(2, ["who", "did", .. file[..4], "--server", server]);
        await LedgerAsync(2, ["who", "could", .. file, "--at", "yesterday"]);
        await LedgerAsync(2, "who", "did", "--caf", "763", "--matricule-file", "/nowhere", "--as", "763/i");
        await LedgerAsync(
            1,
            "rights",
            "--siret",
            "1",
            "--agent",
            "a",
            "--server",
            server,
            "--as",
            "763/investigator-1"
        );
        await LedgerAsync(1, "record", "/nowhere", "--server", server);
        await LedgerAsync(
            3,
            "rights",
            "--siret",
            SampleRequests.Siret,
            "--agent",
            "a",
            "--server",
            "http://127.0.0.1:1",
            "--as",
            "763/investigator-1"
        );
        await LedgerAsync(
            1,
            "db",
            "init",
            "--connection",
            _connection,
            "--origin",
            "ledger.example/tools",
            "--keys",
            _folder
        );
    }

    [Fact]
    public async Task An_export_is_verified_offline_the_memory_catches_a_rollback_and_codes_tell_what_happened()
    {
        using (var service = await ServeAsync())
        {
            await service.Client.UpToAGrantAsync();
            (await service.StopAsync()).ShouldBe(0);
        }

        var (export, memory) = (Path.Combine(_folder, "export"), Path.Combine(_folder, "memory"));
        await LedgerAsync(0, "export", export, "--connection", _connection, "--vkey", _vkey);
        Directory
            .EnumerateFiles(export, "*", SearchOption.AllDirectories)
            .ShouldAllBe(f => File.GetUnixFileMode(f) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        (await Programs.RunAsync(Programs.LedgerVerify, "folder", export, "--memory", memory)).Exit.ShouldBe(0);
        var old = await cluster.CopyDatabaseAsync(_connection);

        using (var service = await ServeAsync())
        {
            await service.Client.Consultations.RecordConsultationAsync(SampleRequests.Consultation());
            (await service.StopAsync()).ShouldBe(0);
        }

        (await VerifyAsync("db", "--connection", _connection, "--memory", memory)).Output.ShouldContain(
            "continues the 9 entries remembered"
        );
        var rolledBack = await VerifyAsync("db", "--connection", old, "--memory", memory, "--output", "json");
        rolledBack.Exit.ShouldBe(1);
        JsonDocument
            .Parse(rolledBack.Output)
            .RootElement.GetProperty("findings")[0]
            .GetProperty("kind")
            .GetString()
            .ShouldBe("Truncated");
        (await VerifyAsync("folder", export, "--memory", memory)).Exit.ShouldBe(1);
        (await VerifyAsync("db", "--connection", "Host=/nowhere", "--no-memory")).Exit.ShouldBe(3);
        (await VerifyAsync("folder", "/nowhere", "--no-memory")).Exit.ShouldBe(3);
        var usage = await VerifyAsync("nonsense");
        usage.Exit.ShouldBe(2);
        usage.Error.Trim().Split('\n').Length.ShouldBe(1);
    }

    [Fact]
    public async Task A_database_of_an_earlier_program_is_told_refused_to_serve_and_migrated()
    {
        var on = new[] { "--connection", _connection };
        (await LedgerAsync(0, ["db", "status", .. on])).Output.ShouldContain("The database is up to date.");
        await PostgresCluster.ExecuteAsync(_connection, "update ledger.read_models set fingerprint = 'earlier'");
        (await LedgerAsync(1, ["db", "status", .. on])).Error.ShouldContain("ledger db migrate");
        await LedgerAsync(1, ["serve", .. on, "--keys", _folder]);
        (await LedgerAsync(0, ["db", "migrate", .. on])).Output.ShouldContain("The database is up to date.");
        await LedgerAsync(0, ["db", "status", .. on]);
    }

    [NodeFact]
    public async Task Another_implementation_agrees_on_export_checkpoint_and_receipt_and_not_once_a_byte_is_changed()
    {
        var (export, receipt, entry) = (
            Path.Combine(_folder, "export"),
            Path.Combine(_folder, "r.tlog-proof"),
            Path.Combine(_folder, "r.entry")
        );
        using (var service = await ServeAsync())
        {
            await service.Client.UpToAGrantAsync();
            foreach (var _ in Enumerable.Range(0, 600))
            {
                await service.Client.Consultations.RecordConsultationAsync(SampleRequests.Consultation());
            }

            var given = await service.Client.Integrity.GetReceiptAsync(new() { Position = 417 });
            await File.WriteAllTextAsync(receipt, given.Receipt);
            await File.WriteAllBytesAsync(entry, given.Entry.ToByteArray());
            (await service.StopAsync()).ShouldBe(0);
        }

        await LedgerAsync(0, "export", export, "--connection", _connection, "--vkey", _vkey);
        (await NodeAsync()).ShouldBe((0, "WHOLE 609 entries\nHOLDS position 417\n"));
        (
            await Programs.RunAsync(Programs.LedgerVerify, "receipt", receipt, "--entry", entry, "--vkey", _vkey)
        ).Output.ShouldStartWith("HOLDS");

        var tile = Path.Combine(export, "tile", "entries", "001");
        var bytes = await File.ReadAllBytesAsync(tile);
        bytes[100] ^= 1;
        await File.WriteAllBytesAsync(tile, bytes);
        (await NodeAsync()).Exit.ShouldBe(1);
        bytes = await File.ReadAllBytesAsync(entry);
        bytes[^5] = bytes[^5] == (byte)'A' ? (byte)'B' : (byte)'A'; // another content hash, and still base64
        await File.WriteAllBytesAsync(entry, bytes);
        (
            await Programs.RunAsync(Programs.LedgerVerify, "receipt", receipt, "--entry", entry, "--vkey", _vkey)
        ).Exit.ShouldBe(1);

        Task<(int Exit, string Output)> NodeAsync() => NodeVerifyAsync(export, _vkey, receipt, entry);
    }

    [NodeFact]
    public async Task Another_implementation_agrees_on_evidence_and_on_what_the_key_of_the_month_opens()
    {
        var (page, key) = (Path.Combine(_folder, "case.html"), Path.Combine(_folder, "pseudonyms", "2026-03.key"));
        using (var service = await ServeAsync())
        {
            await service.Client.UpToAGrantAsync();
            foreach (var matricule in new[] { "1204571", "1204571", "1204572" })
            {
                var opened = SampleRequests.Consultation(matricule);
                (opened.Consultation.Session, opened.Consultation.Address) = ("s-1", "poste-1");
                // A key takes over from what was signed.
                opened.Context.Covered = true;
                await service.Client.Consultations.RecordConsultationAsync(opened);
            }

            // The key of today took over: the page leads to it from the one that is pinned.
            await LedgerAsync(
                0,
                "keys",
                "rotate",
                "--keys",
                _folder,
                "--caf",
                "763",
                "--agent",
                "operator-1",
                "--reason",
                "each year"
            );
            await LedgerAsync(
                0,
                "evidence",
                page,
                "--caf",
                "763",
                "--matricule-file",
                Programs.Numbered(_folder, "1204571"),
                "--as",
                "763/investigator-1",
                "--server",
                service.Address.ToString()
            );
            (await service.StopAsync()).ShouldBe(0);
        }

        (await NodeVerifyAsync("evidence", page, _vkey)).Output.ShouldContain("0 of 2 files and 0 sealed texts");
        var (exit, output) = await NodeVerifyAsync("evidence", page, _vkey, $"2026-03={key}");
        exit.ShouldBe(0);
        output.ShouldContain("2 of 2 files and 6 sealed texts");
        var other = Path.Combine(_folder, "other.key");
        await File.WriteAllBytesAsync(other, new byte[32]);
        (await NodeVerifyAsync("evidence", page, _vkey, $"2026-03={other}")).Exit.ShouldBe(1);
        var text = await File.ReadAllTextAsync(page);
        await File.WriteAllTextAsync(page, text.Replace("agent-c3", "agent-c4", StringComparison.Ordinal));
        (await NodeVerifyAsync("evidence", page, _vkey)).Exit.ShouldBe(1);
    }

    [Fact]
    public async Task Tiles_over_HTTP_are_verified_and_asked_for_once()
    {
        var cache = Path.Combine(_folder, "cache");
        using var service = await ServiceProcess.StartAsync(
            "--connection",
            _connection,
            "--keys",
            _folder,
            "--watch-anomalies",
            "false",
            "--http-port",
            "0"
        );
        await service.Client.UpToAGrantAsync();
        var request = SampleRequests.Consultation();
        request.Context.Covered = true;
        await service.Client.Consultations.RecordConsultationAsync(request);
        var url = service.Tiles!.ToString();
        var verified = await VerifyAsync("tiles", url, "--cache", cache);
        verified.Output.ShouldContain("10 entries", Case.Sensitive, verified.Error);
        var stolen = Path.Combine(_folder, "a.token");
        await File.WriteAllTextAsync(stolen, "nobody's");
        (await VerifyAsync("tiles", url, "--token-file", stolen)).Exit.ShouldBe(3);
        (await VerifyAsync("tiles", "http://127.0.0.1:1")).Exit.ShouldBe(3);
    }

    [Fact]
    public async Task A_service_without_a_ledger_or_with_another_key_says_so_and_does_not_start()
    {
        var empty = await cluster.CreateDatabaseAsync();
        (await LedgerAsync(1, "serve", "--connection", empty, "--keys", _folder, "--port", "0")).Error.ShouldContain(
            "ledger db init"
        );
        var otherKeys = Path.Combine(_folder, "other");
        await LedgerAsync(
            0,
            "db",
            "init",
            "--connection",
            empty,
            "--origin",
            "ledger.example/other",
            "--keys",
            otherKeys
        );
        (
            await LedgerAsync(1, "serve", "--connection", _connection, "--keys", otherKeys, "--port", "0")
        ).Error.ShouldContain("the key is of 'ledger.example/other'");
    }

    [Fact]
    public async Task The_demo_tells_its_story_and_leaves_nothing_behind()
    {
        var demo = await Programs.RunAsync(Programs.Ledger, "demo");
        demo.Exit.ShouldBe(0, demo.Output + demo.Error);
        demo.Output.ShouldContain("HOLDS     What does the ledger of the Caf 763 know about the file 1204571");
        demo.Output.ShouldContain("MODIFIED  position 17, content");
        demo.Output.ShouldContain("DELETED   position 22");
        demo.Output.ShouldContain("INSERTED");
        Directory.EnumerateDirectories(Path.GetTempPath(), "ledger-demo-*").ShouldBeEmpty();
    }

    private Task<ServiceProcess> ServeAsync() =>
        ServiceProcess.StartAsync("--connection", _connection, "--keys", _folder, "--watch-anomalies", "false");

    private Task<(int Exit, string Output, string Error)> VerifyAsync(params string[] arguments) =>
        Programs.RunAsync(
            Programs.LedgerVerify,
            [
                .. arguments,
                "--vkey",
                _vkey,
                .. arguments.Any(a => a.Contains("memory", StringComparison.Ordinal))
                    ? Array.Empty<string>()
                    : ["--no-memory"],
            ]
        );

    private static async Task<(int Exit, string Output)> NodeVerifyAsync(params string[] arguments)
    {
        var script = Path.Combine(Programs.Root, "tests", "Ledger.EndToEnd", "independent", "verify.mjs");
        using var node = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("node", [script, .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var output = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        return (node.ExitCode, output);
    }

    private static async Task<(int Exit, string Output, string Error)> LedgerAsync(int exit, params string[] arguments)
    {
        var run = await Programs.RunAsync(Programs.Ledger, arguments);
        run.Exit.ShouldBe(exit, $"{string.Join(' ', arguments)}: {run.Output}{run.Error}");
        if (exit != 0)
        {
            run.Error.Trim()
                .Split('\n')
                .Count(line => line.StartsWith("ledger: ", StringComparison.Ordinal))
                .ShouldBe(1, run.Error);
        }

        return run;
    }
}

/// <summary>A test that needs Node, which .ci/run installs where it is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NodeFactAttribute : FactAttribute
{
    public NodeFactAttribute() =>
        Skip = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(':')
            .Any(folder => File.Exists(Path.Combine(folder, "node")))
            ? null
            : "Node is not on this machine.";
}
