namespace Ledger.Presentation.Pictures;

/// <summary>Rights as bars and consultations as marks, over time.</summary>
/// <param name="From">Where the picture begins.</param>
/// <param name="Until">Where it ends.</param>
/// <param name="Groups">Its rows, by partner.</param>
/// <param name="At">The moment that it is looked at from: a line; null for none.</param>
public sealed record Timeline(
    DateTimeOffset From,
    DateTimeOffset Until,
    IReadOnlyList<TimelineGroup> Groups,
    DateTimeOffset? At = null
)
{
    private static readonly TimeSpan LeastMargin = TimeSpan.FromDays(7);

    /// <summary>From where to where a picture of some moments goes: a tenth around them, and at least a week.</summary>
    public static (DateTimeOffset From, DateTimeOffset Until) Around(IReadOnlyCollection<DateTimeOffset> moments)
    {
        var (first, last) = (moments.Min(), moments.Max());
        var margin = TimeSpan.FromTicks(Math.Max(LeastMargin.Ticks, (last - first).Ticks / 10));
        return (first - margin, last + margin);
    }
}

/// <summary>The rows of one partner.</summary>
/// <param name="Title">Which.</param>
/// <param name="Rows">Its rows.</param>
public sealed record TimelineGroup(string Title, IReadOnlyList<TimelineRow> Rows);

/// <summary>One right, or one agent without any.</summary>
/// <param name="Label">Whose and which.</param>
/// <param name="Bars">When it held.</param>
/// <param name="Marks">When it was used.</param>
/// <param name="Notes">What was learnt late, and where it takes effect.</param>
public sealed record TimelineRow(
    string Label,
    IReadOnlyList<TimelineBar> Bars,
    IReadOnlyList<TimelineMark> Marks,
    IReadOnlyList<TimelineNote> Notes
);

/// <summary>How a right stood.</summary>
public enum BarKind
{
    /// <summary>In force: a solid bar.</summary>
    InForce,

    /// <summary>Suspended: a hatched bar.</summary>
    Suspended,

    /// <summary>Believed in force when it was recorded, and no longer known to be: a dashed line.</summary>
    Believed,
}

/// <summary>A stretch of time in a row.</summary>
/// <param name="From">Inclusive.</param>
/// <param name="Until">Exclusive.</param>
/// <param name="Kind">How the right stood.</param>
/// <param name="Sentence">In words.</param>
public sealed record TimelineBar(DateTimeOffset From, DateTimeOffset Until, BarKind Kind, string Sentence);

/// <summary>How a consultation is judged: a shape and a colour.</summary>
public enum MarkKind
{
    /// <summary>Regular under both verdicts: a disc.</summary>
    Regular,

    /// <summary>The verdicts differ: a lozenge.</summary>
    Differing,

    /// <summary>Irregular under both: a triangle.</summary>
    Irregular,

    /// <summary>Can no longer be told, or counts no more: an empty square.</summary>
    Undetermined,
}

/// <summary>A consultation in a row.</summary>
/// <param name="At">When.</param>
/// <param name="Kind">How it is judged.</param>
/// <param name="Sentence">In words.</param>
public sealed record TimelineMark(DateTimeOffset At, MarkKind Kind, string Sentence);

/// <summary>A word under a row.</summary>
/// <param name="At">Where it points.</param>
/// <param name="Text">What it says.</param>
public sealed record TimelineNote(DateTimeOffset At, string Text);
