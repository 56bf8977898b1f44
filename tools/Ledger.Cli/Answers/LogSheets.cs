using Caf.Ledger.V1;
using Ledger.Presentation;
using static Ledger.Cli.Answers.Writing;

namespace Ledger.Cli.Answers;

/// <summary>Answers about acts, alerts, findings, the review and the log itself.</summary>
internal static class LogSheets
{
    public static Sheet Of(IEnumerable<ReplayResponse> story) =>
        Sheet.Of(
            story,
            ("position", e => $"{e.Position}"),
            ("learnt", e => Moment(e.RecordedAt)),
            ("what", e => e.Sentence),
            ("agent", e => e.Agent),
            ("partner", e => Partner(e.Siret)),
            ("by", e => Author(e.Actor))
        );

    public static Sheet Of(IEnumerable<Act> acts) =>
        Sheet.Of(
            acts,
            ("position", a => $"{a.Position}"),
            ("learnt", a => Moment(a.RecordedAt)),
            ("act", a => a.Sentence),
            ("agent", a => a.Agent),
            ("partner", a => Partner(a.Siret)),
            ("by", a => Author(a.Actor)),
            ("document", a => a.Document)
        );

    public static Sheet Of(IEnumerable<Finding> findings, Basis basis) =>
        Sheet.Of(
            findings,
            ("kind", f => Words.Spoken.Label("kinds", f.Kind)),
            ("partner", f => Partner(f.Siret)),
            ("agent", f => f.Agent),
            ("on", f => Day(f.On)),
            ("days", f => f.Days == 0 ? string.Empty : $"{f.Days}"),
            ("finding", f => f.Sentence),
            ("because", f => Positions(f.Because))
        ) with
        {
            Notes = [Basis(basis)],
        };

    public static Sheet Of(IEnumerable<Alert> alerts, Basis basis) =>
        Sheet.Of(
            alerts,
            ("alert", a => a.Alert_),
            ("on", a => Day(a.On)),
            ("rule", a => Words.Spoken.Label("rules", a.Rule)),
            ("certainty", a => Words.Spoken.Template(a.Certain ? "rules.certain" : "rules.contextual")),
            ("partner", a => Partner(a.Siret)),
            ("finding", a => a.Sentence),
            ("outcome", a => Words.Spoken.Label("outcomes", a.Outcome)),
            ("because", a => Positions(a.Because))
        ) with
        {
            Nothing = Words.Spoken.Say("answers.no-alert"),
            Notes = [Basis(basis)],
        };

    public static Sheet Of(ExplainAlertResponse answer) =>
        Of(answer.Acts) with
        {
            Headline = Words.Spoken.Say(
                "answers.alert",
                ("rule", Words.Spoken.Label("rules", answer.Alert.Rule)),
                ("version", answer.Alert.RuleVersion),
                ("why", answer.Alert.Sentence),
                ("outcome", Words.Spoken.Label("outcomes", answer.Alert.Outcome))
            ),
        };

    public static Sheet Of(DraftAnnualReviewResponse review) =>
        Sheet.Of(
            review.Lines,
            ("section", l => Words.Spoken.Template($"review.section-{l.Section}")),
            ("what", l => l.Label),
            ("value", l => Words.Spoken.Label("review-values", l.Value)),
            ("because", l => Positions(l.Because))
        ) with
        {
            Headline = Words.Spoken.Say(
                "answers.review",
                ("from", Day(review.From).Text),
                ("until", Day(review.Until).Text),
                ("digest", review.Digest.ToBase64())
            ),
        };

    public static Sheet Of(GetPeriodProofResponse proof) =>
        Sheet.OfPairs(
            (
                Words.Spoken.Say("answers.proof-positions"),
                proof.FirstPosition < 0
                    ? Words.Spoken.Say("answers.proof-none")
                    : Words.Spoken.Say(
                        "answers.proof-range",
                        ("first", $"{proof.FirstPosition}"),
                        ("last", $"{proof.LastPosition}")
                    )
            ),
            (
                Words.Spoken.Say("answers.proof-before"),
                proof.OldCheckpoint.Length == 0
                    ? Words.Spoken.Say("answers.proof-from-the-start")
                    : proof.OldCheckpoint.TrimEnd()
            ),
            (
                Words.Spoken.Say("answers.proof-after"),
                proof.Checkpoint.Length == 0 ? Words.Spoken.Say("answers.proof-not-yet") : proof.Checkpoint.TrimEnd()
            ),
            (
                Words.Spoken.Say("answers.proof-consistency"),
                string.Join("\n", proof.ConsistencyProof.Select(h => h.ToBase64()))
            )
        );

    public static Sheet Of(GetAnchorsResponse answer) =>
        Sheet.Of(
            answer.Anchors,
            ("anchor", a => a.Name),
            ("anchored", a => Words.Spoken.Number(a.Size)),
            ("behind", a => Words.Spoken.Number(Math.Max(0, answer.Size - a.Size))),
            ("reached", a => Moment(a.ReachedAt)),
            (
                "failure",
                a => a.Contradicts ? Cell.Bad(Words.Spoken.Say("answers.contradicts", ("what", a.Failure))) : a.Failure
            )
        ) with
        {
            Nothing = Words.Spoken.Say("answers.no-anchor"),
        };

    public static Sheet Of(ListMonthsResponse answer) =>
        Sheet.Of(
            answer.Months,
            ("month", m => m.Month),
            (
                "retention",
                m =>
                    m.Months == 0
                        ? Words.Spoken.Say("answers.no-contract")
                        : Words.Spoken.Say("moments.months", ("count", m.Months))
            ),
            ("due", m => Day(m.DueOn)),
            (
                "state",
                m =>
                    Words.Spoken.Say(
                        m.Destroyed ? "answers.month-destroyed"
                        : m.Due && m.Holds.Count > 0 ? "answers.month-held"
                        : m.Due ? "answers.month-due"
                        : "answers.month-kept"
                    )
            ),
            ("hold", m => string.Join(", ", m.Holds))
        );
}
