using Caf.Ledger.V1;
using Ledger.Answers;
using Ledger.Presentation;
using Ledger.Presentation.Pictures;

namespace Ledger.Pages.Asking;

/// <summary>One answer about a file, looked at from one moment: the sentence, the picture, the tables.</summary>
internal sealed class FileView(FileAnswer answer, DateTimeOffset at, Words say)
{
    /// <summary>The moment that it is looked at from.</summary>
    public DateTimeOffset At => at;

    /// <summary>The answer.</summary>
    public FileAnswer Answer => answer;

    /// <summary>The rights that gave access at the moment, each with the segment that it stood in.</summary>
    public IReadOnlyList<(FileRight Right, RightSegment Segment)> Could { get; } =
    [.. answer.Rights.SelectMany(r => r.Segments.Where(s => s.Effective && Holds(s, at)).Select(s => (r, s)))];

    /// <summary>How many agents could.</summary>
    public int Agents => Could.Select(c => (c.Right.Siret, c.Right.Agent)).Distinct().Count();

    /// <summary>Who could, in a sentence.</summary>
    public string Headline =>
        say.Say(
            answer.MoreRights ? "console.at-least"
                : Agents == 0 ? "console.nobody"
                : "answers.could",
            ("count", Agents),
            ("at", at),
            ("position", $"{answer.Known}")
        );

    /// <summary>Who did, in a sentence or two.</summary>
    public string Tally => say.Tally("answers.did", answer.Consultations);

    /// <summary>What was learnt that the answer rests on, the latest first: where one may stand and look.</summary>
    public IReadOnlyList<Act> Learnt =>
        [
            .. answer
                .Acts.Concat(answer.Consultations.SelectMany(c => c.Learnt))
                .DistinctBy(a => a.Position)
                .OrderByDescending(a => a.Position),
        ];

    /// <summary>The picture; null where there is nothing to draw.</summary>
    public Timeline? Picture()
    {
        if (answer.Rights.Count == 0 && answer.Consultations.Count == 0)
        {
            return null;
        }

        var shown = Timeline.Around([
            .. Drawing.MomentsOf(answer.Rights.SelectMany(r => r.Segments), answer.Consultations),
            at,
        ]);
        var rows =
            from key in answer.Rights.Where(IsShown).Select(KeyOf).Concat(answer.Consultations.Select(KeyOf)).Distinct()
            orderby key.Siret, key.Agent, key.Habilitation
            group key by key.Siret;
        return new Timeline(
            shown.From,
            shown.Until,
            [.. rows.Select(g => new TimelineGroup(Words.Grouped(g.Key), [.. g.Select(key => Row(key, shown))]))],
            at
        );
    }

    // A right that never gave access to this file, nor was believed to, is no row.
    private static bool IsShown(FileRight right) => right.Believed.Count > 0 || right.Segments.Any(Drawing.IsDrawn);

    private TimelineRow Row(
        (string Siret, string Agent, string Habilitation) key,
        (DateTimeOffset From, DateTimeOffset Until) shown
    )
    {
        var right = answer.Rights.FirstOrDefault(r => KeyOf(r) == key);
        var bars = say.Bars(right?.Segments ?? [], shown)
            .Concat((right?.Believed ?? []).Select(b => say.Bar(b.From, b.Until, BarKind.Believed, shown)));
        var marks = answer
            .Consultations.Where(c => KeyOf(c) == key)
            .Select(c => new TimelineMark(
                c.OccurredAt.ToDateTimeOffset(),
                Drawing.KindOf(c),
                $"{c.Agent}, {say.Instant(c.OccurredAt.ToDateTimeOffset())} : {say.Told(c.AsKnownAt)}"
            ));
        var label = right is null ? key.Agent : $"{key.Agent}  {right.Service} {right.Profil}";
        return new TimelineRow(label, [.. bars], [.. marks], []);
    }

    private static bool Holds(RightSegment s, DateTimeOffset at) =>
        (s.From is null || s.From.ToDateTimeOffset() <= at) && (s.Until is null || s.Until.ToDateTimeOffset() > at);

    private static (string Siret, string Agent, string Habilitation) KeyOf(FileRight r) =>
        (r.Siret, r.Agent, r.Habilitation);

    private static (string Siret, string Agent, string Habilitation) KeyOf(ConsultationFound c) =>
        (c.Siret, c.Agent, c.AsKnownThen.Habilitation);
}
