using System.Globalization;
using System.Text;
using Ledger.Domain.Common;
using Ledger.Presentation.Pages;

namespace Ledger.Presentation.Pictures;

/// <summary>
/// Draws a timeline as SVG, from the words of one language and nothing else. Shape and colour both tell; what it shows
/// stands in a table beside it for whoever does not see it.
/// </summary>
public static class TimelinePicture
{
    private const double Width = 960;
    private const double Left = 200;
    private const double Right = 12;
    private const double RowHeight = 26;
    private const double GroupHeight = 24;
    private const double NoteHeight = 14;
    private const double Axis = 22;
    private const double Half = 5;
    private const double CharacterWidth = 6.2;

    /// <summary>The colours and lines, for the style of the page.</summary>
    public const string Style = """
        .timeline { width: 100%; height: auto; font: 11px system-ui, sans-serif; }
        .timeline text { fill: currentColor; } .timeline .group { font-weight: bold; }
        .timeline .grid { stroke: currentColor; stroke-opacity: .18; } .timeline .note { font-size: 10px; }
        .timeline .in-force { fill: #7a93ad; } .timeline .suspended { fill: none; stroke: #7a93ad; stroke-width: 1.5; stroke-dasharray: 2 3; }
        .timeline .at { stroke: #b3261e; stroke-width: 1.5; fill: none; }
        .timeline .believed { stroke: #7a93ad; stroke-width: 2; stroke-dasharray: 6 4; }
        .mark-regular { fill: #0072b2; } .mark-differing { fill: #c87f00; } .mark-irregular { fill: #d55e00; }
        .mark-undetermined { fill: none; stroke: #767676; stroke-width: 2; }
        """;

    /// <summary>The picture.</summary>
    /// <param name="timeline">What it shows.</param>
    /// <param name="words">In which language.</param>
    /// <param name="title">What it is, in a sentence.</param>
    public static string Svg(Timeline timeline, Words words, string title)
    {
        var drawn = new StringBuilder();
        var y = Axis;
        foreach (var group in timeline.Groups)
        {
            y += GroupHeight;
            drawn.Append(Text(0, y - 8, "group", group.Title));
            foreach (var row in group.Rows)
            {
                Draw(row, y);
                y += RowHeight + (row.Notes.Count > 0 ? NoteHeight : 0);
            }
        }

        return Line(
                $"<svg class=\"timeline\" role=\"img\" viewBox=\"0 0 {Width} {y + 4}\"><title>{Html.Encode(title)}</title>"
            )
            + Ticks(timeline, words, y)
            + drawn
            + (
                timeline.At is { } at
                    ? Line(
                        $"<path class=\"at\" d=\"M{N(X(at))} {N(Axis - 4)}V{N(y)}\"><title>{Html.Encode(words.Instant(at))}</title></path>"
                    )
                    : string.Empty
            )
            + "</svg>\n";

        double X(DateTimeOffset at)
        {
            var share = (at - timeline.From) / (timeline.Until - timeline.From);
            return Left + (Math.Clamp(share, 0, 1) * (Width - Left - Right));
        }

        void Draw(TimelineRow row, double top)
        {
            var middle = top + (RowHeight / 2);
            drawn.Append(Text(12, middle + 4, null, row.Label));
            foreach (var bar in row.Bars.Where(b => b.Until > timeline.From && b.From < timeline.Until))
            {
                drawn.Append(Bar(bar, X(bar.From), X(bar.Until), middle));
            }

            foreach (var mark in row.Marks)
            {
                drawn.Append(Mark(mark, X(mark.At), middle));
            }

            foreach (var note in row.Notes)
            {
                var x = X(note.At);
                var length = note.Text.Length * CharacterWidth * .9;
                var begin = x + length > Width ? Math.Max(Left, Width - length) : x;
                drawn.Append(Line($"<path class=\"grid\" d=\"M{N(x)} {N(middle + 6)}V{N(top + RowHeight + 2)}\"/>"));
                drawn.Append(Text(begin, top + RowHeight + 9, "note", note.Text));
            }
        }
    }

    // Months where there are few, else quarters, else years; days within a month.
    private static string Ticks(Timeline timeline, Words words, double bottom)
    {
        var (first, last) = (LegalTime.DayOf(timeline.From), LegalTime.DayOf(timeline.Until));
        var months = ((last.Year - first.Year) * 12) + last.Month - first.Month;
        var step =
            months <= 12 ? 1
            : months <= 36 ? 3
            : 12 * Math.Max(1, months / 144);
        var ticks = new StringBuilder();
        var day = new DateOnly(first.Year, step >= 12 ? 1 : first.Month, 1);
        for (; day <= last; day = day.AddMonths(step))
        {
            var at = LegalTime.StartOf(day);
            if (at < timeline.From)
            {
                continue;
            }

            var x = Left + ((at - timeline.From) / (timeline.Until - timeline.From) * (Width - Left - Right));
            var label =
                step >= 12 || day.Month == 1
                    ? day.Year.ToString("D4", CultureInfo.InvariantCulture)
                    : words.Template($"moments.short-month-{day.Month}");
            ticks.Append(Line($"<path class=\"grid\" d=\"M{N(x)} {N(Axis - 4)}V{N(bottom)}\"/>"));
            ticks.Append(Text(x + 2, Axis - 8, null, label));
        }

        return ticks.ToString();
    }

    private static string Bar(TimelineBar bar, double from, double until, double middle)
    {
        var title = $"<title>{Html.Encode(bar.Sentence)}</title>";
        return bar.Kind == BarKind.Believed
            ? Line($"<path class=\"believed\" d=\"M{N(from)} {N(middle)}H{N(until)}\">{title}</path>")
            : Line(
                $"<rect class=\"{(bar.Kind == BarKind.InForce ? "in-force" : "suspended")}\" x=\"{N(from)}\" "
                    + $"y=\"{N(middle - 4)}\" width=\"{N(Math.Max(1, until - from))}\" height=\"8\">{title}</rect>"
            );
    }

    private static string Mark(TimelineMark mark, double x, double y)
    {
        var shape = mark.Kind switch
        {
            MarkKind.Regular => $"<circle cx=\"{N(x)}\" cy=\"{N(y)}\" r=\"{N(Half)}\"",
            MarkKind.Differing =>
                $"<path d=\"M{N(x)} {N(y - Half - 1)}L{N(x + Half + 1)} {N(y)}L{N(x)} {N(y + Half + 1)}L{N(x - Half - 1)} {N(y)}z\"",
            MarkKind.Irregular =>
                $"<path d=\"M{N(x)} {N(y - Half - 1)}L{N(x + Half + 1)} {N(y + Half)}H{N(x - Half - 1)}z\"",
            _ => $"<rect x=\"{N(x - 4)}\" y=\"{N(y - 4)}\" width=\"8\" height=\"8\"",
        };
        var look = mark.Kind switch
        {
            MarkKind.Regular => "mark-regular",
            MarkKind.Differing => "mark-differing",
            MarkKind.Irregular => "mark-irregular",
            _ => "mark-undetermined",
        };
        var name = shape[1..shape.IndexOf(' ', StringComparison.Ordinal)];
        return Line($"{shape} class=\"{look}\"><title>{Html.Encode(mark.Sentence)}</title></{name}>");
    }

    private static string Text(double x, double y, string? look, string text) =>
        Line(
            $"<text x=\"{N(x)}\" y=\"{N(y)}\"{(look is null ? string.Empty : $" class=\"{look}\"")}>{Html.Encode(text)}</text>"
        );

    private static string Line(string markup) => markup + "\n";

    private static string N(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);
}
