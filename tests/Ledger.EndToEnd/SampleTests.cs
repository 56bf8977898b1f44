using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Ledger.Client;
using Ledger.Tests;

namespace Ledger.EndToEnd;

/// <summary>The sample portals, each in its language, against a real ledger.</summary>
[Collection(PostgresTests.Name)]
public sealed partial class SampleTests(PostgresCluster cluster) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ledger-sample-").FullName;
    private string _connection = string.Empty;
    private string _vkey = string.Empty;
    private ServiceProcess _service = null!;

    public async Task InitializeAsync()
    {
        _connection = await cluster.CreateDatabaseAsync();
        string[] init = ["db", "init", "--connection", _connection, "--origin", "ledger.example/sample"];
        var (exit, output, error) = await Programs.RunAsync(Programs.Ledger, [.. init, "--keys", _folder]);
        exit.ShouldBe(0, error);
        _vkey = output.Trim();
        _service = await ServiceProcess.StartAsync("--connection", _connection, "--keys", _folder);
        await _service.Client.UpToAGrantAsync();
    }

    public async Task DisposeAsync()
    {
        await _service.StopAsync();
        _service.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [TheoryWithSamples]
    [InlineData("csharp")]
    [InlineData("java")]
    [InlineData("node")]
    [InlineData("python")]
    public async Task A_sample_records_shows_the_file_and_keeps_a_receipt_that_holds(string language)
    {
        var before = await CountAsync();
        var shown = await RunAsync(language, "1204571");
        shown.Exit.ShouldBe(0, shown.Error);
        var position = long.Parse(Recorded().Match(shown.Output).Groups[1].Value, CultureInfo.InvariantCulture);
        shown.Output.ShouldContain("authorised: the file may be shown");
        (await CountAsync()).ShouldBe(before + 1);

        var receipt = Path.Combine(_folder, $"{position}.receipt");
        string[] verify = ["receipt", receipt, "--vkey", _vkey];
        var proved = await Programs.RunAsync(Programs.LedgerVerify, verify);
        proved.Exit.ShouldBe(0, proved.Output + proved.Error);
        proved.Output.ShouldContain($"position {position}", Case.Insensitive);
    }

    [TheoryWithSamples]
    [InlineData("csharp")]
    [InlineData("java")]
    [InlineData("node")]
    [InlineData("python")]
    public async Task A_sample_shows_no_file_where_nothing_was_recorded(string language)
    {
        var before = await CountAsync();
        var refused = await RunAsync(language, "not a matricule");
        refused.Exit.ShouldBe(1);
        refused.Output.ShouldNotContain("shown");
        refused.Error.ShouldContain("not recorded, show no file");
        refused.Error.ShouldContain("matricule");
        (await CountAsync()).ShouldBe(before);
    }

    private async Task<(int Exit, string Output, string Error)> RunAsync(string language, string matricule)
    {
        using var process = Process.Start(
            new ProcessStartInfo(Path.Combine(Programs.Root, "tools", "samples", language, "run"), [matricule])
            {
                WorkingDirectory = _folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment =
                {
                    ["LEDGER_SERVER"] = _service.Address.ToString().TrimEnd('/'),
                    ["LEDGER_TOKEN_FILE"] = LedgerCredentials.LocalTo(_service.Address).TokenFile,
                },
            }
        )!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    private Task<long> CountAsync() =>
        PostgresCluster.QueryAsync<long>(
            _connection,
            "select count(*) from ledger.mt_events where type = 'consultation-recorded.v1'"
        );

    [GeneratedRegex(@"recorded at position (\d+)")]
    private static partial Regex Recorded();
}

/// <summary>Skips, saying so, where the languages of the samples are not there.</summary>
public sealed class TheoryWithSamplesAttribute : TheoryAttribute
{
    private static readonly string[] Needed = ["javac", "protoc", "grpc_java_plugin", "grpc_python_plugin", "npm"];

    public TheoryWithSamplesAttribute()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':');
        var missing = Needed.Where(p => !folders.Any(f => File.Exists(Path.Combine(f, p)))).ToList();
        Skip = missing.Count > 0 ? $"Not on this machine: {string.Join(", ", missing)}." : null;
    }
}
