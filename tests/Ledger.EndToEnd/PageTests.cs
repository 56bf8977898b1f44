using System.Text;
using System.Text.RegularExpressions;
using Deque.AxeCore.Playwright;
using Ledger.Integrity;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Entries;
using Ledger.Integrity.Evidence;
using Ledger.Integrity.Receipts;
using Ledger.Tests;
using Ledger.Verify;
using Microsoft.Playwright;

namespace Ledger.EndToEnd;

/// <summary>
/// Evidence in a browser: read, printed, and verified there by a page that is another implementation, which comes to what
/// the verifier comes to.
/// </summary>
[Collection(PostgresTests.Name)]
public sealed partial class PageTests(Browser browser, CoreCase core) : IClassFixture<Browser>, IClassFixture<CoreCase>
{
    private const int Mutations = 1000;
    private const int MostPages = 6;

    private static readonly string Verifier = Path.Combine(Programs.Root, "tools", "verifier.html");

    [Fact]
    public async Task The_core_case_says_its_answer_first_and_prints_on_few_pages()
    {
        var page = await browser.OpenAsync(core.Evidence);
        (await page.Locator(".answer").InnerTextAsync()).ShouldContain("les deux avis diffèrent");
        (await page.Locator(".timeline .mark-differing").CountAsync()).ShouldBe(1);
        (await page.Locator(".timeline .believed").CountAsync()).ShouldBeGreaterThan(0);
        (await page.Locator("td.irregular").InnerTextAsync()).ShouldContain("agent ayant quitté le partenaire");
        var pdf = await page.PdfAsync(new() { PreferCSSPageSize = true });
        var pages = PdfPage().Count(Encoding.Latin1.GetString(pdf));
        pages.ShouldBeGreaterThan(1);
        await page.EvaluateAsync("document.querySelector('.annex').remove()");
        var before = PdfPage()
            .Count(Encoding.Latin1.GetString(await page.PdfAsync(new() { PreferCSSPageSize = true })));
        before.ShouldBeLessThanOrEqualTo(MostPages);
    }

