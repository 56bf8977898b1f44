using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ledger.Domain.Rights;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Entries;
using Ledger.Integrity.Evidence;
using Ledger.Integrity.Timestamps;
using Ledger.Presentation.Pages;
using Ledger.Presentation.Pictures;

namespace Ledger.Presentation.Evidence;

/// <summary>
/// Evidence as a page to read on a screen and to print on A4. The page is made from the data and from nothing else, so
/// that a page whose words were changed is not the page of its data.
/// </summary>
public static class EvidencePage
{
    private const int DigitsShown = 16;

    /// <summary>The page, the data inside.</summary>
    public static string Write(Integrity.Evidence.Evidence evidence)
    {
        var story = new EvidenceStory(evidence);
        var (page, words) = (new Html(), story.Words);
        var style = EvidenceStyle.Of(words, story.Reference, story.Digest[..DigitsShown]);
        page.Line("<!DOCTYPE html>")
            .Line($"<html lang=\"{Languages.TagOf(words.Language)}\">")
            .Line("<head>")
            .Line("<meta charset=\"utf-8\">")
            .Line("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
            .Line(Policy(style))
            .Element("title", words.Say("evidence.title", ("reference", story.Reference)))
            .Line($"<style>{style}</style>")
            .Line(EvidenceFile.Element(evidence))
            .Line("</head>")
            .Line("<body>");
        Head(page, story);
        page.Line("<main>");
        Answer(page, story);
        Checked(page, story);
        Consultations(page, story);
        Acts(page, story);
        Annex(page, story);
        page.Line("</main>");
        page.Line("<footer>")
            .Element("p", words.Say("evidence.foot", ("reference", story.Reference), ("digest", story.Digest)))
            .Line("</footer>");
        return page.Line("</body>").Line("</html>").ToString();
    }

    /// <summary>
    /// Whether a file is the page of its data, word for word; line ends may be those of another system.
    /// </summary>
    public static bool IsPageOf(string file, Integrity.Evidence.Evidence evidence) =>
        file.TrimStart('\uFEFF').ReplaceLineEndings("\n") == Write(evidence);

    // A page runs nothing, loads nothing and sends nothing, whoever wrote what stands in it.
    private static string Policy(string style) =>
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; form-action 'none'; "
        + $"style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)))}'\">";

    private static void Head(Html page, EvidenceStory story)
    {
        var (words, asked) = (story.Words, story.Said.Question);
        page.Line("<header>")
            .Raw(QrCode.Svg($"caf-ledger-evidence {story.Reference} {story.Digest}", words.Say("evidence.qr")))
            .Element("p class=\"kicker\"", words.Say("evidence.issuer", ("caf", asked.Caf)))
            .Element("h1", words.Say("evidence.heading", ("reference", story.Reference)))
            .Element("p class=\"promise\"", words.Say("evidence.promise"))
            .Line("</header>");
    }

    private static void Answer(Html page, EvidenceStory story)
    {
        var (words, asked) = (story.Words, story.Said.Question);
        page.Line("<section>").Line("<dl>");
        foreach (
            var (name, text) in new[]
            {
                ("question", words.EvidenceQuestion(story.Said)),
                (
                    "case",
                    asked.Case is null
                        ? words.Say("evidence.no-case", ("by", asked.AskedBy))
                        : words.Say("evidence.case-of", ("case", asked.Case), ("by", asked.AskedBy))
                ),
                ("issued", words.Instant(story.Issued.RecordedAt)),
            }
        )
        {
            page.Element("dt", words.Template($"evidence.term-{name}")).Element("dd", text);
        }

        page.Line("</dl>").Element("h2", words.Template("evidence.answer")).Line("<div class=\"answer\">");
        foreach (var sentence in EvidenceSummary.Answer(story))
        {
            page.Element("p", sentence);
        }

        page.Line("</div>");
        if (EvidencePicture.Of(story) is { } timeline)
        {
            page.Line("<figure>")
                .Raw(TimelinePicture.Svg(timeline, words, words.Say("evidence.picture")))
                .Line($"<figcaption>{Legend(words)}</figcaption>")
                .Line("</figure>");
        }

        page.Line("</section>");
    }

    private static string Legend(Words words) =>
        string.Join(
            " · ",
            new[]
            {
                ("▬", "in-force"),
                ("┄", "believed"),
                ("●", "regular"),
                ("◆", "differing"),
                ("▲", "irregular"),
                ("□", "undetermined"),
            }.Select(l => Html.Encode($"{l.Item1} {words.Template($"evidence.legend-{l.Item2}")}"))
        );

    private static void Checked(Html page, EvidenceStory story)
    {
        var words = story.Words;
        var seen = story.Evidence.Timestamps.Select(t => Timestamp.Parse(t.Response).Time).Order().ToList();
        var cosigners = SignedNote
            .Parse(story.Evidence.Checkpoint)
            .Signatures.Select(s => s.Name)
            .Where(n => n != NoteVerifier.Parse(story.Evidence.Vkey).Name)
            .Distinct()
            .ToList();
        page.Line("<section class=\"two\">")
            .Line("<div>")
            .Element("h2", words.Template("evidence.checked"))
            .Line("<ul>");
        foreach (var item in new[] { "in-log", "verdicts", "committed" })
        {
            page.Element("li", words.Say($"evidence.checked-{item}"));
        }

        page.Element(
                "li",
                cosigners.Count > 0
                    ? words.Say("evidence.cosigned", ("who", words.Several(cosigners)))
                    : words.Say("evidence.not-cosigned")
            )
            .Element(
                "li",
                seen.Count > 0 ? words.Say("evidence.stamped", ("at", seen[0])) : words.Say("evidence.not-stamped")
            )
            .Line("</ul>")
            .Line("</div>")
            .Line("<div>")
            .Element("h2", words.Template("evidence.not-checked"))
            .Line("<ul>");
        foreach (var item in new[] { "truth", "unrecorded", "later" })
        {
            page.Element("li", words.Say($"evidence.not-checked-{item}", ("position", $"{story.Said.KnownAt}")));
        }

        page.Line("</ul>").Line("</div>").Line("</section>");
        page.Element("p class=\"how\"", words.Say("evidence.how"));
    }

    private static void Consultations(Html page, EvidenceStory story)
    {
        if (story.Consultations.Count == 0)
        {
            return;
        }

        var words = story.Words;
        page.Line("<section>").Element("h2", words.Template("evidence.consultations"));
        page.Table(
            words.Say("evidence.consultations-caption", ("position", $"{story.Said.KnownAt}")),
            Columns(words, "when", "who", "through", "purpose", "then", "now", "why", "position"),
            story.Consultations.Select(u =>
                (IReadOnlyList<Cell>)
                    [
                        words.ShortInstant(u.Opened.OccurredAt),
                        $"{u.Opened.Agent}\u00A0— {Words.Grouped(u.Opened.Siret.Value)}",
                        $"{u.Opened.Service} {u.Opened.Profil}",
                        u.Opened.Purpose.Value,
                        Verdict(words, u.Opened.Verdict.Reasons.Select(ReasonNames.Of)),
                        u.Judged.RectifiedBy is { } by
                            ? words.Say("verdicts.rectified", ("position", $"{by}"))
                            : Verdict(words, u.Judged.Reasons),
                        string.Join(' ', story.LearntAfter(u).Select(f => words.Act(f.Event, f.Context))),
                        $"{u.Fact.Position}",
                    ]
            )
        );
        page.Line("</section>");
    }

    private static Cell Verdict(Words words, IEnumerable<string> reasons)
    {
        var all = reasons.ToList();
        return all.Count == 0 ? new(words.Say("verdicts.authorised"), "regular")
            : all.Contains("file-forgotten") ? new(words.Say("verdicts.undetermined"), "undetermined")
            : new(words.Say("verdicts.irregular-because", ("reasons", words.Reasons(all))), "irregular");
    }

    private static void Acts(Html page, EvidenceStory story)
    {
        if (story.Acts.Count == 0)
        {
            return;
        }

        var words = story.Words;
        page.Line("<section>").Element("h2", words.Template("evidence.acts"));
        page.Table(
            words.Say("evidence.acts-caption"),
            Columns(words, "position", "act", "by", "document", "learnt"),
            story.Acts.Select(f =>
                (IReadOnlyList<Cell>)
                    [
                        $"{f.Position}",
                        words.Act(f.Event, f.Context),
                        words.Author(f.Context.Actor),
                        f.Context.Act ?? string.Empty,
                        words.ShortInstant(f.RecordedAt),
                    ]
            )
        );
        page.Line("</section>");
    }

    private static void Annex(Html page, EvidenceStory story)
    {
        var words = story.Words;
        page.Line("<section class=\"annex\">")
            .Element("h2", words.Template("evidence.annex"))
            .Element("p", words.Say("evidence.annex-what"));
        foreach (var (entry, content) in story.Entries)
        {
            Event(page, entry, content);
        }

        page.Element("h3", words.Template("evidence.checkpoint"))
            .Element("pre", story.Evidence.Checkpoint)
            .Element("h3", words.Template("evidence.key"))
            .Element("pre", story.Evidence.Vkey)
            .Line("</section>");
    }

    private static void Event(Html page, Entry entry, byte[] content) =>
        page.Line("<article>")
            .Element("h3", $"{entry.Position} · {entry.EventType}")
            .Element(
                "pre",
                $"{Compact(content)}\n{entry.RecordedAt.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'} · {entry.StreamId} "
                    + $"v{entry.StreamVersion}\ncontent {entry.ContentHash.ToBase64()}\n"
                    + $"leaf    {entry.LeafHash().ToBase64()}"
            )
            .Line("</article>");

    // Key : value, each on a line where it is long; nothing of the content is left out.
    private static string Compact(byte[] content)
    {
        using var document = JsonDocument.Parse(content);
        return string.Join(" · ", Leaves(document.RootElement, string.Empty));
    }

    private static IEnumerable<string> Leaves(JsonElement element, string path) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => element
                .EnumerateObject()
                .SelectMany(p => Leaves(p.Value, path.Length == 0 ? p.Name : $"{path}.{p.Name}")),
            JsonValueKind.Array => [$"{path}: {string.Join(" ", element.EnumerateArray().Select(e => e.ToString()))}"],
            _ => [$"{path}: {element}"],
        };

    private static IReadOnlyList<string> Columns(Words words, params string[] names) =>
        [.. names.Select(n => words.Template($"columns.{n}"))];
}
