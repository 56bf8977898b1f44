using System.Globalization;
using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;
using Ledger.Domain.Procedures;
using Ledger.Domain.Questions;
using Ledger.Domain.Rights;

namespace Ledger.Domain.Reviews;

/// <summary>An alert, as a review counts it.</summary>
/// <param name="Rule">The rule that raised it.</param>
/// <param name="Outcome">How it was qualified; empty for one that waits.</param>
/// <param name="Because">The positions of its events.</param>
public sealed record ReviewedAlert(string Rule, string Outcome, IReadOnlyList<long> Because);

/// <summary>
/// What was used under a convention in a year, and the alerts on it: what the journals know and the rights do not.
/// </summary>
/// <param name="Consultations">How many files were opened.</param>
/// <param name="Irregular">How many of them without right, as known then.</param>
/// <param name="Used">The habilitations that were used.</param>
/// <param name="Alerts">The alerts.</param>
public sealed record YearOfUse(
    long Consultations,
    long Irregular,
    IReadOnlySet<HabilitationId> Used,
    IReadOnlyList<ReviewedAlert> Alerts
);

/// <summary>One line of the review.</summary>
/// <param name="Section">Which part.</param>
/// <param name="Item">What is counted or judged, by a stable name.</param>
/// <param name="Value">
/// How many, or the verdict. A count of persons or rights from 1 to 4 is not told: it would name them.
/// </param>
/// <param name="Because">The positions behind it; none behind a suppressed count.</param>
/// <param name="Of">Of which profile, purpose, status, rule or prestataires; null for all.</param>
/// <param name="Outcome">For alerts, how they were qualified; empty for those that wait.</param>
public sealed record ReviewLine(
    string Section,
    string Item,
    string Value,
    IReadOnlyList<long> Because,
    string? Of = null,
    string? Outcome = null
);

/// <summary>The bilan of a convention and a year: art. 16. No statistics on any one agent.</summary>
public static class AnnualReview
{
    private const int Fewest = 5;

