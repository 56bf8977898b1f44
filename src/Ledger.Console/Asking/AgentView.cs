using Caf.Ledger.V1;
using Ledger.Presentation;
using Ledger.Presentation.Pictures;

namespace Ledger.Pages.Asking;

/// <summary>What was answered about an agent: three questions, each recorded once.</summary>
/// <param name="Rights">Rights over time.</param>
/// <param name="Used">Consultations.</param>
/// <param name="Alerts">Alerts.</param>
/// <param name="At">When.</param>
/// <param name="IsWhole">Whether there are no more consultations.</param>
internal sealed record AgentAnswer(
    GetRightsTimelineResponse Rights,
    ListAgentConsultationsResponse Used,
    ListAlertsResponse Alerts,
    DateTimeOffset At,
    bool IsWhole
)
{
    /// <summary>Asks.</summary>
    public static async Task<AgentAnswer> AskAsync(Asker ask, string siret, string agent, CancellationToken cancel)
    {
        var rights = await ask.WholeAsync(
            new GetRightsTimelineRequest { Siret = siret, Agent = agent },
            (c, r, end) => c.GetRightsTimelineAsync(r, cancellationToken: end),
            cancel
        );
        var used = await ask.WholeAsync(
            new ListAgentConsultationsRequest
            {
                Scope = new UsageScope { Siret = siret, Agent = agent },
            },
            (c, r, end) => c.ListAgentConsultationsAsync(r, cancellationToken: end),
            cancel
        );
        var alerts = await ask.WholeAsync(
            new ListAlertsRequest { Siret = siret, Agent = agent },
            (c, r, end) => c.ListAlertsAsync(r, cancellationToken: end),
            cancel
        );
        return new AgentAnswer(rights.Answer, used.Answer, alerts.Answer, ask.Now, used.IsWhole);
    }
}

/// <summary>An agent's rights as bars, and her consultations as marks: one mark per day and verdict.</summary>
internal sealed class AgentView(AgentAnswer answer, DateTimeOffset now, Words say)
{
    /// <summary>The picture; null where there is nothing to draw.</summary>
    public Timeline? Picture()
    {
        var rights = answer.Rights.Habilitations;
        var used = answer.Used.Consultations;
        if (rights.Count == 0 && used.Count == 0)
        {
            return null;
        }

        var shown = Timeline.Around([.. Drawing.MomentsOf(rights.SelectMany(r => r.Segments), used), now]);
        var rows = rights
            .Select(r => new TimelineRow(
                $"{r.Habilitation}  {r.Service} {r.Profil}",
                [.. say.Bars(r.Segments, shown)],
                [.. Marks(used.Where(c => c.AsKnownThen.Habilitation == r.Habilitation))],
                []
            ))
            .ToList();
        var others = used.Where(c => rights.All(r => r.Habilitation != c.AsKnownThen.Habilitation)).ToList();
        if (others.Count > 0)
        {
            rows.Add(new TimelineRow(say.Say("console.without-right"), [], [.. Marks(others)], []));
        }

        return new Timeline(shown.From, shown.Until, [new TimelineGroup(string.Empty, rows)]);
    }

    private IEnumerable<TimelineMark> Marks(IEnumerable<ConsultationFound> used) =>
        used.GroupBy(c =>
                (Day: Ledger.Domain.Common.LegalTime.DayOf(c.OccurredAt.ToDateTimeOffset()), Kind: Drawing.KindOf(c))
            )
            .Select(day => new TimelineMark(
                day.First().OccurredAt.ToDateTimeOffset(),
                day.Key.Kind,
                $"{say.Day(day.Key.Day)} : {say.Say("answers.consultations", ("count", day.Count()))}"
            ));
}
