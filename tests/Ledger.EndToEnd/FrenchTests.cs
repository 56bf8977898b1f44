using System.Diagnostics;
using Ledger.Tests;

namespace Ledger.EndToEnd;

/// <summary>What a person of a Caf sees and types: French, tables as wide as her window, files for a spreadsheet.</summary>
[Collection(PostgresTests.Name)]
public sealed class FrenchTests(PostgresCluster cluster) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ledger-french-").FullName;
    private ServiceProcess _service = null!;

    public async Task InitializeAsync()
    {
        var connection = await cluster.CreateDatabaseAsync();
        string[] init = ["db", "init", "--connection", connection, "--origin", "ledger.example/fr", "--keys", _folder];
        (await Programs.RunAsync(Programs.Ledger, init)).Exit.ShouldBe(0);
        _service = await ServiceProcess.StartAsync("--connection", connection, "--keys", _folder);
        await _service.Client.UpToAGrantAsync();
        await _service.Client.Consultations.RecordConsultationAsync(SampleRequests.Consultation());
    }

    public async Task DisposeAsync()
    {
        await _service.StopAsync();
        _service.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task An_answer_is_a_sentence_a_table_and_on_what_it_rests()
    {
        var (exit, output, error) = await LedgerAsync(["who", "could", .. Dossier, "--at", "10/03/2026 09:30"]);
        exit.ShouldBe(0, error);
        error.ShouldContain("10/03/2026 09:30");
        error.ShouldContain("10 mars 2026 à 9 h 30 (heure de Paris)");
        output.ShouldContain("1 agent pouvait ouvrir ce dossier le 10 mars 2026 à 9 h 30 (heure de Paris)");
        output.ShouldContain("217\u00A0605\u00A0757\u00A000012");
        output.ShouldContain("Repose sur");
        (await LedgerAsync(["who", "could", .. Dossier, "--at", "1/1/2020"])).Output.ShouldContain("Rien trouvé.");
        var act = await LedgerAsync("event", "8", "7");
        act.Output.ShouldContain("Habilitation CDAP T2 accordée à agent-c3");
        act.Output.ShouldContain("agent-a1");
        (await LedgerAsync("event", "8", "--lang", "en")).Output.ShouldContain("granted to agent-c3");
    }

    [Fact]
    public async Task A_table_for_a_spreadsheet_has_heads_semicolons_and_runs_nothing()
    {
        var (exit, output, _) = await LedgerAsync(["consultations", .. Agent, "--output", "csv"]);
        exit.ShouldBe(0);
        var lines = output.TrimStart('\uFEFF').Split("\r\n");
        lines[0].ShouldStartWith("Position;Quand (heure de Paris);Agent;Partenaire");
        lines[1].ShouldContain(";10/03/2026 ");
        lines[1].ShouldContain(";Régulier;");
    }

    [Fact]
    public async Task A_narrow_window_shows_records_and_breaks_no_word()
    {
        var (exit, output, _) = await LedgerAsync(["consultations", .. Agent], columns: 44);
        exit.ShouldBe(0);
        output.ShouldNotContain("│");
        output.ShouldContain("Finalité");
        output.Split('\n').ShouldAllBe(l => l.Length <= 44);
        output.ShouldContain("aide-sociale");
    }

    [Fact]
    public async Task Errors_are_told_in_French_in_one_line()
    {
        (await LedgerAsync("rights", "--siret", "1", "--agent", "a")).Error.ShouldContain("Un SIRET a 14 chiffres.");
        (await LedgerAsync("alerts", "show", "none")).Error.ShouldContain("Aucune alerte « none »", Case.Sensitive);
        (await LedgerAsync("deadlines", "--on", "demain")).Error.ShouldContain("un jour s'écrit 10/03/2026");
        (await LedgerAsync("dormant", "--days", "beaucoup")).Error.ShouldContain("« beaucoup »");
        (await LedgerAsync(["consultations", .. Agent, "--page", "0"])).Exit.ShouldBe(2);
        var far = await LedgerAsync(["consultations", .. Agent, "--page", "7"]);
        (far.Exit, far.Error.Split('\n').Length).ShouldBe((1, 2));
        far.Error.ShouldContain("1 page");
    }

    [Fact]
    public async Task A_page_is_asked_for_and_what_follows_is_said()
    {
        await _service.Client.Consultations.RecordConsultationAsync(SampleRequests.Consultation());
        var first = await LedgerAsync(["consultations", .. Agent, "--limit", "1"]);
        first.Output.ShouldContain("1 consultation.");
        first.Error.ShouldContain("--page 2");
        var second = await LedgerAsync(["consultations", .. Agent, "--limit", "1", "--page", "2"]);
        second.Error.ShouldNotContain("--page");
        second.Output.ShouldNotBe(first.Output);
    }

    [Fact]
    public async Task A_request_for_traces_is_opened_asked_under_decided_and_delivered()
    {
        (await LedgerAsync("trace-request", "file", "demande-1", "--text", "plainte")).Output.ShouldContain(
            "Enregistré à la position"
        );
        (await LedgerAsync(["who", "did", .. Dossier, "--trace-request", "demande-1"])).Exit.ShouldBe(0);
        var early = await LedgerAsync("trace-request", "deliver", "demande-1", "--text", "remises");
        early.Exit.ShouldBe(1);
        early.Error.ShouldContain("« trace-request-delivered » vient après « trace-request-decided »");
        await DoneAsync("trace-request", "decide", "demande-1", "--text", "vu", "--outcome", "granted");
        await DoneAsync("trace-request", "deliver", "demande-1", "--text", "remises");
        await DoneAsync("procedure", "take", "investigation-opened", "controle-1", "--text", "contrôle d'initiative");
        (await LedgerAsync(["procedure", "kinds"], asks: false)).Output.ShouldContain("investigation-opened");
        (await LedgerAsync("procedure", "take", "x", "y", "--text", "z", "--detail", "a")).Exit.ShouldBe(2);
    }

    [Fact]
    public async Task A_receipt_is_one_file_that_proves_alone_which_consultation_was_recorded()
    {
        var file = Path.Combine(_folder, "9.recu.json");
        (await LedgerAsync(["receipt", "9", file], asks: false)).Output.ShouldContain("ledger-verify receipt");
        File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var vkey = (await _service.Client.Integrity.GetCheckpointAsync(new())).Vkey;
        var proved = await Programs.RunAsync(Programs.LedgerVerify, "receipt", file, "--vkey", vkey, "--lang", "fr");
        proved.Exit.ShouldBe(0, proved.Error);
        proved.Output.ShouldStartWith("PROUVÉ");
        proved.Output.ShouldContain("Consultation d'un dossier par agent-c3");
        await File.WriteAllTextAsync(
            file,
            (await File.ReadAllTextAsync(file)).Replace("\"content\":\"e", "\"content\":\"f")
        );
        (await Programs.RunAsync(Programs.LedgerVerify, "receipt", file, "--vkey", vkey)).Exit.ShouldBe(1);
    }

    [Fact]
    public async Task Evidence_is_printed_to_a_PDF_beside_the_page()
    {
        var (page, pdf) = (Path.Combine(_folder, "affaire.html"), Path.Combine(_folder, "affaire.pdf"));
        var done = await LedgerAsync(["evidence", page, .. Dossier, "--pdf", pdf]);
        done.Exit.ShouldBe(0, done.Error);
        File.ReadAllBytes(pdf).AsSpan().StartsWith("%PDF-"u8).ShouldBeTrue();
        File.GetUnixFileMode(pdf).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task Every_command_has_its_help_in_both_languages_and_a_shell_completes()
    {
        foreach (var language in new[] { "fr", "en" })
        {
            var help = await LedgerAsync("who", "could", "--help", "--lang", language);
            help.Output.ShouldContain("echo 1204571 | ledger who could");
            (await Programs.RunAsync(Programs.LedgerVerify, "db", "--help", "--lang", language)).Exit.ShouldBe(0);
        }

        (await Programs.RunAsync(Programs.Ledger, "completion", "bash")).Output.ShouldContain("complete");
        (await Programs.RunAsync(Programs.Ledger, "[suggest:8]", "ledger al")).Output.ShouldContain("alerts");
    }

    [Fact]
    public async Task A_simulated_Caf_fills_a_ledger()
    {
        var filled = await LedgerAsync(
            [
                "fill",
                "--simulated",
                "--partners",
                "1",
                "--agents",
                "2",
                "--files",
                "20",
                "--consultations",
                "30",
                "--seed",
                "5",
            ],
            asks: false
        );
        filled.Exit.ShouldBe(0, filled.Error);
        filled.Output.ShouldContain("partenaires simulés");
    }

    private string[] Dossier => ["--caf", "763", "--matricule-file", Programs.Numbered(_folder, "1204571")];

    private static string[] Agent => ["--siret", SampleRequests.Siret, "--agent", "agent-c3"];

    private async Task DoneAsync(params string[] arguments)
    {
        var (exit, _, error) = await LedgerAsync(arguments);
        exit.ShouldBe(0, error);
    }

    private Task<(int Exit, string Output, string Error)> LedgerAsync(params string[] arguments) =>
        LedgerAsync(arguments, asks: true);

    private async Task<(int Exit, string Output, string Error)> LedgerAsync(
        string[] arguments,
        bool asks = true,
        int columns = 160
    )
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [
                Programs.Ledger,
                .. arguments,
                "--server",
                _service.Address.ToString(),
                .. asks ? new[] { "--as", "763/investigator-1" } : [],
            ]
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["LEDGER_LANG"] = null,
                ["LC_ALL"] = "C.UTF-8",
                ["COLUMNS"] = $"{columns}",
            },
        };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, (await output).Replace('\u202F', ' '), (await error).Replace('\u202F', ' '));
    }
}
