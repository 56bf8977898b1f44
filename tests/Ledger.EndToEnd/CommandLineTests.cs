using System.Diagnostics;
using Caf.Ledger.V1;
using Google.Protobuf;
using Ledger.Tests;

namespace Ledger.EndToEnd;

/// <summary>The command line in the hands of people: what they write by mistake is told, and nothing hangs.</summary>
[Collection(PostgresTests.Name)]
public sealed class CommandLineTests(PostgresCluster cluster) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ledger-cli-").FullName;
    private ServiceProcess _service = null!;

    private string Server => _service.Address.ToString();

    public async Task InitializeAsync()
    {
        var connection = await cluster.CreateDatabaseAsync();
        string[] init = ["db", "init", "--connection", connection, "--origin", "ledger.example/cli", "--keys", _folder];
        (await Programs.RunAsync(Programs.Ledger, init)).Exit.ShouldBe(0);
        _service = await ServiceProcess.StartAsync("--connection", connection, "--keys", _folder);
        await _service.Client.UpToAGrantAsync();
    }

    public async Task DisposeAsync()
    {
        await _service.StopAsync();
        _service.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_bad_line_and_a_refused_item_are_told_and_the_others_are_recorded()
    {
        var good = SampleRequests.Item(SampleRequests.Consultation());
        var refused = SampleRequests.Item(SampleRequests.Consultation());
        refused.Consultation.Siret = "1";
        var file = Path.Combine(_folder, "items.jsonl");
        await File.WriteAllLinesAsync(
            file,
            [JsonFormatter.Default.Format(good), "{ nonsense", JsonFormatter.Default.Format(refused), "[1]"]
        );
        var (exit, output, error) = await Programs.RunAsync(Programs.Ledger, "record", file, "--server", Server);
        exit.ShouldBe(1);
        var answers = output.TrimEnd().Split('\n');
        answers.Length.ShouldBe(2);
        answers[0].ShouldContain("leafHash");
        answers[1].ShouldContain("consultation.siret");
        var told = error.TrimEnd().Split('\n');
        told.Length.ShouldBe(3);
        told[0].ShouldContain("line 2");
        told[1].ShouldContain("line 4");
        told[2].ShouldContain("3 consultations");
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_ends_the_call_with_its_own_reason()
    {
        var (exit, _, error) = await Programs.RunAsync(Programs.Ledger, "record", _folder, "--server", Server);
        exit.ShouldBe(1);
        error.TrimEnd().Split('\n').ShouldHaveSingleItem().ShouldContain(_folder);
    }

    [Fact]
    public async Task Dates_are_read_as_the_French_write_them_and_said_back_and_others_are_refused()
    {
        var (exit, _, error) = await CouldAsync("10/03/2026");
        exit.ShouldBe(0, error);
        error.ShouldContain("10 March 2026 at 00:00 (Paris time)");
        (await CouldAsync("10/03/2026 09:30")).Exit.ShouldBe(0);
        (await CouldAsync("2026-03-10")).Exit.ShouldBe(0);
        (await CouldAsync("2026-03-10T09:30:00Z")).Error.ShouldBeEmpty();
        (await CouldAsync("2026-03-10T09:30:00+01:00")).Exit.ShouldBe(0);
        foreach (var wrong in new[] { "03/31/2026", "10/03/26", "31/02/2026", "March 10, 2026", "10 mars" })
        {
            (await CouldAsync(wrong)).Exit.ShouldBe(2, wrong);
        }

        Task<(int Exit, string Output, string Error)> CouldAsync(string at) =>
            Programs.RunAsync(
                Programs.Ledger,
                "who",
                "could",
                "--caf",
                "763",
                "--matricule-file",
                Programs.Numbered(_folder, "1204571"),
                "--at",
                at,
                "--as",
                "763/investigator-1",
                "--server",
                Server
            );
    }

    [Fact]
    public async Task A_number_of_an_allocataire_and_a_password_stand_on_no_command_line()
    {
        var number = await Programs.RunAsync(Programs.Ledger, "who", "did", "--caf", "763", "--matricule", "1204571");
        number.Exit.ShouldBe(2);
        foreach (
            var command in new[]
            {
                "serve",
                "rebuild",
                "db status",
                "db migrate",
                "db init --origin o --keys k",
                "export folder --vkey v",
            }
        )
        {
            await RefusedAsync(Programs.Ledger, [.. command.Split(' ')]);
        }

        await RefusedAsync(Programs.LedgerVerify, "db", "--vkey", "v");
        foreach (
            var (program, arguments) in new[]
            {
                (Programs.Ledger, "serve --mirror esdb://u:secret-of-somebody@localhost:1"),
                (Programs.LedgerVerify, "mirror --vkey v esdb://u:secret-of-somebody@localhost:1"),
                (Programs.LedgerVerify, "folder . --vkey v --against-mirror esdb+discover://u:secret-of-somebody@h"),
            }
        )
        {
            var (exit, _, error) = await Programs.RunAsync(program, arguments.Split(' '));
            exit.ShouldNotBe(0);
            error.ShouldContain("A password stands on no command line");
            error.ShouldNotContain("secret-of-somebody");
        }

        static async Task RefusedAsync(string program, params string[] arguments)
        {
            var (exit, _, error) = await Programs.RunAsync(
                program,
                [.. arguments, "--connection", "Host=/nowhere;Username=u;Password=secret-of-somebody"]
            );
            exit.ShouldNotBe(0);
            error.ShouldContain("A password stands on no command line");
            error.ShouldNotContain("secret-of-somebody");
        }
    }

    [Fact]
    public async Task Months_are_listed_applied_and_a_file_is_erased_and_keys_are_rotated_and_checked()
    {
        var use = SampleRequests.Consultation();
        use.Context.Covered = true;
        await _service.Client.Consultations.RecordConsultationAsync(use);
        var due = await RunAsync("retention", "due");
        due.Exit.ShouldBe(0);
        due.Output.ShouldContain("2026-03");
        due.Output.ShouldContain("36 months");
        var apply = await RunAsync("retention", "apply", "--as", "763/dpo-1", "--reason", "at its lawful end");
        (apply.Exit, apply.Error.Contains("No month is at its lawful end", StringComparison.Ordinal)).ShouldBe(
            (1, true)
        );
        var erase = await RunAsync(
            "retention",
            "erase",
            "--as",
            "763/dpo-1",
            "--caf",
            "763",
            "--matricule-file",
            Programs.Numbered(_folder, "1204571"),
            "--decision",
            "D-1",
            "--reason",
            "art. 17"
        );
        erase.Exit.ShouldBe(0, erase.Error);
        erase.Output.ShouldContain("File erased");

        string[] keys = ["--keys", _folder];
        var rotated = await Programs.RunAsync(
            Programs.Ledger,
            ["keys", "rotate", "--caf", "763", "--agent", "operator-1", "--reason", "each year", .. keys]
        );
        rotated.Exit.ShouldBe(0, rotated.Error);
        var list = await Programs.RunAsync(Programs.Ledger, ["keys", "list", "--output", "json", .. keys]);
        list.Output.ShouldContain(rotated.Output.Trim()[..30]);
        list.Output.ShouldContain("signs-until");
        var check = await Programs.RunAsync(Programs.Ledger, ["keys", "check", .. keys]);
        check.Exit.ShouldBe(0, check.Output);
        File.SetUnixFileMode(
            Path.Combine(_folder, "cosigner.key"),
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead
        );
        var wide = await Programs.RunAsync(Programs.Ledger, ["keys", "check", .. keys]);
        wide.Exit.ShouldBe(1);
        wide.Output.ShouldContain("chmod 600");

        Task<(int Exit, string Output, string Error)> RunAsync(params string[] arguments) =>
            Programs.RunAsync(Programs.Ledger, [.. arguments, "--server", Server]);
    }

    [Fact]
    public async Task Who_asks_is_named_once_in_the_environment()
    {
        (await DeadlinesAsync("763/investigator-1")).ShouldBe(0);
        (await DeadlinesAsync(null)).ShouldBe(2);
        (await DeadlinesAsync("investigator-1")).ShouldBe(2);

        async Task<int> DeadlinesAsync(string? who)
        {
            var start = new ProcessStartInfo("dotnet", [Programs.Ledger, "deadlines", "--server", Server])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment["LEDGER_AS"] = who;
            using var process = Process.Start(start)!;
            await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode;
        }
    }

    [Fact]
    public async Task Evidence_saved_with_other_line_ends_holds_with_other_words_says_so_and_a_letter_is_none()
    {
        await _service.Client.Consultations.RecordConsultationAsync(SampleRequests.Consultation());
        var file = Path.Combine(_folder, "evidence.html");
        await using (var into = File.Create(file))
        {
            await _service.Client.ExportEvidenceAsync(
                new ExportEvidenceRequest
                {
                    Asking = SampleRequests.Asking(),
                    Account = new Account { Siret = SampleRequests.Siret, Agent = "agent-c3" },
                },
                into
            );
        }

        var (vkey, page) = (
            (await _service.Client.Integrity.GetCheckpointAsync(new())).Vkey,
            await File.ReadAllTextAsync(file)
        );
        (await VerifyAsync(page)).Exit.ShouldBe(0);
        (await VerifyAsync(page.ReplaceLineEndings("\r\n"))).Exit.ShouldBe(0);
        var (exit, output, _) = await VerifyAsync(page.Replace("<h1>Éléments", "<h1>Autres éléments"));
        exit.ShouldBe(1);
        output.ShouldStartWith("DATA HOLD");
        (await VerifyAsync("Dear Sir,")).Exit.ShouldBe(3);

        async Task<(int Exit, string Output, string Error)> VerifyAsync(string text)
        {
            await File.WriteAllTextAsync(file, text);
            return await Programs.RunAsync(Programs.LedgerVerify, "evidence", file, "--vkey", vkey);
        }
    }
}
