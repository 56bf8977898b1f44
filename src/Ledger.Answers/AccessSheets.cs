using Caf.Ledger.V1;
using Ledger.Presentation;
using static Ledger.Answers.Writing;

namespace Ledger.Answers;

/// <summary>Answers about who could, who did, and what else was used.</summary>
/// <param name="say">In which language.</param>
internal sealed class AccessSheets(Words say)
{
    private readonly Writing _write = new(say);

    public Sheet Of(WhoCouldAccessResponse answer)
    {
        var at = answer.At.ToDateTimeOffset();
        return Sheet.Of(
            answer.Rights,
            ("agent", r => Agent(r.Siret, r.Agent)),
            ("partner", r => Partner(r.Siret)),
            ("service", r => r.Service),
            ("profil", r => r.Profil),
            ("purposes", r => string.Join(", ", r.Purposes)),
            ("since", r => _write.Bound(r.From)),
            ("until", r => _write.Bound(r.Until)),
            ("because", r => Positions(r.Because))
        ) with
        {
            Headline = say.Say(
                "answers.could",
                ("count", answer.Rights.Select(r => (r.Siret, r.Agent)).Distinct().Count()),
                ("at", at),
                ("position", $"{answer.Basis.KnownPosition}")
            ),
            Notes = answer.Rights.Count == 0 ? [] : [say.Say("answers.look-at")],
        };
    }

    public Sheet Of(WhoDidAccessResponse answer) =>
        Of(answer.Consultations) with
        {
            Headline = Tally("answers.did", answer.Consultations),
            Notes = Notes(answer.Basis, answer.ForgottenMonths),
        };

    public Sheet Of(IReadOnlyList<ConsultationFound> consultations, Basis basis, IReadOnlyList<string> forgotten) =>
        Of(consultations) with
        {
            Headline = Tally("answers.consultations", consultations),
            Notes = Notes(basis, forgotten),
        };

    public Sheet Of(GetRightsTimelineResponse answer) =>
        Sheet.Of(
            answer.Habilitations.SelectMany(h => h.Segments.Select(s => (Right: h, Segment: s))),
            ("habilitation", r => r.Right.Habilitation),
            ("service", r => r.Right.Service),
            ("profil", r => r.Right.Profil),
            ("from", r => _write.Bound(r.Segment.From)),
            ("until", r => _write.Bound(r.Segment.Until)),
            (
                "state",
                r => r.Segment.Effective ? Cell.Good(say.Say("answers.in-force")) : say.Reasons(r.Segment.Missing)
            ),
            ("by", r => Author(r.Right.GrantedBy)),
            ("because", r => Positions(r.Segment.Because))
        );

    public Sheet Of(GetDisclosuresResponse answer) =>
        new(
            ["recipient", "when", "service", "purpose", "data", "verdict", "staff"],
            [
                .. answer.Disclosures.Select(d =>
                    (IReadOnlyList<Cell>)
                        [
                            Partner(d.Siret),
                            _write.Moment(d.OccurredAt),
                            d.Service,
                            d.Purpose,
                            string.Join(", ", d.Categories),
                            d.Rectified ? say.Say("answers.rectified") : _write.Verdict(d.Verdict),
                            d.Agent.Length == 0 ? say.Say("answers.withheld") : d.Agent,
                        ]
                ),
                .. answer.Withheld.Select(w =>
                    (IReadOnlyList<Cell>)
                        [
                            say.Say("answers.position", ("position", $"{w.Position}")),
                            string.Empty,
                            string.Empty,
                            string.Empty,
                            string.Empty,
                            say.Say(
                                "answers.withheld-by",
                                ("procedure", w.Procedure),
                                ("basis", say.Label("details", w.Basis))
                            ),
                            say.Say("answers.withheld"),
                        ]
                ),
            ]
        )
        {
            Notes = Notes(answer.Basis, answer.ForgottenMonths),
        };

    public Sheet Of(GetBlastRadiusResponse radius) =>
        Sheet.OfPairs(
            (say.Say("answers.reach-consultations"), say.Number(radius.Consultations)),
            (say.Say("answers.reach-files"), say.Number(radius.Files)),
            (
                say.Say("answers.reach-accounts"),
                string.Join(", ", radius.Accounts.Select(a => $"{a.Agent} ({Words.Grouped(a.Siret)})"))
            ),
            (say.Say("answers.reach-addresses"), string.Join(", ", radius.Addresses)),
            (say.Say("answers.reach-services"), string.Join(", ", radius.Services)),
            (say.Say("answers.reach-data"), string.Join(", ", radius.Categories)),
            (say.Say("answers.reach-first"), _write.Moment(radius.First)),
            (say.Say("answers.reach-last"), _write.Moment(radius.Last))
        ) with
        {
            Notes = Notes(radius.Basis, radius.ForgottenMonths),
        };

    public Sheet Of(ListTraceReadsResponse answer) =>
        Sheet.Of(
            answer.Reads,
            ("position", r => Position(r.Position)),
            ("when", r => _write.Moment(r.RecordedAt)),
            ("by", r => Author(r.Actor)),
            ("question", r => say.Label("questions", r.Question)),
            ("of", r => say.Asked(r.Of)),
            ("request", r => r.TraceRequest)
        );

    private Sheet Of(IReadOnlyList<ConsultationFound> consultations) =>
        Sheet.Of(
            consultations,
            ("position", c => Position(c.Position)),
            ("when", c => _write.Moment(c.OccurredAt)),
            ("agent", c => Agent(c.Siret, c.Agent)),
            ("partner", c => Partner(c.Siret)),
            ("through", c => $"{c.Service} {c.Profil}"),
            ("purpose", c => c.Purpose),
            ("file", c => c.BusinessFile),
            ("then", c => _write.Verdict(c.AsKnownThen)),
            (
                "afterwards",
                c =>
                    c.RectifiedBy is { } by
                        ? say.Say("verdicts.rectified", ("position", $"{by.Position}"))
                        : _write.Verdict(c.AsKnownAt)
            ),
            ("why", c => string.Join(' ', c.Learnt.Select(a => a.Sentence)))
        ) with
        {
            Nothing = say.Say("answers.no-consultation"),
        };

    private string? Tally(string key, IReadOnlyCollection<ConsultationFound> consultations) =>
        consultations.Count == 0 ? null : say.Tally(key, consultations);

    private IReadOnlyList<string> Notes(Basis basis, IReadOnlyList<string> forgotten) =>
        [
            _write.Basis(basis),
            .. basis.FileErased ? [say.Say("answers.erased")] : Array.Empty<string>(),
            .. forgotten.Count > 0
                ? [say.Say("answers.forgotten", ("months", string.Join(", ", forgotten)))]
                : Array.Empty<string>(),
        ];
}
