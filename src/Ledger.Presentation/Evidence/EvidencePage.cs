using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ledger.Domain.Rights;
using Ledger.Integrity.Entries;
using Ledger.Integrity.Evidence;
using Ledger.Presentation.Pages;
using Ledger.Presentation.Pictures;

namespace Ledger.Presentation.Evidence;

/// <summary>
/// Evidence as a page to read on a screen and to print on A4. It is made from the statement and its events, before the log
/// commits to both; the data and the proofs are put into it afterwards.
/// </summary>
public static class EvidencePage
{
    private const int DigitsShown = 16;

    /// <summary>What the page shows.</summary>
    /// <param name="said">The statement.</param>
    /// <param name="events">The events that it names, in the order of their positions.</param>
    /// <param name="words">In which language.</param>
    public static EvidenceRendering Render(EvidenceStatement said, IReadOnlyList<EvidenceEvent> events, Words words)
    {
        var story = new EvidenceStory(said, events, words);
        return new(Head(story), Body(story), "\n</section>\n" + Foot(story) + "</body>\n</html>\n");
    }

    private static string Head(EvidenceStory story)
    {
        var words = story.Words;
        var style = EvidenceStyle.Of(words, story.Reference, story.Digest[..DigitsShown]);
        return new Html()
            .Line("<!DOCTYPE html>")
            .Line($"<html lang=\"{Languages.TagOf(words.Language)}\">")
            .Line("<head>")
            .Line("<meta charset=\"utf-8\">")
            .Line("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
            .Line(Policy(style))
            .Element("title", words.Say("evidence.title", ("reference", story.Reference)))
            .Line($"<style>{style}</style>")
            .ToString();
    }

    private static string Body(EvidenceStory story)
    {
        var page = new Html().Line(string.Empty).Line("</head>").Line("<body>");
        Banner(page, story);
        page.Line("<main>");
        Answer(page, story);
        Checked(page, story);
        Consultations(page, story);
        Acts(page, story);
        Annex(page, story);
        return page.ToString();
    }

    private static string Foot(EvidenceStory story) =>
        new Html()
            .Line("</main>")
            .Line("<footer>")
            .Element("p", story.Words.Say("evidence.foot", ("reference", story.Reference), ("digest", story.Digest)))
            .Line("</footer>")
            .ToString();

    // A page runs nothing, loads nothing and sends nothing, whoever wrote what stands in it.
    private static string Policy(string style) =>
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; form-action 'none'; "
        + $"style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)))}'\">";

    private static void Banner(Html page, EvidenceStory story)
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
                ("issued", words.Instant(asked.AskedAt)),
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
                .Line($"<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"{Html.Encode(Title(words))}\">")
                .Raw(TimelinePicture.Svg(timeline, words, Title(words)))
                .Line("</div>")
                .Line($"<figcaption>{Legend(words)}</figcaption>")
                .Line("</figure>");
        }

        page.Line("</section>");
    }

    private static string Title(Words words) => words.Say("evidence.picture");

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
        page.Line("<section class=\"two\">")
            .Line("<div>")
            .Element("h2", words.Template("evidence.checked"))
            .Line("<ul>");
        foreach (var item in new[] { "in-log", "verdicts", "committed", "witnessed" })
        {
            page.Element("li", words.Say($"evidence.checked-{item}"));
        }

        page.Line("</ul>")
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
            Columns(words, "when", "who", "through", "purpose", "then", "afterwards", "why", "position"),
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
            : !EvidenceUse.CanTell(all) ? new(words.Say("verdicts.undetermined"), "undetermined")
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
        // A column that would be empty takes the room of the others.
        var cite = story.Acts.Any(f => f.Context.Act is not null);
        page.Table(
            words.Say("evidence.acts-caption"),
            Columns(
                words,
                cite ? ["position", "act", "by", "document", "learnt"] : ["position", "act", "by", "learnt"]
            ),
            story.Acts.Select(f =>
                (IReadOnlyList<Cell>)
                    [
                        $"{f.Position}",
                        words.Act(f.Event, f.Context),
                        words.Author(f.Context.Actor),
                        .. cite ? new Cell[] { f.Context.Act ?? string.Empty } : [],
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

        page.Element("h3", words.Template("evidence.proofs"));
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
