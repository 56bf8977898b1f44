using Caf.Ledger.V1;
using Ledger.Presentation;
using static Ledger.Answers.Writing;

namespace Ledger.Answers;

/// <summary>Answers about partners, services and cases.</summary>
/// <param name="say">In which language.</param>
internal sealed class GovernanceSheets(Words say)
{
    private readonly Writing _write = new(say);

    public Sheet Of(IEnumerable<HabilitationState> rights) =>
        Sheet.Of(
            rights,
            ("agent", r => Agent(r.Siret, r.Agent)),
            ("partner", r => Partner(r.Siret)),
            ("through", r => $"{r.Service} {r.Profil}"),
            ("purposes", r => string.Join(", ", r.Purposes)),
            ("since", r => _write.Bound(r.From)),
            ("until", r => _write.Bound(r.Until)),
            ("state", r => r.Effective ? Cell.Good(say.Say("answers.in-force")) : Cell.Bad(say.Reasons(r.Missing))),
            ("because", r => Positions(r.Because))
        );

    public Sheet Of(IEnumerable<ConventionState> conventions) =>
        Sheet.Of(
            conventions,
            ("convention", c => c.Number),
            ("partner", c => Partner(c.Siret)),
            ("since", c => _write.Day(c.InForceFrom)),
            ("until", c => _write.Day(c.EndsOn)),
            (
                "state",
                c =>
                    c.InForce
                        ? Cell.Good(say.Say("answers.in-force"))
                        : Cell.Bad(say.Label("reasons", "convention-not-in-force"))
            ),
            ("mode", c => say.Say($"answers.mode-{c.Mode}")),
            ("purposes", c => string.Join(", ", c.Missions)),
            ("contract", c => c.Contract),
            ("because", c => Positions(c.Because))
        );

    public Sheet Services(IEnumerable<ConventionState> conventions) =>
        Sheet.Of(
            conventions.SelectMany(c => c.Services.Select(s => (Convention: c, Service: s))),
            ("service", s => Service(s.Service.Service)),
            ("partner", s => Partner(s.Convention.Siret)),
            ("open", s => Stretches(s.Service.Open)),
            ("profil", s => string.Join(", ", s.Service.Profils)),
            ("purposes", s => string.Join(", ", s.Service.Purposes))
        );

    public Sheet Offices(IEnumerable<ConventionState> conventions) =>
        Sheet.Of(
            conventions.SelectMany(c => c.Offices.Select(o => (Convention: c, Office: o))),
            ("agent", o => Agent(o.Convention.Siret, o.Office.Agent)),
            ("rank", o => say.Say($"answers.rank-{o.Office.Rank}")),
            ("office", o => Stretches(o.Office.Held))
        );

    private string Stretches(IEnumerable<Stretch> stretches) =>
        string.Join(" ; ", stretches.Select(s => $"{_write.Bound(s.From).Text} → {_write.Bound(s.Until).Text}"));
}
