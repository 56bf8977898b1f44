using Ledger.Presentation.Pictures;

namespace Ledger.Presentation.Evidence;

/// <summary>How evidence looks: on a screen, at the width of a phone, and on A4.</summary>
internal static class EvidenceStyle
{
    /// <summary>The style of one page: its printed foot names it.</summary>
    public static string Of(Words words, string reference, string digits) =>
        Screen
        + TimelinePicture.Style
        + Print
            .Replace("{reference}", reference, StringComparison.Ordinal)
            .Replace("{digits}", digits, StringComparison.Ordinal)
            .Replace("{page}", words.Template("evidence.page"), StringComparison.Ordinal);

    private const string Screen = """

        :root { color-scheme: light; --line: #c9ced6; --soft: #f3f5f8; --accent: #1f4e79; }
        * { box-sizing: border-box; }
        body { font: 16px/1.5 system-ui, "Segoe UI", "Liberation Sans", sans-serif; color: #16191d; background: #fff; margin: 0 auto; padding: 1.5rem; max-width: 70rem; }
        h1 { font-size: 1.6rem; line-height: 1.2; margin: .2rem 0 .6rem; } h2 { font-size: 1.15rem; margin: 1.6rem 0 .5rem; color: var(--accent); } h3 { font-size: .95rem; margin: 1rem 0 .2rem; }
        .kicker { margin: 0; letter-spacing: .02em; } .promise { margin: 0; font-style: italic; }
        .qr { float: right; width: 8rem; height: 8rem; margin: 0 0 .5rem 1rem; background: #fff; }
        header { border-bottom: 2px solid var(--accent); padding-bottom: .8rem; overflow: hidden; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1rem; } dt { font-weight: 600; } dd { margin: 0; }
        .answer { font-weight: 600; font-size: 1.08rem; } .answer p { margin: .3rem 0; }
        figure { margin: 1rem 0; } .wide { overflow-x: auto; } .wide svg { min-width: 40rem; } figcaption { font-size: .85rem; }
        .two { display: grid; grid-template-columns: 1fr 1fr; gap: 0 2rem; } .two ul { margin: 0; padding-left: 1.2rem; }
        table { border-collapse: collapse; width: 100%; font-size: .85rem; } caption { text-align: left; font-size: .85rem; padding: .2rem 0; }
        th, td { border-bottom: 1px solid var(--line); padding: .35rem .5rem; text-align: left; vertical-align: top; overflow-wrap: break-word; } thead th { border-bottom: 2px solid var(--line); } tbody th { font-weight: 400; }
        .irregular { color: #a33f00; font-weight: 600; } .undetermined { font-style: italic; }
        pre { font: 12px/1.35 ui-monospace, "Liberation Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--soft); padding: .4rem .6rem; margin: 0; }
        footer { margin-top: 2rem; border-top: 1px solid var(--line); font-size: .8rem; overflow-wrap: anywhere; }
        @media (max-width: 40rem) {
        body { padding: 1rem; } .qr { float: none; display: block; margin: 0 0 .5rem; } .two { display: block; } dl { display: block; } dd { margin: 0 0 .4rem; }
        thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; } tr { display: block; border-bottom: 2px solid var(--line); padding: .4rem 0; }
        tbody th, td { display: block; border: 0; padding: .1rem 0; } tbody th::before, td::before { content: attr(data-head) " : "; font-weight: 600; color: #16191d; } td:empty { display: none; }
        }

        """;

    private const string Print = """

        @page { size: A4; margin: 16mm 14mm 18mm; @bottom-left { content: "{reference}"; font: 8pt sans-serif; } @bottom-center { content: "{page} " counter(page) " / " counter(pages); font: 8pt sans-serif; } @bottom-right { content: "{digits}"; font: 8pt monospace; } }
        @media print {
        .wide svg { min-width: 0; } body { font-size: 10pt; padding: 0; max-width: none; } h1 { font-size: 16pt; } h2 { font-size: 12pt; break-after: avoid; } h3 { font-size: 8pt; break-after: avoid; }
        table { font-size: 8.5pt; } thead { display: table-header-group; } tr, figure, li, dt, dd { break-inside: avoid; } caption { break-after: avoid; }
        pre { font-size: 8pt; background: none; padding: 0; } .annex { break-before: page; } article { break-inside: avoid-page; } footer { display: none; }
        }

        """;
}
