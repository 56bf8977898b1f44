using Caf.Ledger.V1;
using Ledger.Answers;
using Ledger.Presentation;
using static Ledger.Cli.Answers.Writing;

namespace Ledger.Cli.Answers;

/// <summary>Answers about who could, who did, and what else was used.</summary>
internal static class AccessSheets
{
    public static Sheet Of(WhoCouldAccessResponse answer)
    {
        var at = answer.At.ToDateTimeOffset();
        return Sheet.Of(
            answer.Rights,
            ("agent", r => r.Agent),
            ("partner", r => Partner(r.Siret)),
            ("service", r => r.Service),
            ("profil", r => r.Profil),
            ("purposes", r => string.Join(", ", r.Purposes)),
            ("since", r => Bound(r.From)),
            ("until", r => Bound(r.Until)),
            ("because", r => Positions(r.Because))
        ) with
        {
            Headline = Words.Spoken.Say(
                "answers.could",
                ("count", answer.Rights.Select(r => (r.Siret, r.Agent)).Distinct().Count()),
                ("at", at),
                ("position", $"{answer.Basis.KnownPosition}")
            ),
            Notes = answer.Rights.Count == 0 ? [] : [Words.Spoken.Say("answers.look-at")],
        };
    }

    public static Sheet Of(WhoDidAccessResponse answer) =>
        Of(answer.Consultations) with
        {
            Headline = Tally("answers.did", answer.Consultations),
            Notes = Notes(answer.Basis, answer.ForgottenMonths),
        };

    public static Sheet Of(
        IReadOnlyList<ConsultationFound> consultations,
        Basis basis,
        IReadOnlyList<string> forgotten
    ) =>
        Of(consultations) with
        {
            Headline = Tally("answers.consultations", consultations),
            Notes = Notes(basis, forgotten),
        };

    public static Sheet Of(GetRightsTimelineResponse answer) =>
        Sheet.Of(
            answer.Habilitations.SelectMany(h => h.Segments.Select(s => (Right: h, Segment: s))),
            ("habilitation", r => r.Right.Habilitation),
            ("service", r => r.Right.Service),
            ("profil", r => r.Right.Profil),
            ("from", r => Bound(r.Segment.From)),
            ("until", r => Bound(r.Segment.Until)),
            (
                "state",
                r =>
                    r.Segment.Effective
                        ? Cell.Good(Words.Spoken.Say("answers.in-force"))
                        : Words.Spoken.Reasons(r.Segment.Missing)
            ),
            ("by", r => Author(r.Right.GrantedBy)),
            ("because", r => Positions(r.Segment.Because))
        );

    public static Sheet Of(GetDisclosuresResponse answer) =>
        new(
            ["recipient", "when", "service", "purpose", "data", "verdict", "staff"],
            [
                .. answer.Disclosures.Select(d =>
                    (IReadOnlyList<Cell>)
                        [
                            Partner(d.Siret),
                            Moment(d.OccurredAt),
                            d.Service,
                            d.Purpose,
                            string.Join(", ", d.Categories),
                            d.Rectified ? Words.Spoken.Say("answers.rectified") : Verdict(d.Verdict),
                            d.Agent.Length == 0 ? Words.Spoken.Say("answers.withheld") : d.Agent,
                        ]
                ),
                .. answer.Withheld.Select(w =>
                    (IReadOnlyList<Cell>)
                        [
                            Words.Spoken.Say("answers.position", ("position", $"{w.Position}")),
                            string.Empty,
                            string.Empty,
                            string.Empty,
                            string.Empty,
                            Words.Spoken.Say(
                                "answers.withheld-by",
                                ("procedure", w.Procedure),
                                ("basis", Words.Spoken.Label("details", w.Basis))
                            ),
                            Words.Spoken.Say("answers.withheld"),
                        ]
                ),
            ]
        )
        {
            Notes = Notes(answer.Basis, answer.ForgottenMonths),
        };

    public static Sheet Of(GetBlastRadiusResponse radius) =>
        Sheet.OfPairs(
            (Words.Spoken.Say("answers.reach-consultations"), Words.Spoken.Number(radius.Consultations)),
            (Words.Spoken.Say("answers.reach-files"), Words.Spoken.Number(radius.Files)),
            (
                Words.Spoken.Say("answers.reach-accounts"),
                string.Join(", ", radius.Accounts.Select(a => $"{a.Agent} ({Words.Grouped(a.Siret)})"))
            ),
            (Words.Spoken.Say("answers.reach-addresses"), string.Join(", ", radius.Addresses)),
            (Words.Spoken.Say("answers.reach-services"), string.Join(", ", radius.Services)),
            (Words.Spoken.Say("answers.reach-data"), string.Join(", ", radius.Categories)),
            (Words.Spoken.Say("answers.reach-first"), Moment(radius.First)),
            (Words.Spoken.Say("answers.reach-last"), Moment(radius.Last))
        ) with
        {
            Notes = Notes(radius.Basis, radius.ForgottenMonths),
        };

    public static Sheet Of(ListTraceReadsResponse answer) =>
        Sheet.Of(
            answer.Reads,
            ("position", r => $"{r.Position}"),
            ("when", r => Moment(r.RecordedAt)),
            ("by", r => Author(r.Actor)),
            ("question", r => Words.Spoken.Label("questions", r.Question)),
            ("of", r => QuestionWords.Of(r.Of)),
            ("request", r => r.TraceRequest)
        );

    private static Sheet Of(IReadOnlyList<ConsultationFound> consultations) =>
        Sheet.Of(
            consultations,
            ("position", c => $"{c.Position}"),
            ("when", c => Moment(c.OccurredAt)),
            ("agent", c => c.Agent),
            ("partner", c => Partner(c.Siret)),
            ("through", c => $"{c.Service} {c.Profil}"),
            ("purpose", c => c.Purpose),
            ("file", c => c.BusinessFile),
            ("then", c => Verdict(c.AsKnownThen)),
            (
                "afterwards",
                c =>
                    c.RectifiedBy is { } by
                        ? Words.Spoken.Say("verdicts.rectified", ("position", $"{by.Position}"))
                        : Verdict(c.AsKnownAt)
            ),
            ("why", c => string.Join(' ', c.Learnt.Select(a => a.Sentence)))
        ) with
        {
            Nothing = Words.Spoken.Say("answers.no-consultation"),
        };

    private static string? Tally(string key, IReadOnlyCollection<ConsultationFound> consultations) =>
        consultations.Count == 0 ? null : Words.Spoken.Tally(key, consultations);

    private static IReadOnlyList<string> Notes(Basis basis, IReadOnlyList<string> forgotten) =>
        [
            Basis(basis),
            .. basis.FileErased ? [Words.Spoken.Say("answers.erased")] : Array.Empty<string>(),
            .. forgotten.Count > 0
                ? [Words.Spoken.Say("answers.forgotten", ("months", string.Join(", ", forgotten)))]
                : Array.Empty<string>(),
        ];
}