    /// <summary>The review of the year between two days, the second excluded.</summary>
    public static IReadOnlyList<ReviewLine> Of(
        Knowledge known,
        ConventionId convention,
        DateOnly from,
        DateOnly until,
        YearOfUse use
    )
    {
        var partenariat = known.Require(convention);
        var siret = partenariat.Convention.Siret;
        var end = LegalTime.StartOf(until);
        var rights = known.Of(convention).Where(h => h.Granted.At < end).ToList();
        var lines = new List<ReviewLine>();
        Count("grants-by-profil", rights, h => $"{h.Granted.Service} {h.Granted.Profil}");
        foreach (var purpose in rights.SelectMany(h => h.Granted.Purposes).Distinct().Order())
        {
            var served = rights.FindAll(h => h.Granted.Purposes.Contains(purpose));
            lines.Add(
                new ReviewLine("grants", "grants-by-purpose", Told(served.Count), Positions(served), purpose.Value)
            );
        }

        Count("grants-by-status", rights, h => StatusAt(known, h, end));
        var reviewed = rights.FindAll(h => h.Facts.Any(f => f.Event is HabilitationReviewed e && Within(e.At)));
        lines.Add(new ReviewLine("reviews", "rights-reviewed", Told(reviewed.Count), Positions(reviewed)));
        var unused = rights.FindAll(h =>
            StatusAt(known, h, end) == "effective" && !use.Used.Contains(h.Granted.Event.Habilitation)
        );
        lines.Add(new ReviewLine("use", "rights-not-used", Told(unused.Count), Positions(unused)));
        lines.Add(new ReviewLine("use", "consultations", Told(use.Consultations), []));
        lines.Add(new ReviewLine("use", "consultations-without-right", Told(use.Irregular), []));

        foreach (var rule in use.Alerts.GroupBy(a => (a.Rule, a.Outcome)).OrderBy(g => g.Key))
        {
            lines.Add(
                new ReviewLine(
                    "anomalies",
                    "anomalies",
                    Told(rule.Count()),
                    Some([.. rule.SelectMany(a => a.Because)], rule.Count()),
                    rule.Key.Rule,
                    rule.Key.Outcome
                )
            );
        }

        var delays = GovernanceQuestions
            .ReportingDelays(known, 1, siret)
            .Where(f => f.Convention == convention && f.On >= from && f.On < until)
            .ToList();
        lines.Add(
            new ReviewLine(
                "signalling",
                "late-signals",
                Told(delays.Count),
                Some([.. delays.SelectMany(d => d.Because)], delays.Count)
            )
        );
        lines.Add(
            new ReviewLine(
                "signalling",
                "longest-delay",
                (delays.Max(d => d.Days) ?? 0).ToString(CultureInfo.InvariantCulture),
                []
            )
        );
        var incidents = Opened("incident");
        lines.Add(
            new ReviewLine(
                "incidents",
                "incidents-reported",
                incidents.Count.ToString(CultureInfo.InvariantCulture),
                [.. incidents.Select(p => p.Facts.First().Position).Order()]
            )
        );
        foreach (var prestataire in GovernanceQuestions.Prestataires(known, siret, until.AddDays(-1)))
        {
            lines.Add(
                new ReviewLine(
                    "prestataires",
                    "prestataires",
                    prestataire.Kind,
                    prestataire.Because,
                    prestataire.Particulars["prestataires"]
                )
            );
        }

        Judge("departures-signalled", delays.TrueForAll(d => d.Kind != "departure"), delays);
        Judge("incidents-signalled", delays.TrueForAll(d => d.Kind != "incident"), delays);
        var questionable = QuestionableActs
            .Of(known)
            .Where(f => f.Kind is "grantor-not-entitled" or "grant-to-oneself")
            .Where(f => f.Convention == convention && f.On >= from && f.On < until)
            .ToList();
        Judge("granted-by-the-entitled", questionable.Count == 0, questionable);
        Judge("opened-with-a-right", use.Irregular == 0, []);
        Judge("staff-aware", Opened("awareness").Count > 0, []);
        Judge(
            "prestataires-committed",
            GovernanceQuestions
                .Prestataires(known, siret, until.AddDays(-1))
                .All(p => p.Kind is "covered" or "over" or "in-notice"),
            []
        );
        return lines;

        bool Within(DateTimeOffset at) => at >= LegalTime.StartOf(from) && at < end;
        List<Procedure> Opened(string kind) =>
            [
                .. known.Procedures.Where(p =>
                    p.Kind.Name == kind
                    && p.Opening.Convention == convention
                    && p.Opening.On >= from
                    && p.Opening.On < until
                    && p.Facts.Any()
                ),
            ];
        void Judge(string obligation, bool kept, IReadOnlyList<Finding> findings) =>
            lines.Add(
                new ReviewLine(
                    "obligations",
                    obligation,
                    kept ? "kept" : "not-kept",
                    [.. findings.SelectMany(f => f.Because).Distinct().Order()]
                )
            );
        void Count(string item, List<Habilitation> of, Func<Habilitation, string> key)
        {
            foreach (var group in of.GroupBy(key).OrderBy(g => g.Key, StringComparer.Ordinal))
            {
                lines.Add(new ReviewLine("grants", item, Told(group.Count()), Positions([.. group]), group.Key));
            }
        }
    }

    /// <summary>A count as it may be told: 0, or 5 and more; between, that it is between.</summary>
    public static string Told(long count) =>
        count is > 0 and < Fewest ? $"1-{Fewest - 1}" : count.ToString(CultureInfo.InvariantCulture);

    private static IReadOnlyList<long> Positions(List<Habilitation> rights) =>
        Some([.. rights.Select(h => h.Granted.Position)], rights.Count);

    private static IReadOnlyList<long> Some(IReadOnlyList<long> positions, int count) =>
        count is > 0 and < Fewest ? [] : [.. positions.Distinct().Order()];

    private static string StatusAt(Knowledge known, Habilitation habilitation, DateTimeOffset end)
    {
        var segment = known.RightsOf(habilitation).Last(s => s.From < end);
        return segment.IsEffective ? "effective" : ReasonNames.Of(segment.Missing[0]);
    }
}
