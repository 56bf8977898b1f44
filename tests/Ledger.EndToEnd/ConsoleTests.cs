using System.Net;
using Deque.AxeCore.Playwright;
using Ledger.Tests;
using Microsoft.Playwright;
using static Ledger.Tests.SampleRequests;

namespace Ledger.EndToEnd;

/// <summary>The console in a real browser, against a real ledger with the core case in it.</summary>
[Collection(PostgresTests.Name)]
public sealed class ConsoleTests(PostgresCluster cluster, Browser browser) : IClassFixture<Browser>, IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ledger-console-").FullName;
    private ServiceProcess _service = null!;
    private Uri _entry = null!;
    private long _departure;

    public async Task InitializeAsync()
    {
        var connection = await cluster.CreateDatabaseAsync();
        string[] init = ["db", "init", "--connection", connection, "--origin", "ledger.example/console"];
        (await Programs.RunAsync(Programs.Ledger, [.. init, "--keys", _folder])).Exit.ShouldBe(0);
        _service = await ServiceProcess.StartAsync(
            "--connection",
            connection,
            "--keys",
            _folder,
            "--console-port",
            "0"
        );
        _entry = new Uri(await _service.SaidAfterAsync("Console: "));
        await _service.Client.UpToAGrantAsync();
        await _service.Client.Consultations.RecordConsultationAsync(Consultation());
        var departure = await _service.Client.Conventions.ReportDepartureAsync(
            new()
            {
                Context = By("agent-a1"),
                Convention = "conv-1",
                Agent = "agent-c3",
                LeftOn = "2026-03-01",
                SignalledOn = "2026-03-20",
            }
        );
        _departure = departure.Acknowledgement.Position;
    }

    public async Task DisposeAsync()
    {
        await _service.StopAsync();
        _service.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_core_case_in_three_clicks_from_the_sign_in()
    {
        var page = await EnterAsync();
        await page.Locator("#matricule").FillAsync("1204571");
        await page.Locator("#matricule").PressAsync("Enter");
        await ExpectAsync(page, "Personne ne pouvait ouvrir ce dossier");
        await ExpectAsync(page, "1 a deux avis divergents");
        page.Url.ShouldNotContain("1204571");
        (await page.TitleAsync()).ShouldNotContain("1204571");

        await page.Locator("#au").FillAsync("2026-03-10T11:15");
        await page.Locator("#au").DispatchEventAsync("change");
        await page.WaitForURLAsync("**au=2026-03-10T11%3A15**");
        await ExpectAsync(page, "Personne ne pouvait ouvrir ce dossier le 10 mars 2026 à 11 h 15");
        await page.Locator("#connu").SelectOptionAsync($"{_departure - 1}");
        await page.WaitForURLAsync($"**connu={_departure - 1}**");
        await ExpectAsync(page, "1 agent pouvait ouvrir ce dossier le 10 mars 2026 à 11 h 15");
        await ExpectAsync(page, "Selon ce qui est connu aujourd'hui, personne ne le pouvait.");
    }

    [Fact]
    public async Task Moving_within_an_answer_asks_nothing_more_and_another_knowledge_is_another_question()
    {
        var page = await EnterAsync();
        await OpenAsync(page);
        (await ReadsAsync()).ShouldBe(1);
        foreach (var day in new[] { "2026-01-20", "2026-02-28", "2026-03-02" })
        {
            await page.GotoAsync($"{page.Url.Split('?')[0]}?au={day}T10:00&connu={await KnownAsync(page)}");
            await ExpectAsync(page, "ouvrir ce dossier");
        }

        await page.ReloadAsync();
        (await ReadsAsync()).ShouldBe(1);
        await page.GotoAsync($"{page.Url.Split('?')[0]}?connu={_departure - 1}");
        await page.ReloadAsync();
        (await ReadsAsync()).ShouldBe(2);
    }

    [Theory]
    [InlineData(1200)]
    [InlineData(320)]
    public async Task Nothing_is_found_by_axe_on_any_page_at_any_width(int width)
    {
        var page = await EnterAsync(width);
        await LookAsync(page, $"accueil-{width}", width);
        await OpenAsync(page);
        await LookAsync(page, $"dossier-{width}", width);
        await page.Locator("ol a").First.ClickAsync();
        await ExpectAsync(page, "Contenu tel qu'il a été enregistré");
        await LookAsync(page, $"acte-{width}", width);
        foreach (
            var (path, name) in new[]
            {
                ("alertes", "alertes"),
                ("integrite", "integrite"),
                ("questions", "questions"),
                ("questions/traces-lues?poser=1", "traces-lues"),
                ("questions/irregulieres?poser=1", "irregulieres"),
                ("questions/delais-de-signalement?poser=1", "delais"),
                ($"questions/contrat?poser=1&siret={Siret}", "contrat"),
                ($"partenaires/{Siret}", "partenaire"),
                ($"partenaires/{Siret}/agents/agent-c3", "agent"),
                ("services/CDAP", "service"),
                ("affaires", "affaires"),
                ("nulle-part", "404"),
            }
        )
        {
            await page.GotoAsync(new Uri(_entry, $"/{path}").AbsoluteUri);
            await LookAsync(page, $"{name}-{width}", width);
        }

        await page.GotoAsync(new Uri(_entry, "/").AbsoluteUri);
        await page.GetByRole(AriaRole.Button, new() { Name = "Se déconnecter" }).ClickAsync();
        await ExpectAsync(page, "Le lien de connexion est affiché");
        await LookAsync(page, $"sortie-{width}", width);
    }

    [Fact]
    public async Task An_alert_is_qualified_with_a_reason_and_waits_no_more()
    {
        var page = await EnterAsync();
        for (var tries = 0; await page.Locator("article.card").CountAsync() == 0; tries++)
        {
            (tries < 100).ShouldBeTrue("no alert came");
            await page.GotoAsync(new Uri(_entry, "/alertes").AbsoluteUri);
        }

        var waiting = await page.Locator("article.card").CountAsync();
        var first = page.Locator("article.card").First;
        await first.Locator("summary").PressAsync("Enter");
        await first.Locator("select").SelectOptionAsync("to-investigate");
        await first.Locator("input[name=motif]").FillAsync("<b>à voir</b> avec le partenaire");
        await first.Locator("input[name=motif]").PressAsync("Enter");
        await ExpectAsync(page, "La qualification est enregistrée.");
        (await page.Locator("article.card").CountAsync()).ShouldBe(waiting - 1);
        await page.Locator("#suite").SelectOptionAsync("to-investigate");
        await page.GetByRole(AriaRole.Button, new() { Name = "Afficher" }).ClickAsync();
        await ExpectAsync(page, "À instruire");
    }

    [Fact]
    public async Task What_is_taken_away_is_the_answer_its_proof_and_what_verifies_it()
    {
        var page = await EnterAsync();
        await OpenAsync(page);
        var csv = await DownloadAsync(page, page.GetByText("Télécharger en CSV"));
        (await File.ReadAllTextAsync(csv)).ShouldContain("agent ayant quitté le partenaire");
        var evidence = await DownloadAsync(page, page.GetByText("Produire les éléments de preuve"));
        string[] verify = ["evidence", evidence, "--vkey", await VkeyAsync(page)];
        var proved = await Programs.RunAsync(Programs.LedgerVerify, verify);
        proved.Output.ShouldStartWith("HOLDS", Case.Sensitive, proved.Error);
    }

    [Fact]
    public async Task Whoever_is_not_signed_in_sees_nothing_and_a_link_opens_once()
    {
        using var stranger = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false })
        {
            BaseAddress = _entry,
        };
        foreach (var path in new[] { "/", "/alertes", "/integrite", "/actes/1", "/dossiers/x", "/cle.txt" })
        {
            using var answer = await stranger.GetAsync(path);
            answer.StatusCode.ShouldBe(HttpStatusCode.Redirect, path);
            answer.Headers.Location!.ToString().ShouldContain("/entrer");
        }

        using var posted = await stranger.PostAsync("/dossiers", new FormUrlEncodedContent([new("matricule", "1")]));
        posted.StatusCode.ShouldBe(HttpStatusCode.Redirect);

        var page = await EnterAsync();
        var again = await browser.VisitAsync(_entry);
        await ExpectAsync(again, "Le lien de connexion est affiché");

        // A form that no page of the session gave is refused.
        var cookie = (await page.Context.CookiesAsync()).Single(c => c.Name == "registre");
        (cookie.HttpOnly, cookie.SameSite).ShouldBe((true, SameSiteAttribute.Strict));
        using var forged = new HttpRequestMessage(HttpMethod.Post, "/dossiers")
        {
            Content = new FormUrlEncodedContent([new("matricule", "1204571")]),
            Headers = { { "Cookie", $"registre={cookie.Value}" } },
        };
        using var refused = await stranger.SendAsync(forged);
        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Hostile_texts_are_texts_and_a_handle_of_another_session_opens_nothing()
    {
        var page = await EnterAsync();
        await page.Locator("#matricule").FillAsync("\"><script>document.title='pris'</script>");
        await page.Locator("#matricule").PressAsync("Enter");
        await page.WaitForURLAsync("**/dossiers/**");
        (await page.TitleAsync()).ShouldNotBe("pris");
        await ExpectAsync(page, "matricule");
        await page.GotoAsync(new Uri(_entry, "/dossiers/AAAAAAAAAAAA").AbsoluteUri);
        await ExpectAsync(page, "Ce dossier n'est pas ouvert dans cette session");
        await page.GotoAsync(new Uri(_entry, "/actes/99999999").AbsoluteUri);
        await ExpectAsync(page, "Revenir à l'accueil");
    }

    [Fact]
    public async Task A_page_that_is_not_there_says_so_and_a_question_that_is_refused_says_why()
    {
        var page = await EnterAsync();
        var answer = await page.GotoAsync(new Uri(_entry, "/introuvable/ici").AbsoluteUri);
        answer!.Status.ShouldBe(404);
        await ExpectAsync(page, "Cette page n'existe pas");

        await page.GotoAsync(new Uri(_entry, "/").AbsoluteUri);
        await page.Locator("#matricule").FillAsync("1204571");
        await page.Locator("#demande").FillAsync("demande-inconnue");
        await page.Locator("#demande").PressAsync("Enter");
        await ExpectAsync(page, "Revenir à l'accueil");
        await ExpectAsync(page, "demande-inconnue");
    }

    [Fact]
    public async Task A_question_is_asked_once_however_its_answer_is_sorted_turned_and_taken_away()
    {
        var page = await EnterAsync();
        var path = new Uri(_entry, $"/questions/irregulieres?poser=1&siret={Siret}").AbsoluteUri;
        await page.GotoAsync(path);
        await ExpectAsync(page, "agent ayant quitté le partenaire");
        await page.Locator("thead a").First.ClickAsync();
        await page.Locator("thead a").First.ClickAsync();
        await page.WaitForURLAsync("**sens=desc**");
        var csv = await DownloadAsync(page, page.GetByText("Télécharger en CSV"));
        (await File.ReadAllTextAsync(csv)).ShouldContain("agent-c3");
        var json = await DownloadAsync(page, page.GetByText("Télécharger en JSON"));
        (await File.ReadAllTextAsync(json)).ShouldContain("\"asKnownThen\"");
        (await AskedAsync("list-irregular-consultations")).ShouldBe(1);
        await page.GetByText("Poser de nouveau la question").ClickAsync();
        await ExpectAsync(page, "agent ayant quitté le partenaire");
        (await AskedAsync("list-irregular-consultations")).ShouldBe(2);
    }

    [Fact]
    public async Task A_partner_and_its_agent_are_told_at_a_moment_and_lead_to_each_other()
    {
        var page = await EnterAsync();
        await page.GotoAsync(new Uri(_entry, "/questions").AbsoluteUri);
        await page.Locator("#siret").FillAsync("217 605 757 00012");
        await page.Locator("#siret").PressAsync("Enter");
        await ExpectAsync(page, "Une convention est en vigueur");
        await ExpectAsync(page, "2026-042");
        (await page.Locator("a[href='/services/CDAP']").CountAsync()).ShouldBe(1);
        await page.GetByRole(AriaRole.Link, new() { Name = "agent-c3" }).First.ClickAsync();
        await ExpectAsync(page, "Agent agent-c3, partenaire 217 605 757 00012");
        (await page.Locator("svg").CountAsync()).ShouldBe(1);
        await page.GotoAsync(new Uri(_entry, $"/partenaires/{Siret}?au=2020-01-01T10:00").AbsoluteUri);
        await ExpectAsync(page, "Aucune convention n'est en vigueur le 1er janvier 2020");
        await page.GotoAsync(new Uri(_entry, "/partenaires/123").AbsoluteUri);
        await ExpectAsync(page, "Revenir à l'accueil");
    }

    [Fact]
    public async Task A_case_is_opened_worked_and_closed_and_each_step_is_an_event()
    {
        var page = await EnterAsync();
        await page.GotoAsync(new Uri(_entry, "/affaires").AbsoluteUri);
        await ExpectAsync(page, "Aucune affaire en cours.");
        await page.Locator("#reference").FillAsync("controle-7");
        await page.Locator("#objet").FillAsync("Contrôle des accès de <b>mars</b>");
        await page.Locator("#objet").PressAsync("Enter");
        await ExpectAsync(page, "Affaire controle-7");
        await page.GetByRole(AriaRole.Button, new() { Name = "Travailler dans cette affaire" }).PressAsync("Enter");
        await ExpectAsync(page, "reposent sur cette affaire");

        await page.GotoAsync(new Uri(_entry, "/").AbsoluteUri);
        await OpenAsync(page);
        await page.GotoAsync(new Uri(_entry, "/affaires/controle-7?fois=2").AbsoluteUri);
        await page.Locator("#etape").SelectOptionAsync("investigation-noted");
        await page.Locator("#texte").FillAsync("Une consultation après le départ");
        await page.Locator("#positions").FillAsync($"{_departure}");
        await page.Locator("#positions").PressAsync("Enter");
        await ExpectAsync(page, "constat du");
        await ExpectAsync(page, "qui pouvait et qui a consulté un dossier");
        await LookAsync(page, "affaire-1200", 1200);
        await page.Locator("#etape").SelectOptionAsync("investigation-closed");
        await page.Locator("#texte").FillAsync("Signalé au partenaire");
        await page.Locator("#texte").PressAsync("Enter");
        await ExpectAsync(page, "clos le");
        (await page.Locator("#etape").CountAsync()).ShouldBe(0);

        // What is closed is left: nothing rests on it any more.
        (await page.Locator(".who a").CountAsync()).ShouldBe(0);
        await page.GotoAsync(new Uri(_entry, "/affaires").AbsoluteUri);
        await ExpectAsync(page, "Aucune affaire en cours.");
        await page.GotoAsync(new Uri(_entry, "/questions/apres-fin?poser=1").AbsoluteUri);
        await ExpectAsync(page, "1 consultation.");
    }

    [Fact]
    public async Task An_address_that_says_what_nobody_can_read_is_answered_in_words()
    {
        var page = await EnterAsync();
        foreach (
            var (address, status, words) in new[]
            {
                ("/?fois=abc", 200, "Accueil"),
                ("/?fois=99999999999", 200, "Accueil"),
                ("/affaires?fois=%00", 200, "Affaires"),
                ("/dossiers/AAAA?connu=abc&page=99999999999", 410, "n'est pas ouvert dans cette session"),
                ("/questions/apres-fin?poser=1&du=2026-13-01", 400, "un jour s'écrit aaaa-mm-jj."),
                ("/questions/droits-dormants?poser=1&jours=abc", 400, "un nombre entier est requis."),
                ("/questions/consultations?poser=1", 400, "Un compte (siret et agent) ou une adresse est requis."),
            }
        )
        {
            var answer = await page.GotoAsync(new Uri(_entry, address).AbsoluteUri);
            answer!.Status.ShouldBe(status, address);
            await ExpectAsync(page, words);
        }
    }

    [Fact]
    public async Task Every_row_of_a_partner_is_reached_by_turning_pages()
    {
        for (var i = 0; i < 110; i++)
        {
            await _service.Client.Habilitations.GrantHabilitationAsync(Grant($"hab-{i + 2:D3}"));
        }

        var page = await EnterAsync();
        await page.GotoAsync(new Uri(_entry, $"/partenaires/{Siret}?au=2026-02-01T10:00").AbsoluteUri);
        await ExpectAsync(page, "111 lignes");
        var rows = page.Locator("table").Last.Locator("tbody tr");
        (await rows.CountAsync()).ShouldBe(100);
        await page.Locator("nav.pages a").Last.ClickAsync();
        await page.WaitForURLAsync("**habilitations-page=2**");
        await ExpectAsync(page, "111 lignes");
        (await rows.CountAsync()).ShouldBe(11);
    }

    private async Task<int> AskedAsync(string question) =>
        (await _service.Client.History.ListTraceReadsAsync(new() { Asking = Asking() })).Reads.Count(r =>
            r.Question == question
        );

    private async Task<IPage> EnterAsync(int width = 1200)
    {
        var page = await browser.VisitAsync(_entry, width);
        await page.Locator("#caf").FillAsync("763");
        await page.Locator("#personne").FillAsync("enqueteur-1");
        await page.Locator("#personne").PressAsync("Enter");
        await ExpectAsync(page, "enqueteur-1, Caf 763");
        return page;
    }

    private static async Task OpenAsync(IPage page)
    {
        await page.Locator("#matricule").FillAsync("1204571");
        await page.Locator("#matricule").PressAsync("Enter");
        await ExpectAsync(page, "ouvrir ce dossier");
    }

    private static async Task<string> KnownAsync(IPage page) =>
        await page.EvaluateAsync<string>("document.getElementById('connu').value");

    private async Task<int> ReadsAsync() =>
        (
            await _service.Client.History.ListTraceReadsAsync(
                new()
                {
                    Asking = Asking(),
                    Allocataire = new() { Caf = "763", Matricule = "1204571" },
                }
            )
        ).Reads.Count(r => r.Question == "get-file-history");

    private static async Task<string> DownloadAsync(IPage page, ILocator by)
    {
        var waiting = page.WaitForDownloadAsync();
        await by.ClickAsync();
        return await (await waiting).PathAsync();
    }

    private async Task<string> VkeyAsync(IPage page)
    {
        await page.GotoAsync(new Uri(_entry, "/integrite").AbsoluteUri);
        return await page.Locator("dl code").First.InnerTextAsync();
    }

    // French has spaces of its own kinds.
    private static async Task ExpectAsync(IPage page, string text)
    {
        for (var tries = 0; ; tries++)
        {
            var shown = await ShownAsync(page);
            if (shown.Replace('\u202F', ' ').Replace('\u00A0', ' ').Contains(text, StringComparison.Ordinal))
            {
                return;
            }

            (tries < 200).ShouldBeTrue($"'{text}' is not on {page.Url}:\n{shown}");
            await Task.Delay(20);
        }
    }

    // A page that is being left has no text.
    private static async Task<string> ShownAsync(IPage page)
    {
        try
        {
            return await page.Locator("body").InnerTextAsync();
        }
        catch (PlaywrightException)
        {
            return string.Empty;
        }
    }

    // Pictures for whoever wants to look: LEDGER_PICTURES names a folder.
    private static async Task LookAsync(IPage page, string name, int width)
    {
        if (Environment.GetEnvironmentVariable("LEDGER_PICTURES") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png"), FullPage = true });
        }

        var found = await page.RunAxe();
        found.Violations.Select(v => $"{v.Id}: {v.Nodes[0].Html}").ShouldBeEmpty(name);
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(width, name);
    }
}