    [Theory]
    [InlineData(1200)]
    [InlineData(320)]
    public async Task Nothing_is_found_by_axe_on_evidence_nor_on_the_verifier_at_any_width(int width)
    {
        foreach (var file in new[] { core.Evidence, Verifier })
        {
            var page = await browser.OpenAsync(file, width);
            var found = await page.RunAxe();
            found.Violations.Select(v => $"{v.Id}: {v.Nodes[0].Html}").ShouldBeEmpty(file);
            (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(width);
        }
    }

    [Fact]
    public async Task Good_evidence_is_proved_in_the_browser_with_the_key_that_is_given_and_with_no_other()
    {
        var page = await browser.OpenAsync(Verifier);
        await page.Locator("#vkey").FillAsync(core.Vkey);
        (await VerdictAsync(page, await File.ReadAllBytesAsync(core.Evidence))).ShouldBe("PROUVÉ");
        (await page.Locator("#facts").InnerTextAsync()).ShouldContain("connu à cette position : 1 ;");
        await page.Locator("#vkey")
            .FillAsync(new NoteSigner("ledger.example/caf-763", new byte[32]).Verifier.ToString());
        (await VerdictAsync(page, await File.ReadAllBytesAsync(core.Evidence))).ShouldBe("NON PROUVÉ");
        await page.Locator("#vkey").FillAsync("ledger.example/caf-763+00000000+AAAA");
        (await VerdictAsync(page, await File.ReadAllBytesAsync(core.Evidence))).ShouldBe("CLÉ ILLISIBLE");
    }

    [Fact]
    public async Task Without_a_key_nothing_is_proved_and_what_is_shown_follows_the_key_in_the_field()
    {
        var page = await browser.OpenAsync(Verifier);
        (await VerdictAsync(page, await File.ReadAllBytesAsync(core.Evidence))).ShouldBe("COHÉRENT, CLÉ À COMPARER");
        (await page.Locator("#facts").InnerTextAsync()).ShouldContain("evidence.html");
        await page.Locator("#vkey").FillAsync(core.Vkey);
        await page.WaitForFunctionAsync("() => document.documentElement.dataset.verdict === 'PROUVÉ'");
        await page.Locator("#vkey").FillAsync("");
        await page.WaitForFunctionAsync("() => document.documentElement.dataset.verdict.startsWith('COHÉRENT')");
    }

    [Fact]
    public async Task The_browser_and_the_verifier_agree_on_a_thousand_altered_files()
    {
        var page = await browser.OpenAsync(Verifier);
        await page.Locator("#vkey").FillAsync(core.Vkey);
        var (good, counts) = (await File.ReadAllBytesAsync(core.Evidence), new Dictionary<string, int>());
        var chance = new Random(20261126);
        for (var i = 0; i < Mutations; i++)
        {
            var altered = Altered(good, chance, i);
            var (here, there) = (await VerdictAsync(page, altered), Verdict(altered));
            here.ShouldBe(there, Difference(good, altered));
            counts[here] = counts.GetValueOrDefault(here) + 1;
        }

        counts.Keys.Order().ShouldBe(["DONNÉES PROUVÉES, PAGE MODIFIÉE", "NON PROUVÉ", "PROUVÉ", "SANS PREUVE"]);
    }

    [Theory]
    [InlineData("</SCRIPT><h1>")]
    [InlineData("</script ><h1>")]
    [InlineData("</script/><h1>")]
    [InlineData("<!--<script>")]
    public async Task Data_that_a_browser_would_end_elsewhere_are_proved_neither_there_nor_here(string markup)
    {
        var good = await File.ReadAllTextAsync(core.Evidence);
        var altered = good.Replace("\"language\":\"fr\"", $"\"language\":\"fr{markup}\"", StringComparison.Ordinal);
        altered.ShouldNotBe(good);
        var page = await browser.OpenAsync(Verifier);
        await page.Locator("#vkey").FillAsync(core.Vkey);
        (await VerdictAsync(page, Encoding.UTF8.GetBytes(altered))).ShouldBe("NON PROUVÉ");
        Verdict(Encoding.UTF8.GetBytes(altered)).ShouldBe("NON PROUVÉ");
    }

    [Fact]
    public async Task A_receipt_is_proved_in_the_browser_and_an_altered_one_is_not()
    {
        var evidence = EvidenceFile.Read(await File.ReadAllTextAsync(core.Evidence));
        var of = evidence.Events[^1];
        var proof = new TlogProof(
            Entry.Parse(Encoding.UTF8.GetBytes(of.Entry)).Position,
            [.. of.Path.Select(h => new Hash256(Convert.FromBase64String(h)))],
            evidence.Checkpoint
        );
        var receipt = new ReceiptBundle(
            ReceiptBundle.CurrentFormat,
            core.Vkey,
            [],
            proof.ToString(),
            of.Entry,
            of.Salt,
            of.Content
        );
        var page = await browser.OpenAsync(Verifier);
        await page.Locator("#vkey").FillAsync(core.Vkey);
        (await VerdictAsync(page, Encoding.UTF8.GetBytes(receipt.ToJson()))).ShouldBe("ENREGISTREMENT PROUVÉ");
        (await page.Locator("#content").InnerTextAsync()).ShouldContain("requestId");
        foreach (
            var touched in new[]
            {
                receipt with
                {
                    Content = evidence.Events[0].Content,
                },
                receipt with
                {
                    Entry = evidence.Events[0].Entry,
                },
                receipt with
                {
                    Salt = new byte[16],
                },
                receipt with
                {
                    Vkey = "ledger.example/caf-763+00000000+AAAA",
                },
            }
        )
        {
            (await VerdictAsync(page, Encoding.UTF8.GetBytes(touched.ToJson()))).ShouldBe("NON PROUVÉ");
        }

        (await VerdictAsync(page, "{\"format\":\"other\"}"u8.ToArray())).ShouldBe("SANS PREUVE");
    }

    [Fact]
    public async Task The_policy_of_the_verifier_allows_its_own_script_and_style_and_nothing_else()
    {
        var text = await File.ReadAllTextAsync(Verifier);
        foreach (
            var (name, element) in new[]
            {
                ("script-src", Script().Match(text).Groups[1].Value),
                ("style-src", Style().Match(text).Groups[1].Value),
            }
        )
        {
            var hash = Convert.ToBase64String(
                System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(element))
            );
            text.ShouldContain($"{name} 'sha256-{hash}'");
        }

        text.ShouldContain("default-src 'none'");
        text.ShouldNotContain("http:");
        text.ShouldNotContain("https:");
    }

