using Caf.Ledger.V1;
using Google.Protobuf.WellKnownTypes;
using Ledger.Answers;
using Ledger.Presentation;
using Ledger.Presentation.Pictures;

namespace Ledger.Pages.Asking;

/// <summary>How rights and consultations are drawn.</summary>
internal static class Drawing
{
    /// <summary>The rights of a row as bars: in force, or suspended and nothing else.</summary>
    public static IEnumerable<TimelineBar> Bars(
        this Words say,
        IEnumerable<RightSegment> segments,
        (DateTimeOffset From, DateTimeOffset Until) shown
    ) =>
        segments
            .Where(IsDrawn)
            .Select(s => say.Bar(s.From, s.Until, s.Effective ? BarKind.InForce : BarKind.Suspended, shown));

    /// <summary>A stretch of time, within what is shown.</summary>
    public static TimelineBar Bar(
        this Words say,
        Timestamp? from,
        Timestamp? until,
        BarKind kind,
        (DateTimeOffset From, DateTimeOffset Until) shown
    ) =>
        new(
            from?.ToDateTimeOffset() ?? shown.From,
            until?.ToDateTimeOffset() ?? shown.Until,
            kind,
            say.Say(SentenceOf(kind), ("from", say.Bound(from)), ("until", say.Bound(until)))
        );

    /// <summary>Whether there is something to draw of a segment.</summary>
    public static bool IsDrawn(RightSegment s) => s.Effective || s.Missing is ["habilitation-suspended"];

    /// <summary>What a picture has to show: when rights began, and when files were opened.</summary>
    public static IEnumerable<DateTimeOffset> MomentsOf(
        IEnumerable<RightSegment> segments,
        IEnumerable<ConsultationFound> used
    ) =>
        used.Select(c => c.OccurredAt.ToDateTimeOffset())
            .Concat(segments.Where(s => s.Effective).Select(s => s.From?.ToDateTimeOffset()).OfType<DateTimeOffset>());

    /// <summary>How a consultation is drawn.</summary>
    public static MarkKind KindOf(ConsultationFound c) =>
        c.RectifiedBy is not null || c.AsKnownAt.Forgotten ? MarkKind.Undetermined
        : c.Differs() ? MarkKind.Differing
        : c.AsKnownAt.Authorised ? MarkKind.Regular
        : MarkKind.Irregular;

    /// <summary>A bound, in words; a stroke for none.</summary>
    public static string Bound(this Words say, Timestamp? bound) =>
        bound is null ? "…" : say.Bound(bound.ToDateTimeOffset());

    private static string SentenceOf(BarKind kind) =>
        kind switch
        {
            BarKind.InForce => "evidence.bar-in-force",
            BarKind.Suspended => "evidence.bar-suspended",
            _ => "evidence.bar-believed",
        };
}
