using Ledger.Domain.Common;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Rights;
using Ledger.Integrity.Evidence;
using Ledger.Presentation.Pictures;

namespace Ledger.Presentation.Evidence;

/// <summary>The rights in question as bars, the consultations as marks.</summary>
internal static class EvidencePicture
{
    /// <summary>The picture; null where there is nothing to draw.</summary>
    public static Timeline? Of(EvidenceStory story)
    {
        var uses = story.Consultations;
        var rights = story.Said.Rights.ToLookup(r => r.Habilitation);
        if (uses.Count == 0 && rights.Count == 0)
        {
            return null;
        }

        var moments = uses.Select(u => u.Opened.OccurredAt)
            .Concat(story.Said.Rights.Where(r => r.Missing.Count == 0).Select(r => r.From).OfType<DateTimeOffset>())
            .DefaultIfEmpty(story.Said.Question.AsOf)
            .ToList();
        var (from, until) = Timeline.Around(moments);
        var rows =
            from used in uses.Select(RowOf).Concat(rights.Select(r => RowOf(r.First()))).Distinct()
            orderby used.Siret, used.Agent, used.Habilitation
            group used by used.Siret;
        return new Timeline(
            from,
            until,
            [
                .. rows.Select(g => new TimelineGroup(
                    Words.Grouped(g.Key),
                    [.. g.Select(row => Row(story, row, rights, (from, until)))]
                )),
            ]
        );
    }

    private static TimelineRow Row(
        EvidenceStory story,
        (string Siret, string Agent, string? Habilitation) of,
        ILookup<string, EvidenceRight> rights,
        (DateTimeOffset From, DateTimeOffset Until) shown
    )
    {
        var segments = rights[of.Habilitation ?? string.Empty].ToList();
        var bars = segments.Select(s => Bar(story.Words, s, shown)).OfType<TimelineBar>();
        var believed =
            of.Habilitation is { } id && segments.Count > 0
                ? BelievedRights
                    .NoLongerKnown(story.RestsOn, HabilitationId.Parse(id))
                    .Where(b => !IsSuspended(b, segments))
                : Enumerable.Empty<Stretch>();
        var marks = story.Consultations.Where(u => RowOf(u) == of).Select(u => Mark(story.Words, u));
        var label = segments is [var right, ..] ? $"{of.Agent}  {right.Service} {right.Profil}" : of.Agent;
        return new TimelineRow(
            label,
            [
                .. bars,
                .. believed.Select(b => new TimelineBar(
                    b.From,
                    b.Until,
                    BarKind.Believed,
                    story.Words.Say("evidence.bar-believed")
                )),
            ],
            [.. marks],
            [.. Notes(story, of)]
        );
    }

    private static (string Siret, string Agent, string? Habilitation) RowOf(EvidenceUse use) =>
        (
            use.Opened.Siret.Value,
            use.Opened.Agent.Value,
            (use.Opened.Claimed ?? use.Opened.Verdict.Habilitation)?.Value
        );

    private static (string Siret, string Agent, string? Habilitation) RowOf(EvidenceRight right) =>
        (right.Siret, right.Agent, right.Habilitation);

    // What a hatched bar shows needs no dashes.
    private static bool IsSuspended(Stretch believed, IEnumerable<EvidenceRight> segments) =>
        segments.Any(s =>
            s.Missing is ["habilitation-suspended"]
            && (s.From ?? DateTimeOffset.MinValue) <= believed.From
            && (s.Until ?? DateTimeOffset.MaxValue) >= believed.Until
        );

    private static TimelineBar? Bar(Words words, EvidenceRight s, (DateTimeOffset From, DateTimeOffset Until) shown)
    {
        BarKind? kind =
            s.Missing.Count == 0 ? BarKind.InForce
            : s.Missing is ["habilitation-suspended"] ? BarKind.Suspended
            : null;
        return kind is { } drawn
            ? new TimelineBar(
                s.From ?? shown.From,
                s.Until ?? shown.Until,
                drawn,
                words.Say(
                    drawn == BarKind.InForce ? "evidence.bar-in-force" : "evidence.bar-suspended",
                    ("from", s.From is { } from ? words.Bound(from) : "…"),
                    ("until", s.Until is { } until ? words.Bound(until) : "…")
                )
            )
            : null;
    }

    private static TimelineMark Mark(Words words, EvidenceUse use) =>
        new(
            use.Opened.OccurredAt,
            !use.IsTold ? MarkKind.Undetermined
                : use.Differs ? MarkKind.Differing
                : use.IsRegular ? MarkKind.Regular
                : MarkKind.Irregular,
            words.Act(use.Opened, use.Fact.Context)
        );

    private static IEnumerable<TimelineNote> Notes(
        EvidenceStory story,
        (string Siret, string Agent, string? Habilitation) of
    ) =>
        from use in story.Consultations
        where RowOf(use) == of
        from fact in story.LearntAfter(use)
        let departed = fact.Event as AgentDeparted
        where departed is not null
        group departed by fact.Position into learnt
        let departed = learnt.First()
        select new TimelineNote(
            LegalTime.StartOf(departed.LeftOn),
            story.Words.Say(
                "evidence.note-departed",
                ("left", story.Words.ShortDay(departed.LeftOn)),
                ("signalled", story.Words.ShortDay(departed.SignalledOn))
            )
        );
}