    // A byte changed, cut out, doubled, a word of the page changed, other line ends, or a stretch exchanged with another.
    private static byte[] Altered(byte[] good, Random chance, int i)
    {
        var (at, length) = (chance.Next(good.Length), 1 + chance.Next(64));
        length = Math.Min(length, good.Length - at);
        switch (i % 8)
        {
            case 0:
                return [.. good[..at], (byte)(good[at] ^ (1 << chance.Next(7))), .. good[(at + 1)..]];
            case 1:
                return [.. good[..at], .. good[(at + length)..]];
            case 2:
                return [.. good[..(at + length)], .. good[at..]];
            case 3:
                var words = Encoding.UTF8.GetString(good);
                var last = words.LastIndexOf("</script>", StringComparison.Ordinal);
                return Encoding.UTF8.GetBytes(
                    words[..last] + words[last..].Replace(">R", ">r", StringComparison.Ordinal)
                );
            case 4:
                return Encoding.UTF8.GetBytes(
                    Encoding.UTF8.GetString(good).Replace("\n", "\r\n", StringComparison.Ordinal)
                );
            case 5:
                var digits = Encoding.UTF8.GetString(good);
                var digit = digits.IndexOfAny([.. "0123456789"], Math.Min(at, digits.Length - 2000));
                return Encoding.UTF8.GetBytes(
                    digits[..digit] + (char)('0' + ((digits[digit] - '0' + 1) % 10)) + digits[(digit + 1)..]
                );
            case 6:
                return good[..at];
            default:
                var other = chance.Next(good.Length - length);
                byte[] swapped = [.. good];
                good.AsSpan(other, length).CopyTo(swapped.AsSpan(at));
                return swapped;
        }
    }

    private static string Difference(byte[] good, byte[] altered)
    {
        var at = good.AsSpan().CommonPrefixLength(altered);
        return $"at {at}: {Around(good, at)} became {Around(altered, at)}";
    }

    private static string Around(byte[] file, int at) =>
        Encoding.Latin1.GetString(file.AsSpan()[Math.Max(0, at - 40)..Math.Min(file.Length, at + 40)]);

    private static async Task<string> VerdictAsync(IPage page, byte[] file)
    {
        await page.EvaluateAsync("delete document.documentElement.dataset.verdict");
        await page.Locator("#file")
            .SetInputFilesAsync(
                new FilePayload
                {
                    Name = "evidence.html",
                    MimeType = "text/html",
                    Buffer = file,
                }
            );
        await page.WaitForFunctionAsync(
            "() => ![undefined, 'none'].includes(document.documentElement.dataset.verdict)"
        );
        return await page.EvaluateAsync<string>("document.documentElement.dataset.verdict");
    }

    private string Verdict(byte[] file)
    {
        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(file);
            return EvidenceVerifier.Run(text, NoteVerifier.Parse(core.Vkey), null, null).IsIssuedPage
                ? "PROUVÉ"
                : "DONNÉES PROUVÉES, PAGE MODIFIÉE";
        }
        catch (Exception e) when (e is NoEvidenceException or DecoderFallbackException)
        {
            return "SANS PREUVE";
        }
        catch (FormatException)
        {
            return "NON PROUVÉ";
        }
    }

    [GeneratedRegex(@"/Type\s*/Page\b")]
    private static partial Regex PdfPage();

    [GeneratedRegex("<script type=\"module\">(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Script();

    [GeneratedRegex("<style>(.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex Style();
}
