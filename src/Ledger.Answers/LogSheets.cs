using Caf.Ledger.V1;
using Ledger.Presentation;
using static Ledger.Answers.Writing;

namespace Ledger.Answers;

/// <summary>Answers about acts, alerts, findings, the review and the log itself.</summary>
/// <param name="say">In which language.</param>
internal sealed class LogSheets(Words say)
{
    private readonly Writing _write = new(say);

    public Sheet Of(IEnumerable<ReplayResponse> story) =>
        Sheet.Of(
            story,
            ("position", e => Position(e.Position)),
            ("learnt", e => _write.Moment(e.RecordedAt)),
            ("what", e => e.Sentence),
            ("agent", e => Agent(e.Siret, e.Agent)),
            ("partner", e => Partner(e.Siret)),
            ("by", e => Author(e.Actor))
        );

    public Sheet Of(IEnumerable<Act> acts) =>
        Sheet.Of(
            acts,
            ("position", a => Position(a.Position)),
            ("learnt", a => _write.Moment(a.RecordedAt)),
            ("act", a => a.Sentence),
            ("agent", a => Agent(a.Siret, a.Agent)),
            ("partner", a => Partner(a.Siret)),
            ("by", a => Author(a.Actor)),
            ("document", a => a.Document)
        );

    public Sheet Of(IEnumerable<Finding> findings, Basis basis) =>
        Sheet.Of(
            findings,
            ("kind", f => say.Label("kinds", f.Kind)),
            ("partner", f => Partner(f.Siret)),
            ("agent", f => Agent(f.Siret, f.Agent)),
            ("on", f => _write.Day(f.On)),
            ("days", f => f.Days == 0 ? string.Empty : _write.Number(f.Days)),
            ("finding", f => f.Sentence),
            ("because", f => Positions(f.Because))
        ) with
        {
            Notes = [_write.Basis(basis)],
        };

    public Sheet Of(IEnumerable<Alert> alerts, Basis basis) =>
        Sheet.Of(
            alerts,
            ("alert", a => a.Alert_),
            ("on", a => _write.Day(a.On)),
            ("rule", a => say.Label("rules", a.Rule)),
            ("certainty", a => say.Template(a.Certain ? "rules.certain" : "rules.contextual")),
            ("partner", a => Partner(a.Siret)),
            ("finding", a => a.Sentence),
            ("outcome", a => say.Label("outcomes", a.Outcome)),
            ("because", a => Positions(a.Because))
        ) with
        {
            Nothing = say.Say("answers.no-alert"),
            Notes = [_write.Basis(basis)],
        };

    public Sheet Of(ExplainAlertResponse answer) =>
        Of(answer.Acts) with
        {
            Headline = say.Say(
                "answers.alert",
                ("rule", say.Label("rules", answer.Alert.Rule)),
                ("version", answer.Alert.RuleVersion),
                ("why", answer.Alert.Sentence),
                ("outcome", say.Label("outcomes", answer.Alert.Outcome))
            ),
        };

    public Sheet Of(DraftAnnualReviewResponse review) =>
        Sheet.Of(
            review.Lines,
            ("section", l => say.Template($"review.section-{l.Section}")),
            ("what", l => l.Label),
            ("value", l => say.Label("review-values", l.Value)),
            ("because", l => Positions(l.Because))
        ) with
        {
            Headline = say.Say(
                "answers.review",
                ("from", _write.Day(review.From).Text),
                ("until", _write.Day(review.Until).Text),
                ("digest", review.Digest.ToBase64())
            ),
        };

    public Sheet Of(GetPeriodProofResponse proof) =>
        Sheet.OfPairs(
            (
                say.Say("answers.proof-positions"),
                proof.FirstPosition < 0
                    ? say.Say("answers.proof-none")
                    : say.Say(
                        "answers.proof-range",
                        ("first", $"{proof.FirstPosition}"),
                        ("last", $"{proof.LastPosition}")
                    )
            ),
            (
                say.Say("answers.proof-before"),
                proof.OldCheckpoint.Length == 0
                    ? say.Say("answers.proof-from-the-start")
                    : proof.OldCheckpoint.TrimEnd()
            ),
            (
                say.Say("answers.proof-after"),
                proof.Checkpoint.Length == 0 ? say.Say("answers.proof-not-yet") : proof.Checkpoint.TrimEnd()
            ),
            (say.Say("answers.proof-consistency"), string.Join("\n", proof.ConsistencyProof.Select(h => h.ToBase64())))
        );

    public Sheet Of(GetAnchorsResponse answer) =>
        Sheet.Of(
            answer.Anchors,
            ("anchor", a => a.Name),
            ("anchored", a => _write.Number(a.Size)),
            ("behind", a => _write.Number(Math.Max(0, answer.Size - a.Size))),
            ("reached", a => _write.Moment(a.ReachedAt)),
            ("failure", a => a.Contradicts ? Cell.Bad(say.Say("answers.contradicts", ("what", a.Failure))) : a.Failure)
        ) with
        {
            Nothing = say.Say("answers.no-anchor"),
        };

    public Sheet Of(ListMonthsResponse answer) =>
        Sheet.Of(
            answer.Months,
            ("month", m => m.Month),
            (
                "retention",
                m => m.Months == 0 ? say.Say("answers.no-contract") : say.Say("moments.months", ("count", m.Months))
            ),
            ("due", m => _write.Day(m.DueOn)),
            (
                "state",
                m =>
                    say.Say(
                        m.Destroyed ? "answers.month-destroyed"
                        : m.Due && m.Holds.Count > 0 ? "answers.month-held"
                        : m.Due ? "answers.month-due"
                        : "answers.month-kept"
                    )
            ),
            ("hold", m => string.Join(", ", m.Holds))
        );
}
