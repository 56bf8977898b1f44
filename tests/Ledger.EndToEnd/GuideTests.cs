using System.Diagnostics;
using System.Text.RegularExpressions;
using Ledger.Tests;

namespace Ledger.EndToEnd;

/// <summary>The guides, followed to the letter: every command of their blocks is run, in order, by a shell.</summary>
[Collection(PostgresTests.Name)]
public sealed partial class GuideTests(PostgresCluster cluster) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ledger-guide-").FullName;
    private string _connection = string.Empty;
    private string _vkey = string.Empty;
    private ServiceProcess _service = null!;

    public async Task InitializeAsync()
    {
        _connection = await cluster.CreateDatabaseAsync();
        string[] init =
        [
            "db",
            "init",
            "--connection",
            _connection,
            "--origin",
            "ledger.example/guide",
            "--keys",
            _folder,
        ];
        var (exit, output, error) = await Programs.RunAsync(Programs.Ledger, init);
        exit.ShouldBe(0, error);
        _vkey = output.Trim();
        _service = await ServiceProcess.StartAsync("--connection", _connection, "--keys", _folder);
        foreach (var (name, program) in new[] { ("ledger", Programs.Ledger), ("ledger-verify", Programs.LedgerVerify) })
        {
            var script = Path.Combine(_folder, name);
            await File.WriteAllTextAsync(script, $"#!/bin/sh\nexec dotnet '{program}' \"$@\"\n");
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    public async Task DisposeAsync()
    {
        await _service.StopAsync();
        _service.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_investigators_guide_opens_a_case_and_closes_it()
    {
        var output = await FollowAsync("enqueteur.md", commands: 16);
        output.ShouldContain("1 agent pouvait ouvrir ce dossier le 10 mars 2026 à 11 h 15");
        output.ShouldContain("2 agents pouvaient ouvrir ce dossier le 10 mars 2026 à 11 h 15");
        output.ShouldContain("Départ d'agent-d4 le 1er mars 2026 ; signalé le 20 mars 2026, soit 19 jours après");
        output.ShouldContain("qui a consulté un dossier");
        File.Exists(Path.Combine(_folder, "affaire.html")).ShouldBeTrue();
    }

    [Fact]
    public async Task The_auditors_guide_proves_evidence_a_receipt_and_the_whole_log()
    {
        var output = await FollowAsync("auditor.md", commands: 13);
        Regex.Count(output, "^PROUVÉ", RegexOptions.Multiline).ShouldBe(2);
        Regex.Count(output, "^INTÈGRE", RegexOptions.Multiline).ShouldBe(3);
        File.ReadLines(Path.Combine(_folder, "contents.jsonl")).Count().ShouldBeGreaterThan(20);
    }

    [Fact]
    public async Task The_first_five_minutes_of_the_README_end_in_a_proof()
    {
        Directory.CreateSymbolicLink(Path.Combine(_folder, "tools"), Path.Combine(Programs.Root, "tools"));
        Directory.CreateDirectory(Path.Combine(_folder, "ledger-data"));
        Directory.CreateSymbolicLink(Path.Combine(_folder, "ledger-data", "keys"), _folder);
        var output = await FollowAsync("../README.md", commands: 5);
        Regex.Count(output, "^PROUVÉ", RegexOptions.Multiline).ShouldBe(1);
    }

    [TheoryWithSamples]
    [InlineData("portal.md")]
    public async Task The_portal_developers_guide_records_in_every_language_and_keeps_the_receipts(string guide)
    {
        Directory.CreateSymbolicLink(Path.Combine(_folder, "tools"), Path.Combine(Programs.Root, "tools"));
        var output = await FollowAsync(guide, commands: 6);
        Regex.Count(output, "^recorded at position \\d+, authorised", RegexOptions.Multiline).ShouldBe(4);
        Directory.EnumerateFiles(_folder, "*.receipt").Count().ShouldBe(4);
    }

    private async Task<string> FollowAsync(string guide, int commands)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Programs.Root, "docs", guide));
        // The guides speak of the port that a ledger takes by itself.
        var script = string.Concat(Block().Matches(text).Select(m => m.Groups[1].Value))
            .Replace("127.0.0.1-5080", $"127.0.0.1-{_service.Address.Port}", StringComparison.Ordinal);
        script.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBeGreaterThanOrEqualTo(commands);
        using var shell = Process.Start(
            new ProcessStartInfo("bash", ["-eu", "-c", script])
            {
                WorkingDirectory = _folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment =
                {
                    ["PATH"] = $"{_folder}:{Environment.GetEnvironmentVariable("PATH")}",
                    ["LEDGER_SERVER"] = _service.Address.ToString(),
                    ["LEDGER_LANG"] = "fr",
                    ["VKEY"] = _vkey,
                    ["READER"] = _connection,
                },
            }
        )!;
        var (output, error) = (shell.StandardOutput.ReadToEndAsync(), shell.StandardError.ReadToEndAsync());
        await shell.WaitForExitAsync();
        shell.ExitCode.ShouldBe(0, await output + await error);
        return (await output).Replace('\u202F', ' ');
    }

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
